// The log of one pod's container, read to its end across broken connections and restarts: no line lost, none twice.
//
// Lines are asked for with their time stamps. After a break the log is asked for again from a second on (the server
// knows no finer), and what has been given out already is dropped; LogWindow knows it. The first line that comes then
// is such a one. If it is not, the log is another: the container has been restarted, and the rest of its run before is
// still to be had, or the file was rotated and goes on. Asking for the log of the run before tells which.
#include "core/kube/log_stream.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/kube/retry.h"

namespace ktrain::kube {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds first_backoff = 250ms;
constexpr std::chrono::milliseconds last_backoff = 10s;
constexpr std::chrono::milliseconds first_pause = 500ms;  // after a clean end
constexpr std::chrono::milliseconds last_pause = 8s;
constexpr std::chrono::milliseconds linger = 1s;          // for the end of the stream of a container that has ended
constexpr std::chrono::milliseconds first_silence = 20s;  // a kubelet may lose a log that it follows at its rotation
constexpr std::chrono::milliseconds last_silence = 160s;
constexpr int max_failures = 3;  // in a row, when the log is only read and not followed
constexpr std::size_t max_line_bytes = 16u << 20;
constexpr std::uint64_t empty_log = 0;

}  // namespace

LogStream::LogStream(KubeClient& client, std::string in_namespace, std::string pod, std::string container,
                     LogOptions options, LogSink& sink)
    : client_(client),
      namespace_(std::move(in_namespace)),
      pod_(std::move(pod)),
      container_(std::move(container)),
      options_(options),
      sink_(sink),
      silence_(first_silence) {}

LogStream::~LogStream() {
    hang_up();
}

void LogStream::hang_up() {
    if (stream_) client_.close(*stream_);
    stream_.reset();
    line_.clear();
}

std::string LogStream::query() const {
    std::string out = "?timestamps=true";
    if (!container_.empty()) out += "&container=" + percent_encode(container_);
    if (pass_ == Pass::current && options_.follow && !final_pass_) out += "&follow=true";
    if (pass_ == Pass::previous || options_.previous) out += "&previous=true";
    if (!window_.empty()) {
        const std::chrono::sys_seconds since{std::chrono::seconds(window_.since())};
        return out + "&sinceTime=" + percent_encode(format_time(since));
    }
    if (options_.tail) out += fmt::format("&tailLines={}", *options_.tail);
    if (options_.since) out += fmt::format("&sinceSeconds={}", std::max<std::int64_t>(1, options_.since->count()));
    return out;
}

// The open stream brings nothing more, as far as can be told. What it does bring is asked for again.
bool LogStream::hangs(Time now) const {
    const bool over = source_.ended || source_.restarts > restarts_;
    const bool follows = pass_ == Pass::current && !final_pass_;
    return now - heard_ >= (follows && over ? linger : silence_);
}

void LogStream::step(const LogSource& source) {
    if (fatal_) throw *fatal_;
    if (done_) return;
    const Time now = client_.clock().steady();
    if (source != source_) {
        heard_ = now;
        due_ = std::min(due_, now);
    }
    source_ = source;
    if (stream_ && source.abandoned && pass_ == Pass::current && !final_pass_) {
        hang_up();
        due_ = now;
    }
    if (stream_ && hangs(now)) {
        hang_up();
        silence_ = std::min(silence_ * 2, last_silence);
        if (!options_.follow && ++failures_ > max_failures)
            throw Error(ErrorKind::timed_out, "the server sends no more of the log of pod/" + pod_, {}, "try again");
    }
    if (stream_ || now < due_) return;
    if (!begun_) restarts_ = source_.restarts;
    if (begun_ && source_.restarts > restarts_ && !options_.previous) pass_ = Pass::previous;
    begun_ = true;
    final_pass_ = source_.ended || source_.abandoned || !options_.follow;
    matched_ = brought_ = false;
    window_.rewind();
    line_.clear();
    heard_ = now;
    static const Resource pods = *built_in_resource("v1", "Pod");
    stream_ = client_.open(pods.path(namespace_, pod_) + "/log" + query(), *this);
}

void LogStream::on_open(const HttpReply& head) {
    client_.keep_warnings(head);
    trouble_.clear();
    heard_ = client_.clock().steady();
}

void LogStream::on_data(std::string_view piece) {
    failures_ = 0;
    heard_ = client_.clock().steady();
    while (!piece.empty() && stream_) {
        const std::size_t end = piece.find('\n');
        if (end != std::string_view::npos && line_.empty()) {
            take_line(piece.substr(0, end));
        } else {
            line_ += piece.substr(0, end);
            if (end != std::string_view::npos || line_.size() > max_line_bytes) take_line(std::exchange(line_, {}));
        }
        if (end == std::string_view::npos) return;
        piece.remove_prefix(end + 1);
    }
}

// Whether the log cannot be the one that was read so far.
bool LogStream::is_strange(const LogLine& line) const {
    return pass_ == Pass::current && !options_.previous && trusted_ != line.key && !matched_ && !brought_ &&
           window_.catching_up();
}

