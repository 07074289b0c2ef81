// HTTP by libcurl's multi interface: every transfer, waited for or streamed, runs in one loop on one thread.
#include "core/kube/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <thread>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/kube/http_reply.h"
#include "core/kube/http_transfer.h"

namespace ktrain::kube {
namespace {

constexpr std::size_t at_once = 4;  // of requests that are sent together: a handshake costs as much as a few of them
constexpr std::chrono::milliseconds stop_check{200};
// What comes within this time after a delivery is delivered as one, unless it is a lot.
constexpr std::chrono::milliseconds gather_time{50};
constexpr std::size_t gather_bytes = 64u << 10;

using Multi = std::unique_ptr<CURLM, Deleter<&CurlLibrary::multi_cleanup>>;
using Share = std::unique_ptr<CURLSH, Deleter<&CurlLibrary::share_cleanup>>;

class CurlHttp final : public Http {
public:
    CurlHttp(const HttpOptions& options, Clock& clock) : options_(options), clock_(clock) {
        while (options_.server.ends_with('/')) options_.server.pop_back();
    }

    ~CurlHttp() override {
        for (auto& [id, transfer] : streams_) detach(transfer);
    }

    HttpReply send(const HttpRequest& request) override { return std::move(send_all({request}).front()); }
    std::vector<HttpReply> send_all(const std::vector<HttpRequest>& requests) override;

    StreamId open(const HttpRequest& request, StreamHandler& handler) override {
        const StreamId id = next_id_++;
        Transfer& transfer = streams_[id];
        prepare(transfer, request, request.bounded);
        transfer.handler = &handler;
        attach(transfer);
        return id;
    }

    void close(StreamId stream) override {
        const auto found = streams_.find(stream);
        if (found == streams_.end()) return;
        detach(found->second);
        streams_.erase(found);
    }

    void turn(std::chrono::milliseconds patience) override {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        for (;;) {
            const auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
            if (deliver() || left.count() <= 0 || clock_.stop_signal() != 0) return;
            advance();
            if (deliverable())
                gather();
            else
                rest(std::min(left, stop_check));
        }
    }

    void use_certificate(const std::string& certificate, const std::string& key) override {
        certificate_ = certificate;  // libcurl takes up no connection that was made with another one
        key_ = key;
    }
    void use_authority(const std::string& pem) override { options_.ca = pem; }

private:
    void prepare(Transfer& transfer, const HttpRequest& request, bool bounded);
    void set_security(Transfer& transfer);
    void attach(Transfer& transfer);
    void detach(Transfer& transfer) {
        if (multi_) curl().multi_remove_handle(multi_.get(), transfer.easy.get());
    }
    void cut_off(Transfer& transfer) {
        detach(transfer);
        transfer.reply = stopped_reply();
        transfer.done = true;
    }
    void advance();
    void rest(std::chrono::milliseconds patience) {
        curl().multi_poll(multi_.get(), nullptr, 0, static_cast<int>(patience.count()), nullptr);
    }
    void gather();
    std::size_t waiting_bytes() const;
    bool deliverable() const;
    bool deliver();

