// The log of one pod's container, read to its end across broken connections: no line lost, none twice.
//
// Lines are asked for with their time stamps. After a break the log is asked for again from the second of the last
// stamp on (the server knows no finer), and what has been given out already is dropped: older stamps, and as many
// lines of the same stamp as were seen.
#include "core/kube/log_stream.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/kube/timestamp.h"

namespace ktrain::kube {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds first_backoff = 500ms;
constexpr std::chrono::milliseconds last_backoff = 10s;
constexpr std::chrono::milliseconds after_clean_end = 1s;
constexpr int max_failures = 3;  // in a row, when the log is only read and not followed
constexpr std::size_t max_line_bytes = 16u << 20;

// The stamp at the start of a line, or empty.
std::string_view stamp_of(std::string_view line) {
    const std::string_view word = line.substr(0, line.find(' '));
    return parse_time(word) ? word : std::string_view();
}

// Orders stamps of any number of fraction digits: "...05Z" < "...05.1Z" < "...05.12Z".
bool earlier(std::string_view a, std::string_view b) {
    const auto ta = parse_time(a), tb = parse_time(b);
    if (ta && tb && *ta != *tb) return *ta < *tb;
    return false;
}

}  // namespace

LogStream::LogStream(KubeClient& client, std::string in_namespace, std::string pod, std::string container,
                     LogOptions options, Sink sink)
    : client_(client),
      namespace_(std::move(in_namespace)),
      pod_(std::move(pod)),
      container_(std::move(container)),
      options_(options),
      sink_(std::move(sink)) {}

LogStream::~LogStream() {
    if (stream_) client_.close(*stream_);
}

std::string LogStream::query() const {
    std::string out = "?timestamps=true";
    if (!container_.empty()) out += "&container=" + percent_encode(container_);
    if (options_.follow && !final_pass_) out += "&follow=true";
    if (options_.previous) out += "&previous=true";
    if (!last_stamp_.empty()) return out + "&sinceTime=" + percent_encode(format_time(*parse_time(last_stamp_)));
    if (options_.tail) out += fmt::format("&tailLines={}", *options_.tail);
    if (options_.since) out += fmt::format("&sinceSeconds={}", std::max<std::int64_t>(1, options_.since->count()));
    return out;
}

void LogStream::step(bool ended) {
    if (fatal_) throw *fatal_;
    if (done_ || stream_ || client_.clock().steady() < due_) return;
    final_pass_ = ended || !options_.follow;
    to_skip_ = same_stamp_;
    catching_up_ = !last_stamp_.empty();
    line_.clear();
    static const Resource pods = *built_in_resource("v1", "Pod");
    stream_ = client_.open(pods.path(namespace_, pod_) + "/log" + query(), *this);
}

void LogStream::on_open() {
    trouble_.clear();
    backoff_ = 0ms;
}

void LogStream::on_data(std::string_view piece) {
    failures_ = 0;
    while (!piece.empty()) {
        const std::size_t end = piece.find('\n');
        line_ += piece.substr(0, end);
        if (end != std::string_view::npos || line_.size() > max_line_bytes) {
            const std::string line = std::exchange(line_, {});
            take_line(line);
        }
        if (end == std::string_view::npos) return;
        piece.remove_prefix(end + 1);
    }
}

void LogStream::take_line(std::string_view line) {
    const std::string_view stamp = stamp_of(line);
    if (stamp.empty()) {
        sink_("", line);
        return;
    }
    std::string_view text = line.substr(std::min(line.size(), stamp.size() + 1));
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (catching_up_) {
        if (earlier(stamp, last_stamp_)) return;
        if (stamp == last_stamp_ && to_skip_ > 0) {
            --to_skip_;
            return;
        }
        catching_up_ = false;
    }
    same_stamp_ = stamp == last_stamp_ ? same_stamp_ + 1 : 1;
    last_stamp_ = stamp;
    sink_(stamp, text);
}

void LogStream::on_end(const HttpReply& reply) {
    stream_.reset();
    const auto now = client_.clock().steady();
    if (reply.trouble == Trouble::none && reply.status >= 200 && reply.status < 300) {
        if (!line_.empty()) take_line(std::exchange(line_, {}));  // a last line without its end
        done_ = final_pass_;
        due_ = now + after_clean_end;
        return;
    }
    line_.clear();
    if (reply.trouble == Trouble::none && (reply.status == 404 || reply.status == 410) && !status_of(reply).is_null()) {
        done_ = true;
        return;
    }
    const Error error = error_of(reply, {"read the log of", "pod/" + pod_, namespace_}, client_.server());
    const bool renewed = reply.status == 401 && backoff_ == 0ms && client_.renew_credentials();
    const bool waiting = reply.status == 400 && options_.follow;  // the container does not run yet
    ++failures_;
    if (!renewed && !waiting && (!no_answer(error) || (!options_.follow && failures_ > max_failures))) fatal_ = error;
    backoff_ = backoff_ == 0ms ? first_backoff : std::min(backoff_ * 2, last_backoff);
    due_ = now + backoff_;
    trouble_ = waiting ? error.message : words_of(Retry{error.message, failures_ + 1, backoff_, {}});
}

}  // namespace ktrain::kube
