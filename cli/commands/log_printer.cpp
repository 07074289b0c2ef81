// Prints the logs of a job's pods line by line, each with its rank when there are several.
#include "cli/commands/log_printer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/term/escapes.h"
#include "cli/term/output.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t max_streams = 250;         // at once: each is a connection
constexpr std::size_t max_unwritten = 64 << 10;  // bytes
// After the end of the job: for pods to end as well, and without any line before the rest is given up.
constexpr std::chrono::milliseconds pods_grace = 1500ms;
constexpr std::chrono::seconds lines_grace = 4s;

// What a kubelet puts in the place of a log that it cannot read. A container's lines have a stamp before them.
constexpr std::array<std::string_view, 5> kubelet_words{"failed to create fsnotify watcher", "failed to open log file",
                                                        "failed to try resolving symlinks", "failed to watch directory",
                                                        "unable to retrieve container logs"};

bool is_kubelets(const kube::LogLine& line) {
    return line.stamp.empty() &&
           std::ranges::any_of(kubelet_words, [&](std::string_view words) { return line.text.starts_with(words); });
}

std::string mark_of(int rank, bool color) {
    using term::Ink;
    constexpr std::array inks{Ink::blue, Ink::green, Ink::yellow, Ink::bold, Ink::plain};
    const Ink ink = inks[static_cast<std::size_t>(std::max(0, rank)) % inks.size()];
    return term::ink(fmt::format("[{}]", rank < 0 ? "?" : std::to_string(rank)), ink, color) + " ";
}

}  // namespace

// The log of one pod on its way to the output.
class LogPrinter::Source final : public kube::LogSink {
public:
    Source(LogPrinter& printer, const kube::PodState& pod)
        : printer_(printer),
          pod_(pod.name),
          mark_(mark_of(pod.rank, printer.session_.out_color())),
          stream_(printer.client_, printer.namespace_, pod.name,
                  printer.options_.container.empty() ? pod.container : printer.options_.container, printer.options_.log,
                  *this) {}

    kube::LogStream& stream() { return stream_; }
    const std::string& pod() const { return pod_; }
    const std::string& mark() const { return mark_; }

    void line(const kube::LogLine& line) override {
        if (!is_kubelets(line)) return printer_.put(*this, line);
        printer_.unread_ = true;
        printer_.session_.warn(
            fmt::format("the node of pod {} cannot give this log: {}", printable(pod_), printable(line.text)));
    }

    void restarted() override {
        printer_.flush();
        printer_.session_.note(fmt::format("the container of pod {} was restarted", printable(pod_)));
    }

    void interrupted() override {
        printer_.flush();
        printer_.session_.note(fmt::format(
            "lines of pod {} may be missing: its log was rotated while the connection was broken", printable(pod_)));
    }

private:
    LogPrinter& printer_;
    std::string pod_, mark_;
    kube::LogStream stream_;
};

LogPrinter::LogPrinter(term::Session& session, kube::KubeClient& client, std::string in_namespace,
                       LogPrinterOptions options)
    : session_(session), client_(client), namespace_(std::move(in_namespace)), options_(std::move(options)) {}

LogPrinter::~LogPrinter() {
    try {
        flush();
    } catch (const Error&) {  // nobody is left to read it
    }
}

// A pod of an operator comes back under its name, with another uid.
void LogPrinter::open(const kube::PodState& pod) {
    const std::string key = pod.name + "/" + pod.uid;
    if (streams_.contains(key)) return;
    if (active_ >= max_streams) {
        ++waiting_;
        if (!std::exchange(bounded_, true))
            session_.note(fmt::format(
                "reading the logs of {} pods at once; others follow as these end, or now with: ktrain logs --rank N",
                max_streams));
        return;
    }
    std::erase_if(streams_, [&](const auto& entry) { return entry.second && entry.second->pod() == pod.name; });
    streams_[key] = std::make_unique<Source>(*this, pod);
    ++active_;
}

void LogPrinter::step(const std::vector<kube::PodState>& pods, bool prefix) {
    move(pods, prefix, {});
}

bool LogPrinter::finish(const std::vector<kube::PodState>& pods, bool prefix) {
    const Time now = client_.clock().steady();
    if (!ended_) ended_ = now;
    move(pods, prefix, now - *ended_);
    if (done()) return true;
    if (now - std::max(*ended_, heard_) < lines_grace) return false;
    const std::string why = trouble();
    session_.warn(
        fmt::format("the logs may lack their end: {}", why.empty() ? "no more of them comes" : printable(why)));
    return true;
}

void LogPrinter::move(const std::vector<kube::PodState>& pods, bool prefix, std::chrono::nanoseconds since_end) {
    prefix_ = prefix;
    flush();
    waiting_ = 0;
    std::map<std::string, const kube::PodState*> by_key;
    for (const kube::PodState& pod : pods) {
        by_key[pod.name + "/" + pod.uid] = &pod;
        if (pod.begun && (!options_.rank || pod.rank == *options_.rank)) open(pod);
    }
    active_ = 0;
    for (auto& [key, source] : streams_) {
        if (!source) continue;
        const auto found = by_key.find(key);
        const bool gone = found == by_key.end();
        // What a pod writes when it has been told to end is worth waiting for: it may save its work.
        const auto grace = gone ? 0s : found->second->grace.value_or(0s);
        if (grace > 0s && since_end < grace + pods_grace) heard_ = client_.clock().steady();
        source->stream().step({.ended = gone || found->second->ended,
                               .abandoned = since_end >= grace + pods_grace,
                               .restarts = gone ? 0 : found->second->restarts});
        if (source->stream().done())
            source.reset();
        else
            ++active_;
    }
}

void LogPrinter::put(const Source& source, const kube::LogLine& line) {
    put_ = true;
    if (prefix_) text_ += source.mark();
    if (options_.timestamps && !line.stamp.empty()) {
        text_ += line.stamp;
        text_ += ' ';
    }
    if (term::has_escapes(line.text))
        text_ += term::without_escapes(line.text, session_.out_color());
    else
        text_ += line.text;
    text_ += '\n';
    if (text_.size() >= max_unwritten) flush();
}

void LogPrinter::flush() {
    if (text_.empty()) return;
    heard_ = client_.clock().steady();
    session_.out.write(text_);
    text_.clear();
    session_.out.flush();
}

std::string LogPrinter::trouble() const {
    for (const auto& [name, source] : streams_)
        if (source && !source->stream().trouble().empty()) return source->stream().trouble();
    return {};
}

}  // namespace ktrain