    HttpOptions options_;
    Clock& clock_;
    std::string certificate_, key_;
    Share sessions_;  // of TLS: the connections that all broke at once are made anew without whole handshakes
    Multi multi_;
    std::map<StreamId, Transfer> streams_;  // nodes stay where they are: libcurl holds their addresses
    StreamId next_id_ = 1;
    std::chrono::steady_clock::time_point delivered_{};  // when last
};

std::vector<HttpReply> CurlHttp::send_all(const std::vector<HttpRequest>& requests) {
    std::vector<Transfer> transfers(requests.size());
    std::size_t begun = 0, over = 0;
    while (over < requests.size()) {
        for (; begun < requests.size() && begun - over < at_once; ++begun) {
            prepare(transfers[begun], requests[begun], true);
            attach(transfers[begun]);
        }
        for (std::size_t i = 0; i < begun && clock_.stop_signal() != 0; ++i)
            if (!transfers[i].done && !requests[i].uninterruptible) cut_off(transfers[i]);
        advance();
        over = static_cast<std::size_t>(std::ranges::count_if(transfers, &Transfer::done));
        // What streams bring meanwhile stays in them: only turn() delivers it.
        if (over < begun && (begun == requests.size() || begun - over >= at_once)) rest(stop_check);
    }
    std::vector<HttpReply> out;
    for (Transfer& transfer : transfers) detach(transfer), out.push_back(std::move(transfer.reply));
    return out;
}

void CurlHttp::prepare(Transfer& transfer, const HttpRequest& request, bool bounded) {
    if (!multi_) {
        static const CURLcode ready = curl().global_init(CURL_GLOBAL_DEFAULT);
        multi_.reset(curl().multi_init());
        sessions_.reset(curl().share_init());
        if (ready != CURLE_OK || !multi_ || !sessions_) throw Error(ErrorKind::bug, "libcurl does not start");
        curl().share_setopt(sessions_.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    }
    transfer.easy.reset(curl().easy_init());
    CURL* easy = transfer.easy.get();
    std::string url = options_.server + request.path;
    curl_slist* headers = nullptr;
    if (!options_.tls_server_name.empty()) {
        // The URL carries the name to verify, CONNECT_TO the address, Host what the server expects.
        const UrlAddress address = address_of(options_.server);
        url = with_host(options_.server, options_.tls_server_name);
        url += request.path.substr(url.ends_with('/') ? 1 : 0);
        const std::string to =
            fmt::format("{}:{}:{}:{}", options_.tls_server_name, address.port, address.host, address.port);
        transfer.connect_to.reset(curl().slist_append(nullptr, to.c_str()));
        curl().easy_setopt(easy, CURLOPT_CONNECT_TO, transfer.connect_to.get());
        headers = curl().slist_append(headers, fmt::format("Host: {}:{}", address.host, address.port).c_str());
    }
    for (const auto& [name, value] : request.headers)
        headers = curl().slist_append(headers, (name + ": " + value).c_str());
    headers = curl().slist_append(headers, "Expect:");  // no pause of a second before a body
    transfer.headers.reset(headers);
    transfer.body = request.body;
    curl().easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl().easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);  // "/.." must not become another path on the way
    curl().easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers.get());
    curl().easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    if (options_.compression) curl().easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    // The proxy looks up names, as with kubectl: those of a private cluster are known there only.
    const bool socks = options_.proxy_url.starts_with("socks5://");
    const std::string proxy = socks ? "socks5h" + options_.proxy_url.substr(6) : options_.proxy_url;
    curl().easy_setopt(easy, CURLOPT_PROXY, proxy.c_str());
    curl().easy_setopt(easy, CURLOPT_NOPROXY, "");
    set_security(transfer);
    curl().easy_setopt(easy, CURLOPT_SHARE, sessions_.get());
    curl().easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl().easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    // Not HTTP/2: its implementation in the libcurl of Debian 12 loses streams; log streams take a connection each.
    curl().easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl().easy_setopt(easy, CURLOPT_USERAGENT, options_.user_agent.c_str());
    curl().easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
    if (bounded) curl().easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.request_timeout.count()));
    curl().easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl().easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);  // finds out that the other end of a quiet watch is gone
    curl().easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, 30L);
    curl().easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, 10L);
    set_callbacks(transfer);
}

