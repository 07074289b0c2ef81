// Who we are to the server: headers and client certificate of one kubeconfig user, renewed when they run out.
#pragma once

#include <optional>
#include <string>

#include "core/kube/exec_credential.h"
#include "core/kube/http.h"
#include "core/kube/kubeconfig.h"

namespace ktrain::kube {

class Auth {
public:
    // Errors: Error{input} when a certificate, key or token file cannot be read.
    Auth(const Connection& connection, const Files& files, Clock& clock, RunProgram run, bool terminal);

    // Authorization and Impersonate-* for a request made now. Credentials go over https only. Reads the token file
    // again after a minute (and keeps the old token while that fails) and runs the exec plugin when its credential has
    // run out; the certificate it gives goes to `http`. Errors: those of run_exec_plugin.
    Headers headers(Http& http);

    // The server said 401: forgets what can be had anew. False when asking again would carry the same credentials.
    bool renew();

private:
    std::string read_token() const;
    std::string bearer(Http& http);

    ClusterEntry cluster_;
    UserEntry user_;
    const Files& files_;
    Clock& clock_;
    RunProgram run_;
    bool terminal_;
    bool secure_;
    std::string ca_, certificate_, key_;
    std::string file_token_;
    std::chrono::steady_clock::time_point token_read_{};
    std::optional<ExecCredential> credential_;
    bool certificate_set_ = false;
};

// The connection's settings for Http, with the cluster's CA read. Errors: Error{input} when that fails.
HttpOptions http_options(const Connection& connection, const Files& files);

}  // namespace ktrain::kube
