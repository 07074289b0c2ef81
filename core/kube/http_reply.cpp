// The parts of an HTTP reply that need no library: lines of its head, and what an error text of TLS means.
#include "core/kube/http_reply.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "core/base/text.h"

namespace ktrain::kube {

std::vector<HttpReply> Http::send_all(const std::vector<HttpRequest>& requests) {
    std::vector<HttpReply> out;
    for (const HttpRequest& request : requests) out.push_back(send(request));
    return out;
}

void take_head_line(HttpReply& reply, std::string_view line) {
    if (line.starts_with("HTTP/")) {
        const std::size_t blank = line.find(' ');
        reply.status = blank == std::string_view::npos ? 0 : std::atoi(std::string(line.substr(blank)).c_str());
        reply.headers.clear();
        return;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    std::string name(trim(line.substr(0, colon)));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    reply.headers.emplace_back(std::move(name), trim(line.substr(colon + 1)));
}

bool ends_early(const HttpReply& reply) {
    // Logs are text, and end where they are cut.
    if (!reply.header("content-type").starts_with("application/json")) return false;
    if (reply.header("content-encoding").empty() || !trim(reply.body).starts_with('{')) return false;
    int open = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < reply.body.size(); ++i) {
        const char c = reply.body[i];
        if (c == '"')
            quoted = !quoted;
        else if (quoted && c == '\\')
            ++i;
        else if (!quoted && (c == '{' || c == '['))
            ++open;
        else if (!quoted && (c == '}' || c == ']'))
            --open;
    }
    return quoted || open > 0;
}

bool broke_in_handshake(std::string_view error) {
    return error.find("failure: ") != std::string_view::npos || error.find("reset by peer") != std::string_view::npos ||
           error.find("SSL_ERROR_SYSCALL") != std::string_view::npos ||
           error.find("unexpected eof") != std::string_view::npos;
}

std::string_view HttpReply::header(std::string_view name) const {
    for (const auto& [key, value] : headers)
        if (key == name) return value;
    return {};
}

HttpReply stopped_reply() {
    HttpReply out;
    out.trouble = Trouble::stopped;
    out.reason = "interrupted";
    return out;
}

std::string reason_of(std::string_view detail, bool shown, std::string_view otherwise) {
    const bool telling = shown && !detail.empty() && detail.find('@') == std::string_view::npos &&
                         detail.find("://") == std::string_view::npos;
    return printable(telling ? detail : otherwise);
}

}  // namespace ktrain::kube
