// A server on 127.0.0.1 with real sockets, plain or TLS, that answers from a script, for tests of what libcurl does.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace ktrain::test {

// A throw-away authority with a certificate for 127.0.0.1 and kube.test, both in one, as PEM.
struct Certificate {
    std::string pem, key;
};
Certificate make_certificate();

class FakeServer {
public:
    enum class End {
        keep,   // the connection stays for the next request
        close,  // cleanly
        reset,  // with RST
        stall,  // nothing more comes, until the server ends
    };

    FakeServer();  // plain
    FakeServer(const Certificate& certificate,
               bool ask_client);  // TLS; `ask_client`: only clients with the same certificate
    ~FakeServer();
    FakeServer(const FakeServer&) = delete;
    FakeServer& operator=(const FakeServer&) = delete;

    std::string url() const;
    int port() const { return port_; }

    // What the next request gets, byte for byte; requests beyond the script get a 500.
    void answer(std::string bytes, End end = End::keep);
    // What every request that begins with "METHOD /path" gets, before what answer() says; longer beginnings win.
    void route(const std::string& beginning, std::string bytes, End end = End::keep);
    // The same as answer() with a head made for the body.
    void reply(int status, const std::string& body, const std::string& headers = "");

    // Heads and bodies of the requests so far.
    std::vector<std::string> requests() const;
    int connections() const;   // in all
    int most_at_once() const;  // of connections
    int resumed() const;       // connections that went on with the TLS session of another one

private:
    struct Answer {
        std::string bytes;
        End end;
    };
    struct Tls;
    struct Line;  // one connection

    void listen();
    void serve();
    bool handshake(Line& line);
    void serve_line(Line& line);
    std::string read_request(Line& line);
    Answer next(const std::string& request);

    int listener_ = -1, port_ = 0;
    int stop_[2] = {-1, -1};
    std::unique_ptr<Tls> tls_;
    mutable std::mutex mutex_;
    std::deque<Answer> answers_;
    std::map<std::string, Answer> routes_;
    std::vector<std::string> requests_;
    int connections_ = 0, open_ = 0, most_at_once_ = 0, resumed_ = 0;
    std::vector<std::thread> lines_;
    std::thread thread_;
};

}  // namespace ktrain::test