// Whether a log has come to its end without what was read of it before.
bool LogStream::is_missing() const {
    return !matched_ && !brought_ && trusted_ != empty_log && !options_.previous && !window_.empty();
}

void LogStream::take_line(std::string_view text) {
    const LogLine line = reader_.read(text);
    if (line.stamp.empty()) {  // a word of the kubelet
        if (unstamped_ != line.key) sink_.line(line);
        unstamped_ = line.key;
        return;
    }
    if (window_.catching_up() && window_.knows(line)) {
        matched_ = true;
        found_ = found_ || (pass_ == Pass::previous && !crossed_);
        if (pass_ == Pass::current) trusted_.reset();
        return;
    }
    if (window_.catching_up() && line.second < window_.since()) return;  // not asked for
    if (is_strange(line)) return look_back(line.key);
    if (pass_ == Pass::previous && !matched_ && !window_.empty() && line.second < window_.newest()) return;
    found_ = pass_ == Pass::previous;
    if (pass_ == Pass::current) {
        trusted_.reset();
        crossed_ = false;
    }
    if (!brought_) {
        silence_ = first_silence;
        backoff_ = 0ms;
    }
    brought_ = true;
    window_.add(line);
    sink_.line(line);
}

// Asks for the log of the run before, because this one begins with another line. It may be followed by yet another one
// meanwhile: it is read on only if it still begins so.
void LogStream::look_back(std::uint64_t first) {
    hang_up();
    rest_.clear();
    trusted_ = first;
    pass_ = Pass::previous;
    due_ = client_.clock().steady();
}

void LogStream::looked_back() {
    if (found_)
        sink_.restarted();
    else if (source_.restarts == restarts_ && trusted_.value_or(empty_log) != empty_log)
        sink_.interrupted();
    restarts_ = std::max(source_.restarts, restarts_ + (found_ ? 1 : 0));
    rest_.clear();
    crossed_ = crossed_ || found_;
    found_ = false;
    pass_ = Pass::current;
    due_ = client_.clock().steady();
}

// Also where the server has lost its own connection to the kubelet: nothing is believed to be whole.
void LogStream::on_clean_end() {
    if (pass_ == Pass::current && !final_pass_) {
        line_.clear();
        if (is_missing()) return look_back(empty_log);
        return wait(first_pause, last_pause);
    }
    const Pass pass = pass_;
    const std::string rest = std::exchange(line_, {});
    if (!rest.empty() && rest == rest_) take_line(rest);  // a last line without its end
    if (pass_ != pass) return;                            // it was strange
    const bool whole = std::exchange(rest_, rest) == rest || rest.empty();
    if (!whole || (brought_ && options_.follow)) {  // the last look brings nothing new
        due_ = client_.clock().steady();
        return;
    }
    if (pass_ == Pass::previous) return looked_back();
    if (is_missing()) return look_back(empty_log);
    done_ = true;
}

void LogStream::wait(std::chrono::milliseconds first, std::chrono::milliseconds last) {
    backoff_ = backoff_ == 0ms ? first : std::min(backoff_ * 2, last);
    due_ = client_.clock().steady() + backoff_ / 2 + client_.jitter(backoff_ / 2);
}

void LogStream::on_end(const HttpReply& reply) {
    stream_.reset();
    if (reply.trouble == Trouble::none && reply.status >= 200 && reply.status < 300) return on_clean_end();
    line_.clear();
    on_refusal(reply);
}

void LogStream::on_refusal(const HttpReply& reply) {
    const bool spoken = reply.trouble == Trouble::none && !status_of(reply).is_null();
    if (spoken && (reply.status == 404 || reply.status == 410)) {
        done_ = true;
        return;
    }
    if (spoken && reply.status == 400 && pass_ == Pass::previous) return looked_back();  // there was none
    const Error error = error_of(reply, {"read the log of", "pod/" + pod_, namespace_}, client_.server());
    const bool renewed = failures_ == 0 && client_.renew_credentials(reply);
    const bool unknown = error.message.find("is not valid for pod") != std::string::npos;  // such a container
    const bool waiting = reply.status == 400 && options_.follow && !unknown;               // it does not run yet
    done_ = waiting && (source_.ended || source_.abandoned);
    ++failures_;
    // As a watch: a server that was trusted may be ahead of the authority on this machine.
    const bool passes = no_answer(error) || (reply.trouble == Trouble::tls && !window_.empty());
    if (!renewed && !waiting && (!passes || (!options_.follow && failures_ > max_failures))) fatal_ = error;
    wait(first_backoff, last_backoff);
    if (const auto asked = retry_after(reply)) {
        backoff_ = std::min<std::chrono::milliseconds>(*asked, 3 * last_backoff);
        due_ = client_.clock().steady() + backoff_;
    }
    if (waiting)
        trouble_ = error.message;
    else if (failures_ > 1)  // a cut alone is nothing to talk of
        trouble_ = words_of(Retry{error.message, failures_ + 1, backoff_, {}});
}

}  // namespace ktrain::kube