void CurlHttp::set_security(Transfer& transfer) {
    CURL* easy = transfer.easy.get();
    const auto blob = [easy](CURLoption option, const std::string& pem) {
        if (pem.empty()) return;
        curl_blob value{const_cast<char*>(pem.data()), pem.size(), CURL_BLOB_COPY};
        curl().easy_setopt(easy, option, &value);
    };
    const long verify = options_.insecure_skip_tls_verify ? 0 : 1;
    curl().easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, verify);
    curl().easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2 * verify);
    curl().easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    // A proxy with TLS: by the same rules, as with kubectl, and by the system's authorities as well.
    curl().easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYPEER, verify);
    curl().easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYHOST, 2 * verify);
    blob(CURLOPT_PROXY_CAINFO_BLOB, options_.ca);
    if (!options_.ca.empty()) {  // this authority alone is trusted, none of the system's
        curl().easy_setopt(easy, CURLOPT_CAINFO, nullptr);
        curl().easy_setopt(easy, CURLOPT_CAPATH, nullptr);
    }
    blob(CURLOPT_CAINFO_BLOB, options_.ca);
    blob(CURLOPT_SSLCERT_BLOB, certificate_);
    blob(CURLOPT_SSLKEY_BLOB, key_);
}

void CurlHttp::attach(Transfer& transfer) {
    if (curl().multi_add_handle(multi_.get(), transfer.easy.get()) != CURLM_OK)
        throw Error(ErrorKind::bug, "libcurl refuses a request");
}

// Moves all transfers on; what they bring stays in them.
void CurlHttp::advance() {
    int running = 0;
    curl().multi_perform(multi_.get(), &running);
    int left = 0;
    while (const CURLMsg* message = curl().multi_info_read(multi_.get(), &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        Transfer* transfer = nullptr;
        curl().easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        finish(*transfer, message->data.result);
    }
}

bool CurlHttp::deliverable() const {
    return std::any_of(streams_.begin(), streams_.end(), [](const auto& entry) {
        const Transfer& transfer = entry.second;
        return transfer.done ||
               (is_success(transfer.reply.status) && (!transfer.opened || !transfer.reply.body.empty()));
    });
}

std::size_t CurlHttp::waiting_bytes() const {
    std::size_t sum = 0;
    for (const auto& [id, transfer] : streams_) sum += transfer.reply.body.size();
    return sum;
}

// Waits for more to deliver at once: a turn for each line of a log would cost more than all else.
void CurlHttp::gather() {
    const auto now = std::chrono::steady_clock::now();
    const auto until = delivered_ + gather_time;
    if (until <= now || waiting_bytes() >= gather_bytes) return;
    std::this_thread::sleep_for(until - now);
    // A call reads one record of TLS from each connection at most.
    for (std::size_t before = 0; waiting_bytes() > before && before < gather_bytes; advance()) before = waiting_bytes();
}

// Hands every stream what it has brought; true when there was anything.
bool CurlHttp::deliver() {
    if (!deliverable()) return false;
    delivered_ = std::chrono::steady_clock::now();
    std::vector<StreamId> ids;
    for (const auto& [id, transfer] : streams_) ids.push_back(id);
    for (const StreamId id : ids) {
        const auto alive = [&] { return streams_.contains(id); };  // a handler may close any of them
        if (!alive()) continue;
        Transfer& transfer = streams_.at(id);
        StreamHandler& handler = *transfer.handler;
        const bool good = is_success(transfer.reply.status);
        if (good && !std::exchange(transfer.opened, true)) handler.on_open(transfer.reply);
        if (alive() && good && !transfer.reply.body.empty()) {
            const std::string piece = std::exchange(transfer.reply.body, {});
            handler.on_data(piece);
        }
        if (alive() && std::exchange(transfer.paused, false)) curl().easy_pause(transfer.easy.get(), CURLPAUSE_CONT);
        if (!alive() || !transfer.done) continue;
        const HttpReply reply = std::move(transfer.reply);
        close(id);
        handler.on_end(reply);
    }
    return true;
}

}  // namespace

std::unique_ptr<Http> make_http(const HttpOptions& options, Clock& clock) {
    return std::make_unique<CurlHttp>(options, clock);
}

}  // namespace ktrain::kube
