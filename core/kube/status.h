// From a server's refusal (an HTTP status with a Status object) or a broken connection to an Error that helps.
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/kube/http.h"

namespace ktrain::kube {

// Who was asked, for messages.
struct ServerName {
    std::string url;
    std::string context;     // empty inside a cluster
    std::string flags = {};  // with which a command reaches it again, where some were given: " --context gpu"
};

// The server in messages: its URL, without any password in it, and the context.
std::string place_of(const ServerName& server);

// What was tried: {"create", "job.batch/cnn", "training"}.
struct Attempt {
    std::string verb;
    std::string target;
    std::string namespace_;
};

// A refusal without a Status object is no API server's: failed, in those words. Others: 401/403 denied, 404 not_found,
// 409 conflict, 400/413/415/422 input with one bullet for each cause, 429, 410 and 5xx but 501 unreachable, the rest
// failed.
// Troubles of the connection are unreachable (timed_out when nothing came), those of certificates denied.
Error error_of(const HttpReply& reply, const Attempt& attempt, const ServerName& server);

// Whether nobody knows after this error if the server has done what it was asked: no connection, no answer in time, or
// a server that fails. The same request may have another end later.
bool no_answer(const Error& error);

// Whether asking about other objects is of no use after this error: no connection, a server that fails, or credentials
// that are not accepted.
bool about_all(const Error& error);

// A good status with an answer that makes no sense: Error{failed} with `why`, the request and the server.
Error malformed(const std::string& why, const Attempt& attempt, const ServerName& server);

// The JSON value that the server sent, or null when it is none (or nested too deep to be trusted).
Json parse_answer(std::string_view text);

// The Status object in the body, or null when there is none.
Json status_of(const HttpReply& reply);

}  // namespace ktrain::kube
