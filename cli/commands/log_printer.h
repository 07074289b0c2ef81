// Prints the logs of a job's pods line by line, each with its rank when there are several.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/term/session.h"
#include "core/kube/job.h"
#include "core/kube/log_stream.h"

namespace ktrain {

struct LogPrinterOptions {
    kube::LogOptions log;
    bool timestamps = false;
    std::optional<int> rank = {};  // of one pod alone
    std::string container = {};    // by default the one that trains
    bool all_containers = false;   // then the name stands before each line
};

class LogPrinter {
public:
    LogPrinter(term::Session& session, kube::KubeClient& client, std::string in_namespace, LogPrinterOptions options);
    ~LogPrinter();

    // Opens a stream for each pod that has begun, as many at once as connections allow, and moves all on. `prefix` puts
    // the rank before each line. Call it once for each turn of the client: what the last turn brought goes out as a
    // whole. Errors: those of LogStream::step.
    void step(const std::vector<kube::PodState>& pods, bool prefix);
    // The same once the job has ended. True when it is over: all has been read, or nothing more comes, which is said.
    bool finish(const std::vector<kube::PodState>& pods, bool prefix);
    // Every pod that has begun has been read to its end.
    bool done() const { return active_ == 0 && waiting_ == 0; }
    // A node could not give a log, and there was no line from elsewhere.
    bool nothing_readable() const { return unread_ && !put_; }
    bool any() const { return !streams_.empty(); }
    std::string trouble() const;

private:
    class Source;
    using Time = std::chrono::steady_clock::time_point;

    std::vector<kube::ContainerState> wanted(const kube::PodState& pod) const;
    void open(const kube::PodState& pod, const kube::ContainerState& container);
    void move(const std::vector<kube::PodState>& pods, bool prefix, std::chrono::nanoseconds since_end);
    void put(const Source& source, const kube::LogLine& line);
    void flush();

    term::Session& session_;
    kube::KubeClient& client_;
    std::string namespace_;
    LogPrinterOptions options_;
    bool prefix_ = false;
    std::size_t active_ = 0, waiting_ = 0;  // pods that are read, and that are yet to be
    bool bounded_ = false, put_ = false, unread_ = false;
    std::string text_;  // not written yet
    Time heard_{};      // the newest line
    std::optional<Time> ended_;
    std::map<std::string, std::unique_ptr<Source>> streams_;  // by pod and container; none when read to its end
};

}  // namespace ktrain
