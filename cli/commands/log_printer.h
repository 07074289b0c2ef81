// Prints the logs of a job's pods line by line, each with its rank when there are several.
#pragma once

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
    std::optional<int> rank;  // of one pod alone
};

class LogPrinter {
public:
    LogPrinter(term::Session& session, kube::KubeClient& client, std::string in_namespace, LogPrinterOptions options);

    // Opens a stream for each pod that has begun, up to a bound that is said once, and moves all on. `prefix` puts the
    // rank before each line. Errors: those of LogStream::step.
    void step(const std::vector<kube::PodState>& pods, bool prefix);
    // Every stream has been read to its end.
    bool done() const;
    bool any() const { return !streams_.empty(); }
    std::string trouble() const;

private:
    void print(int rank, std::string_view stamp, std::string_view text);

    term::Session& session_;
    kube::KubeClient& client_;
    std::string namespace_;
    LogPrinterOptions options_;
    bool prefix_ = false;
    bool bounded_ = false;
    std::map<std::string, std::unique_ptr<kube::LogStream>> streams_;
};

}  // namespace ktrain
