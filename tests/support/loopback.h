// Sockets on 127.0.0.1 for servers of tests.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace ktrain::test {

inline sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

// A listener on a free port, and a pipe whose end, once it is closed, says that all is over.
inline void listen_on_loopback(int& listener, int& port, int (&stop)[2]) {
    listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 16) != 0 ||
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0 || ::pipe(stop) != 0)
        throw std::runtime_error("the server of a test cannot listen");
    port = ntohs(address.sin_port);
}

inline int connect_to_loopback(int port) {
    const int line = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    ::connect(line, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    return line;
}

}  // namespace ktrain::test
