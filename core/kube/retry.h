// In words: what went wrong, when it is tried again, and for how long that goes on.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/kube/http.h"

namespace ktrain::kube {

struct Retry {
    std::string why;
    int attempt = 2;                                  // the number of the next one
    std::chrono::milliseconds pause{0};               // until then
    std::optional<std::chrono::milliseconds> left{};  // until it is given up; unset: never
};

// What the server asks for in whole seconds; dates are not sent by API servers.
std::optional<std::chrono::seconds> retry_after(const HttpReply& reply);

// By which rules of priority and fairness an API server has refused a request (429), for who can look them up: " (flow
// schema UID ..., priority level UID ...)"; empty where it does not say.
std::string rules_of(const HttpReply& reply);

// "cannot reach the server ...; trying again in 2s (attempt 3), for up to 28s more"
std::string words_of(const Retry& retry);

}  // namespace ktrain::kube
