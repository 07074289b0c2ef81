// The log of one pod's container, read to its end across broken connections: no line lost, none twice.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "core/kube/client.h"

namespace ktrain::kube {

struct LogOptions {
    bool follow = false;
    bool previous = false;                           // of the container's instance before the last restart
    std::optional<std::int64_t> tail = {};           // lines to begin with
    std::optional<std::chrono::seconds> since = {};  // age of the oldest line
};

class LogStream final : public StreamHandler {
public:
    // A whole line without its end; `stamp` is the time it was written (RFC 3339 with nanoseconds), or empty.
    using Sink = std::function<void(std::string_view stamp, std::string_view text)>;

    LogStream(KubeClient& client, std::string in_namespace, std::string pod, std::string container, LogOptions options,
              Sink sink);
    ~LogStream() override;
    LogStream(const LogStream&) = delete;
    LogStream& operator=(const LogStream&) = delete;

    // Connects when that is due. `ended` says that the container writes no more: what is read after that is the rest.
    // Errors: denied, and what else trying again cannot cure.
    void step(bool ended);
    // Everything has been read, or the pod is gone.
    bool done() const { return done_; }
    // What keeps the log from being read at present, in words, or empty.
    const std::string& trouble() const { return trouble_; }

    void on_open() override;
    void on_data(std::string_view piece) override;
    void on_end(const HttpReply& reply) override;

private:
    std::string query() const;
    void take_line(std::string_view line);

    KubeClient& client_;
    std::string namespace_, pod_, container_;
    LogOptions options_;
    Sink sink_;
    std::optional<StreamId> stream_;
    std::string line_;        // the part of a line that has come
    std::string last_stamp_;  // of the newest line given out
    int same_stamp_ = 0;      // lines given out with that stamp
    int to_skip_ = 0;         // of those, still to come again after a reconnect
    bool catching_up_ = false;
    bool final_pass_ = false;  // the stream was opened after the container had ended
    bool done_ = false;
    int failures_ = 0;  // in a row
    std::string trouble_;
    std::optional<Error> fatal_;
    std::chrono::milliseconds backoff_{0};
    std::chrono::steady_clock::time_point due_{};
};

}  // namespace ktrain::kube
