// The parts of an HTTP reply that need no library: lines of its head, and what an error text of TLS means.
#pragma once

#include <string_view>

#include "core/kube/http.h"

namespace ktrain::kube {

// Takes a line of the head into the reply; a status line begins it anew (what came before was a 100 or a proxy's).
void take_head_line(HttpReply& reply, std::string_view line);

// Whether a packed reply ended before its JSON did: libcurl takes a packed body that breaks off for a whole one.
bool ends_early(const HttpReply& reply);

// Whether the line broke in the middle of the TLS handshake, which says nothing about certificates.
bool broke_in_handshake(std::string_view error);

// Of a request that was cut off by a stop signal.
HttpReply stopped_reply();

// What went wrong: the detail where it may be shown and does not hold the URL of a proxy, in which a password may be.
std::string reason_of(std::string_view detail, bool shown, std::string_view otherwise);

}  // namespace ktrain::kube
