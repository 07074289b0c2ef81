// Prints the logs of a job's pods line by line, each with its rank when there are several.
#include "cli/commands/log_printer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/term/output.h"
#include "core/base/escapes.h"
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

std::string mark_of(const std::string& name, int rank, bool color) {
    using term::Ink;
    constexpr std::array inks{Ink::blue, Ink::green, Ink::yellow, Ink::bold, Ink::plain};
    const Ink ink = inks[static_cast<std::size_t>(std::max(0, rank)) % inks.size()];
    return term::ink(fmt::format("[{}]", name), ink, color) + " ";
}

std::string key_of(const kube::PodState& pod, const std::string& container) {
    return pod.name + "/" + pod.uid + "/" + container;
}

}  // namespace

// The log of one container on its way to the output.
class LogPrinter::Source final : public kube::LogSink {
public:
    Source(LogPrinter& printer, const kube::PodState& pod, const std::string& container)
        : printer_(printer),
          pod_(pod.name),
          container_(container),
          stream_(printer.client_, printer.namespace_, pod.name, container, printer.options_.log, *this) {
        const bool color = printer.session_.out_color();
        const std::string rank = pod.rank < 0 ? "?" : std::to_string(pod.rank);
        if (printer.options_.all_containers) mark_alone_ = mark_of(printable(container), pod.rank, color);
        mark_ = mark_of(printer.options_.all_containers ? rank + "/" + printable(container) : rank, pod.rank, color);
    }

    kube::LogStream& stream() { return stream_; }
    const std::string& pod() const { return pod_; }
    const std::string& container() const { return container_; }
    // What stands before a line: with the rank where there are several.
    const std::string& mark(bool with_rank) const { return with_rank ? mark_ : mark_alone_; }

    void line(const kube::LogLine& line) override {
        if (!is_kubelets(line)) return printer_.put(*this, line);
        printer_.unread_ = true;
        printer_.session_.warn(
            fmt::format("the node of pod {} cannot give this log: {}", printable(pod_), printable(line.text)));
    }

    void restarted() override {
        printer_.flush();
        const std::string which = printer_.options_.all_containers ? "container " + container_ : "the container";
        printer_.session_.note(printable(fmt::format("{} of pod {} was restarted", which, pod_)));
    }

    void interrupted() override {
        printer_.flush();
        printer_.session_.note(fmt::format(
            "lines of pod {} may be missing: its log was rotated while the connection was broken", printable(pod_)));
    }

private:
    LogPrinter& printer_;
    std::string pod_, container_, mark_, mark_alone_;
    kube::LogStream stream_;
};

LogPrinter::LogPrinter(term::Session& session, kube::KubeClient& client, std::string in_namespace,
                       LogPrinterOptions options)
    : session_(session), client_(client), namespace_(std::move(in_namespace)), options_(std::move(options)) {}

LogPrinter::~LogPrinter() {
    try {
        flush();
    } catch (const std::exception&) {  // nobody is left to read it
    }
}

// The containers of the pod whose logs are wanted. A name that the pod has no status of is left to the server.
std::vector<kube::ContainerState> LogPrinter::wanted(const kube::PodState& pod) const {
    std::vector<kube::ContainerState> out;
    const std::string& name = options_.container.empty() ? pod.container : options_.container;
    for (const kube::ContainerState& one : pod.containers) {
        if (!options_.all_containers && one.name != name) continue;
        out.push_back(one);
        // Of all only those that there is something of; of one the server says that there is nothing.
        if (options_.all_containers && options_.log.previous) out.back().begun = one.restarts > 0;
    }
    if (out.empty() && !options_.all_containers)
        out.push_back({.name = name, .restarts = pod.restarts, .begun = pod.begun, .ended = pod.ended});
    return out;
}

// A pod of an operator comes back under its name, with another uid.
void LogPrinter::open(const kube::PodState& pod, const kube::ContainerState& container) {
    const std::string key = key_of(pod, container.name);
    if (streams_.contains(key)) return;
    if (active_ >= max_streams) {
        ++waiting_;
        if (!std::exchange(bounded_, true))
            session_.note(
                fmt::format("reading {} logs at once; others follow as these end, or now with: ktrain logs JOB "
                            "--rank N -n {}{}",
                            max_streams, namespace_, client_.server().flags));
        return;
    }
    std::erase_if(streams_, [&](const auto& entry) {
        return entry.second && entry.second->pod() == pod.name && entry.second->container() == container.name;
    });
    streams_[key] = std::make_unique<Source>(*this, pod, container.name);
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
    struct Wanted {
        kube::ContainerState container;
        std::chrono::seconds grace;  // of its pod
    };
    std::map<std::string, Wanted> by_key;
    for (const kube::PodState& pod : pods) {
        for (kube::ContainerState& container : wanted(pod)) {
            if (container.begun && (!options_.rank || pod.rank == *options_.rank)) open(pod, container);
            std::string key = key_of(pod, container.name);
            by_key[std::move(key)] = {std::move(container), pod.grace.value_or(0s)};
        }
    }
    active_ = 0;
    for (auto& [key, source] : streams_) {
        if (!source) continue;
        const auto found = by_key.find(key);
        const bool gone = found == by_key.end();
        // What a pod writes when it has been told to end is worth waiting for: it may save its work.
        const auto grace = gone ? 0s : found->second.grace;
        if (grace > 0s && since_end < grace + pods_grace) heard_ = client_.clock().steady();
        source->stream().step({.ended = gone || found->second.container.ended,
                               .abandoned = since_end >= grace + pods_grace,
                               .restarts = gone ? 0 : found->second.container.restarts});
        if (source->stream().done())
            source.reset();
        else
            ++active_;
    }
}

void LogPrinter::put(const Source& source, const kube::LogLine& line) {
    put_ = true;
    text_ += source.mark(prefix_);
    if (options_.timestamps && !line.stamp.empty()) {
        text_ += line.stamp;
        text_ += ' ';
    }
    if (has_escapes(line.text))
        text_ += without_escapes(line.text, session_.out_color());
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
