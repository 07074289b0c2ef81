// A proxy on 127.0.0.1, by HTTP's CONNECT or SOCKS 5, that takes every connection to one server, for tests.
#include "tests/support/fake_proxy.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/loopback.h"

namespace ktrain::test {
namespace {

// As many bytes as asked for; fewer at the end of the connection.
std::string read_bytes(int socket, std::size_t count) {
    std::string out(count, '\0');
    const long n = ::recv(socket, out.data(), count, MSG_WAITALL);
    out.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    return out;
}

void write_bytes(int socket, const std::string& bytes) {
    ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

// A head of HTTP, byte by byte: what follows it is not for us.
std::string read_head(int socket) {
    std::string out;
    while (!out.ends_with("\r\n\r\n")) {
        const std::string byte = read_bytes(socket, 1);
        if (byte.empty()) break;
        out += byte;
    }
    return out;
}

// Copies what is there from one to the other; false at the end.
bool pass_on(int from, int to) {
    char buffer[65536];
    const long n = ::recv(from, buffer, sizeof buffer, 0);
    if (n > 0) write_bytes(to, std::string(buffer, static_cast<std::size_t>(n)));
    return n > 0;
}

}  // namespace

FakeProxy::FakeProxy(int server_port) : server_port_(server_port) {
    listen_on_loopback(listener_, port_, stop_);
    thread_ = std::thread([this] { serve(); });
}

FakeProxy::~FakeProxy() {
    ::close(stop_[1]);
    thread_.join();
    for (std::thread& line : lines_) line.join();
    ::close(stop_[0]);
    ::close(listener_);
}

std::string FakeProxy::url(const std::string& scheme) const {
    return scheme + "://127.0.0.1:" + std::to_string(port_);
}

void FakeProxy::refuse(std::string reply) {
    const std::lock_guard lock(mutex_);
    refusal_ = std::move(reply);
}

std::vector<std::string> FakeProxy::asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
}

void FakeProxy::remember(std::string what) {
    const std::lock_guard lock(mutex_);
    asked_.push_back(std::move(what));
}

void FakeProxy::serve() {
    for (;;) {
        pollfd waiting[2] = {{listener_, POLLIN, 0}, {stop_[0], POLLIN, 0}};
        ::poll(waiting, 2, -1);
        if (waiting[1].revents != 0) return;
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) continue;
        lines_.emplace_back([this, client] {
            serve_line(client);
            ::close(client);
        });
    }
}

// What comes before the server's own bytes; false when the client does not get through.
bool FakeProxy::open_line(int client) {
    char first = 0;
    if (::recv(client, &first, 1, MSG_PEEK) != 1) return false;
    if (first == 5) {
        const std::string methods = read_bytes(client, 2);
        read_bytes(client, static_cast<unsigned char>(methods.back()));
        write_bytes(client, std::string("\5\0", 2));
        const std::string head = read_bytes(client, 5);  // version, command, 0, 3 for a name or 1 for an address
        if (head.size() < 5) return false;
        const bool name = head[3] == 3;
        const std::string rest = read_bytes(client, name ? static_cast<unsigned char>(head[4]) + 2u : 5u);
        remember("socks5 " + (name ? rest.substr(0, rest.size() - 2) : "by address"));
        write_bytes(client, std::string("\5\0\0\1\0\0\0\0\0\0", 10));
        return true;
    }
    remember(read_head(client));
    const std::lock_guard lock(mutex_);
    write_bytes(client, refusal_.empty() ? "HTTP/1.1 200 Connected\r\n\r\n" : refusal_);
    return refusal_.empty();
}

void FakeProxy::serve_line(int client) {
    if (!open_line(client)) return;
    const int server = connect_to_loopback(server_port_);
    for (;;) {
        pollfd waiting[3] = {{client, POLLIN, 0}, {server, POLLIN, 0}, {stop_[0], POLLIN, 0}};
        ::poll(waiting, 3, -1);
        if (waiting[2].revents != 0) break;
        if (waiting[0].revents != 0 && !pass_on(client, server)) break;
        if (waiting[1].revents != 0 && !pass_on(server, client)) break;
    }
    ::close(server);
}

}  // namespace ktrain::test
