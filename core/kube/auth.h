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

    // Authorization and Impersonate-* for a request made now. Credentials go over https only. Reads the files of the
    // token, the certificate and the authority again after a minute (and keeps what they held while that fails), runs
    // the exec plugin when its credential has run out, and gives `http` its certificate and authority. Errors: those of
    // run_exec_plugin.
    Headers headers(Http& http);

    // After a 401, or a connection that one side does not trust: takes up what can be had anew. False when asking again
    // would be asking with the same.
    bool renew(const HttpReply& refusal);

    // What is known of why the server refuses the credentials, as a hint; empty: nothing.
    std::string suspicion() const;

private:
    // What the files hold, or what is given in their place.
    struct Pem {
        std::string ca, certificate, key;
        bool operator==(const Pem&) const = default;
    };
    Pem read_pem() const;
    bool reread();
    bool forget();
    std::string read_token() const;
    std::string bearer(Http& http);

    ClusterEntry cluster_;
    UserEntry user_;
    const Files& files_;
    Clock& clock_;
    RunProgram run_;
    bool terminal_;
    bool secure_;
    Pem pem_;
    std::chrono::steady_clock::time_point pem_read_{};
    bool pem_given_ = false;  // to Http
    std::string file_token_;
    std::chrono::steady_clock::time_point token_read_{};
    std::optional<ExecCredential> credential_;
};

// The connection's settings for Http, with the cluster's CA read. Errors: Error{input} when that fails.
HttpOptions http_options(const Connection& connection, const Files& files);

}  // namespace ktrain::kube
