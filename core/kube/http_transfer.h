// One request under way by libcurl: what it sends, what it has brought so far, and how it ended.
#pragma once

#include <memory>
#include <string>

#include "core/kube/curl_library.h"
#include "core/kube/http.h"

namespace ktrain::kube {

template <auto release>
struct Deleter {
    void operator()(auto* object) const { (curl().*release)(object); }
};
using Easy = std::unique_ptr<CURL, Deleter<&CurlLibrary::easy_cleanup>>;
using List = std::unique_ptr<curl_slist, Deleter<&CurlLibrary::slist_free_all>>;

// One request under way and what it has brought so far.
struct Transfer {
    Easy easy;
    List headers, connect_to;
    std::string body;      // of the request
    std::size_t sent = 0;  // of it
    char error[CURL_ERROR_SIZE] = "";
    HttpReply reply;
    std::size_t header_bytes = 0;
    bool too_much = false;
    bool paused = false;  // too much waits to be delivered
    bool opened = false;  // the handler knows of the head
    bool done = false;
    StreamHandler* handler = nullptr;  // null for send()
};

bool is_success(int status);

// What the transfer's libcurl handle sends and brings goes from and to the transfer, which must stay where it is. A
// body is given once: libcurl sends a request again when a connection that it has used before breaks, and a write must
// not be sent again, since its answer alone may be lost.
void set_callbacks(Transfer& transfer);

// It is over: what became of it, in the reply.
void finish(Transfer& transfer, CURLcode code);

}  // namespace ktrain::kube
