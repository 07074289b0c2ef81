// URLs, read by libcurl's own parser, so that what is checked is what will be asked.
#pragma once

#include <string>
#include <string_view>

namespace ktrain::kube {

// Whether libcurl can read that URL of a server (http, https) or a proxy (socks5, too), and nothing of a password that
// was not escaped stands behind its host.
bool is_url(const std::string& text);

// Where a URL leads: the host, an IPv6 address in brackets, and the port, that of the scheme unless another is written.
// Empty where it is none.
struct UrlAddress {
    std::string host, port;
};
UrlAddress address_of(const std::string& url);

// The URL with another host; empty where it is none.
std::string with_host(const std::string& url, const std::string& host);

// "a b/c" -> "a%20b%2Fc", for path segments and query values.
std::string percent_encode(std::string_view text);

}  // namespace ktrain::kube
