// One request under way by libcurl: what it sends, what it has brought so far, and how it ended.
#include "core/kube/http_transfer.h"

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/kube/http_reply.h"

namespace ktrain::kube {
namespace {

constexpr std::size_t max_header_bytes = 256u << 10;
constexpr std::size_t max_body_bytes = 256u << 20;
constexpr std::size_t max_waiting_bytes = 64u << 10;  // of a stream, until it is delivered

std::size_t take_header(char* data, std::size_t, std::size_t size, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    transfer.header_bytes += size;
    if (transfer.header_bytes > max_header_bytes) {
        transfer.too_much = true;
        return 0;
    }
    take_head_line(transfer.reply, {data, size});
    return size;
}

std::size_t take_body(char* data, std::size_t, std::size_t size, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const bool delivered = transfer.handler != nullptr && is_success(transfer.reply.status);
    if (delivered && transfer.reply.body.size() > max_waiting_bytes) {
        transfer.paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    if (transfer.reply.body.size() + size > max_body_bytes) {
        transfer.too_much = true;
        return 0;
    }
    transfer.reply.body.append(data, size);
    return size;
}

// What a proxy has answered instead of opening the way to the server; 0: it was not that.
long refusal_of_proxy(const Transfer& transfer) {
    long status = 0;
    curl().easy_getinfo(transfer.easy.get(), CURLINFO_HTTP_CONNECTCODE, &status);
    return is_success(static_cast<int>(status)) ? 0 : status;
}

std::size_t give_body(char* data, std::size_t, std::size_t room, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const std::size_t size = transfer.body.copy(data, room, transfer.sent);
    transfer.sent += size;
    return size;
}

int refuse_rewind(void*, curl_off_t, int) {
    return CURL_SEEKFUNC_FAIL;
}

Trouble trouble_of(CURLcode code, const Transfer& transfer) {
    if (transfer.too_much) return Trouble::garbled;
    if (code != CURLE_OK && refusal_of_proxy(transfer) != 0) return Trouble::connect;
    if (std::string_view(transfer.error).starts_with("Unsupported proxy")) return Trouble::proxy;
    switch (code) {
        case CURLE_OK:
            return Trouble::none;
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_COULDNT_CONNECT:
        case CURLE_PROXY:
            return Trouble::connect;
        case CURLE_SSL_CONNECT_ERROR:
            return broke_in_handshake(transfer.error) ? Trouble::connect : Trouble::tls;
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
            return Trouble::tls;
        case CURLE_OPERATION_TIMEDOUT:
            return Trouble::timed_out;
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_BAD_CONTENT_ENCODING:
            return Trouble::garbled;
        default:
            return Trouble::lost;
    }
}

}  // namespace

bool is_success(int status) {
    return status >= 200 && status < 300;
}

void set_callbacks(Transfer& transfer) {
    CURL* easy = transfer.easy.get();
    if (!transfer.body.empty()) {
        curl().easy_setopt(easy, CURLOPT_POST, 1L);
        curl().easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(transfer.body.size()));
        curl().easy_setopt(easy, CURLOPT_READFUNCTION, give_body);
        curl().easy_setopt(easy, CURLOPT_READDATA, &transfer);
        curl().easy_setopt(easy, CURLOPT_SEEKFUNCTION, refuse_rewind);
    }
    curl().easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error);
    curl().easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl().easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    curl().easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl().easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl().easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
}

void finish(Transfer& transfer, CURLcode code) {
    transfer.done = true;
    HttpReply& reply = transfer.reply;
    reply.trouble = trouble_of(code, transfer);
    if (reply.trouble == Trouble::none && reply.status == 0) reply.trouble = Trouble::garbled;
    const bool cut = transfer.handler == nullptr && reply.trouble == Trouble::none && ends_early(reply);
    if (cut) reply.trouble = Trouble::lost;
    if (cut)
        reply.reason = "the answer ended early";
    else if (transfer.too_much)
        reply.reason = "the reply is larger than any API server sends";
    else if (const long refusal = refusal_of_proxy(transfer); code != CURLE_OK && refusal != 0)
        reply.reason = fmt::format("the proxy answers HTTP {}", refusal);
    else if (code == CURLE_SEND_FAIL_REWIND)
        reply.reason = "no answer came";
    else if (code != CURLE_OK)
        reply.reason = reason_of(trim(transfer.error), code != CURLE_COULDNT_RESOLVE_PROXY, curl().easy_strerror(code));
}

}  // namespace ktrain::kube
