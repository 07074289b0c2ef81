// Prints the logs of a job's pods line by line, each with its rank when there are several.
#include "cli/commands/log_printer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/term/output.h"

namespace ktrain {
namespace {

constexpr std::size_t max_streams = 200;  // each is a connection

}  // namespace

LogPrinter::LogPrinter(term::Session& session, kube::KubeClient& client, std::string in_namespace,
                       LogPrinterOptions options)
    : session_(session), client_(client), namespace_(std::move(in_namespace)), options_(options) {}

void LogPrinter::step(const std::vector<kube::PodState>& pods, bool prefix) {
    prefix_ = prefix;
    for (const kube::PodState& pod : pods) {
        if (!pod.begun || (options_.rank && pod.rank != *options_.rank)) continue;
        auto& stream = streams_[pod.name];
        if (!stream && streams_.size() > max_streams) {
            streams_.erase(pod.name);
            if (!bounded_)
                session_.note(
                    fmt::format("following {} pods; the logs of the others: ktrain logs --rank N", max_streams));
            bounded_ = true;
            continue;
        }
        if (!stream) {
            stream = std::make_unique<kube::LogStream>(
                client_, namespace_, pod.name, pod.container, options_.log,
                [this, rank = pod.rank](std::string_view stamp, std::string_view text) { print(rank, stamp, text); });
        }
        stream->step(pod.ended);
    }
    for (auto& [name, stream] : streams_) {
        const bool gone = std::none_of(pods.begin(), pods.end(), [&](const auto& pod) { return pod.name == name; });
        if (gone) stream->step(true);
    }
}

void LogPrinter::print(int rank, std::string_view stamp, std::string_view text) {
    using term::Ink;
    constexpr std::array inks{Ink::blue, Ink::green, Ink::yellow, Ink::bold, Ink::plain};
    std::string line;
    if (prefix_) {
        const Ink color = inks[static_cast<std::size_t>(std::max(0, rank)) % inks.size()];
        line +=
            term::ink(fmt::format("[{}]", rank < 0 ? "?" : std::to_string(rank)), color, session_.out_color()) + " ";
    }
    if (options_.timestamps && !stamp.empty()) line += std::string(stamp) + " ";
    line += text;
    session_.out.write(line + "\n");
}

bool LogPrinter::done() const {
    return std::all_of(streams_.begin(), streams_.end(), [](const auto& entry) { return entry.second->done(); });
}

std::string LogPrinter::trouble() const {
    for (const auto& [name, stream] : streams_)
        if (!stream->done() && !stream->trouble().empty()) return stream->trouble();
    return {};
}

}  // namespace ktrain
