// One HTTP server as the cluster client sees it: requests that wait for their reply, and streams read side by side.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/world.h"
#include "core/kube/url.h"

namespace ktrain::kube {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
    std::string method = "GET";
    std::string path;  // below the server's URL, with the query, percent-encoded
    Headers headers = {};
    std::string body = {};
    // A write that must not be left half-known: the stop signal does not cut it off (the timeout still does).
    bool uninterruptible = false;
    // A stream that may take no longer than the request timeout, as send().
    bool bounded = false;
};

// Why there is no whole reply.
enum class Trouble {
    none,
    connect,    // no connection: refused, no route, no such host
    tls,        // the server's certificate, or ours, was not accepted
    lost,       // the connection broke after the request was sent
    timed_out,  // nothing came for as long as allowed
    garbled,    // no HTTP, or more than any API server sends
    stopped,    // the process was asked to stop
    proxy,      // the environment names a proxy by what is no URL
};

struct HttpReply {
    int status = 0;   // 0 when not even the head arrived
    Headers headers;  // names in lower case
    std::string body = {};
    Trouble trouble = Trouble::none;
    std::string reason;  // the trouble in words

    // The first header of that (lower-case) name, or empty.
    std::string_view header(std::string_view name) const;
};

// Gets what a stream brings. All are called from Http::turn() only, never from within send() or open().
class StreamHandler {
public:
    virtual ~StreamHandler() = default;
    // The head of a 2xx reply has come, though perhaps nothing else for long; once, before everything else. What stands
    // in the reply's body comes by on_data().
    virtual void on_open(const HttpReply& head) = 0;
    // A piece of the body of a 2xx reply, cut anywhere.
    virtual void on_data(std::string_view piece) = 0;
    // The stream is over and closed: a clean end (trouble none), a status other than 2xx with its body, or trouble.
    virtual void on_end(const HttpReply& reply) = 0;
};

using StreamId = int;

class Http {
public:
    virtual ~Http() = default;
    // Troubles come back in the reply; throws only Error{bug}.
    virtual HttpReply send(const HttpRequest& request) = 0;
    // The replies to requests that do not depend on each other, in the order of these; a few are under way at a time.
    virtual std::vector<HttpReply> send_all(const std::vector<HttpRequest>& requests);
    // Starts a request whose reply is delivered piece by piece; `handler` must live until on_end() or close().
    virtual StreamId open(const HttpRequest& request, StreamHandler& handler) = 0;
    virtual void close(StreamId stream) = 0;
    // Delivers what has arrived for the open streams, after waiting for it for at most `patience`; returns early on a
    // stop signal. Streams that bring something all the time are delivered a few dozen times a second. A stream of
    // which much waits to be delivered is read no further.
    virtual void turn(std::chrono::milliseconds patience) = 0;
    // The client certificate and key (PEM), and the authority of the server instead of HttpOptions::ca, for requests
    // made from now on: they take up no connection that was made with others.
    virtual void use_certificate(const std::string& certificate, const std::string& key) = 0;
    virtual void use_authority(const std::string& pem) = 0;
};

// How to reach one server; PEM texts are in memory, so that nothing secret is written to a file.
struct HttpOptions {
    std::string server;  // "https://host:port/prefix"
    std::string ca;      // PEM; empty: the system's authorities
    bool insecure_skip_tls_verify = false;
    std::string tls_server_name;  // name to ask for and verify instead of the URL's host
    std::string proxy_url;        // http, https or socks5; empty: none, whatever the environment says
    bool compression = true;
    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds request_timeout{30'000};  // of send() and bounded streams; 0: none
    std::string user_agent = "ktrain";
};

// The real thing (libcurl), made ready at the first call only. `clock` tells when to stop.
std::unique_ptr<Http> make_http(const HttpOptions& options, Clock& clock);

}  // namespace ktrain::kube
