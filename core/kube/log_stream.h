// The log of one pod's container, read to its end across broken connections and restarts: no line lost, none twice.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "core/kube/client.h"
#include "core/kube/log_window.h"

namespace ktrain::kube {

struct LogOptions {
    bool follow = false;
    bool previous = false;                           // of the container's instance before the last restart
    std::optional<std::int64_t> tail = {};           // lines to begin with
    std::optional<std::chrono::seconds> since = {};  // age of the oldest line
};

// What the pod's status says of the container at present; the log may be ahead of it.
struct LogSource {
    bool ended = false;      // it writes no more: what is read from now on is the rest
    bool abandoned = false;  // it may write on, but what it has written now is enough
    int restarts = 0;
    bool operator==(const LogSource&) const = default;
};

// Gets what a log brings, in its order.
class LogSink {
public:
    virtual ~LogSink() = default;
    // A whole line without its end.
    virtual void line(const LogLine& line) = 0;
    // The lines from here on are those of another run of the container.
    virtual void restarted() = 0;
    // Lines may be missing here: the file was rotated while nobody read it, and a kubelet serves the newest alone.
    virtual void interrupted() = 0;
};

class LogStream final : public StreamHandler {
public:
    // `sink` must live as long.
    LogStream(KubeClient& client, std::string in_namespace, std::string pod, std::string container, LogOptions options,
              LogSink& sink);
    ~LogStream() override;
    LogStream(const LogStream&) = delete;
    LogStream& operator=(const LogStream&) = delete;

    // Connects when that is due, and again where a connection has fallen silent. Errors: denied, and what else trying
    // again cannot cure.
    void step(const LogSource& now);
    // Everything has been read, or the pod is gone.
    bool done() const { return done_; }
    // What keeps the log from being read at present, in words, or empty.
    const std::string& trouble() const { return trouble_; }

    void on_open(const HttpReply& head) override;
    void on_data(std::string_view piece) override;
    void on_end(const HttpReply& reply) override;

private:
    using Time = std::chrono::steady_clock::time_point;

    // Whose log is asked for: that of the container as it runs or ran last, or that of the run before.
    enum class Pass { current, previous };

    std::string query() const;
    bool hangs(Time now) const;
    void hang_up();
    void take_line(std::string_view text);
    bool is_missing() const;
    bool is_strange(const LogLine& line) const;
    void look_back(std::uint64_t first);
    void looked_back();
    void on_clean_end();
    void on_refusal(const HttpReply& reply);
    void wait(std::chrono::milliseconds first, std::chrono::milliseconds last);

    KubeClient& client_;
    std::string namespace_, pod_, container_;
    LogOptions options_;
    LogSink& sink_;
    LogSource source_;
    LogLineReader reader_;
    LogWindow window_;
    std::optional<StreamId> stream_;
    std::string line_;             // the part of a line that has come
    std::string rest_;             // the last line of a log, without its end, as it came before
    std::uint64_t unstamped_ = 0;  // key of the last line without a time
    Pass pass_ = Pass::current;
    bool begun_ = false;       // asked for once
    bool final_pass_ = false;  // the stream was opened after the container had ended
    bool matched_ = false;     // this connection has brought what was given out before
    bool brought_ = false;     // this connection has brought something new
    bool found_ = false;       // the log of the run before is that of the run that was read
    bool crossed_ = false;     // a restart was told, and nothing of the new run has come
    // What another log begins with (0: it was empty), when the run before it has been looked into.
    std::optional<std::uint64_t> trusted_;
    int restarts_ = 0;  // of the run that is read
    bool done_ = false;
    int failures_ = 0;  // in a row
    std::string trouble_;
    std::optional<Error> fatal_;
    std::chrono::milliseconds backoff_{0};
    std::chrono::milliseconds silence_;  // after which a stream is opened anew
    Time due_{}, heard_{};
};

}  // namespace ktrain::kube
