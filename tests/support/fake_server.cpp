// A server on 127.0.0.1 with real sockets, plain or TLS, that answers from a script, for tests of what libcurl does.
#include "tests/support/fake_server.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "tests/support/loopback.h"

namespace ktrain::test {
namespace {

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string out(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return out;
}

void extend(X509* certificate, int what, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

}  // namespace

Certificate make_certificate() {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    extend(certificate, NID_basic_constraints, "critical,CA:TRUE");
    extend(certificate, NID_subject_alt_name, "IP:127.0.0.1,DNS:kube.test");
    X509_sign(certificate, key, EVP_sha256());
    BIO* pem = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(pem, certificate);
    BIO* key_pem = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(key_pem, key, nullptr, nullptr, 0, nullptr, nullptr);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return {text_of(pem), text_of(key_pem)};
}

struct FakeServer::Tls {
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());

    Tls(const Certificate& certificate, bool ask_client) {
        BIO* pem = BIO_new_mem_buf(certificate.pem.data(), static_cast<int>(certificate.pem.size()));
        X509* x509 = PEM_read_bio_X509(pem, nullptr, nullptr, nullptr);
        BIO* key_pem = BIO_new_mem_buf(certificate.key.data(), static_cast<int>(certificate.key.size()));
        EVP_PKEY* key = PEM_read_bio_PrivateKey(key_pem, nullptr, nullptr, nullptr);
        SSL_CTX_use_certificate(context, x509);
        SSL_CTX_use_PrivateKey(context, key);
        if (ask_client) {
            X509_STORE_add_cert(SSL_CTX_get_cert_store(context), x509);
            SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
        }
        X509_free(x509);
        EVP_PKEY_free(key);
        BIO_free(pem);
        BIO_free(key_pem);
    }
    ~Tls() { SSL_CTX_free(context); }
};

// One connection: bytes in and out, through TLS or not.
struct FakeServer::Line {
    int socket;
    SSL* ssl = nullptr;
    std::string buffered;

    ~Line() {
        SSL_free(ssl);
        ::close(socket);
    }
    long read(char* data, int size) const {
        return ssl ? SSL_read(ssl, data, size) : ::recv(socket, data, static_cast<std::size_t>(size), 0);
    }
    void write(const std::string& bytes) const {
        for (std::size_t done = 0; done < bytes.size();) {
            const int left = static_cast<int>(bytes.size() - done);
            const long n = ssl ? SSL_write(ssl, bytes.data() + done, left)
                               : ::send(socket, bytes.data() + done, static_cast<std::size_t>(left), MSG_NOSIGNAL);
            if (n <= 0) return;
            done += static_cast<std::size_t>(n);
        }
    }
};

FakeServer::FakeServer() {
    listen();
}

FakeServer::FakeServer(const Certificate& certificate, bool ask_client) {
    tls_ = std::make_unique<Tls>(certificate, ask_client);
    listen();
}

void FakeServer::listen() {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to connections that clients have left
    listen_on_loopback(listener_, port_, stop_);
    thread_ = std::thread([this] { serve(); });
}

FakeServer::~FakeServer() {
    ::close(stop_[1]);  // every poll sees the end of the pipe
    thread_.join();
    for (std::thread& line : lines_) line.join();
    ::close(stop_[0]);
    ::close(listener_);
}

std::string FakeServer::url() const {
    return (tls_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_);
}

void FakeServer::answer(std::string bytes, End end) {
    const std::lock_guard lock(mutex_);
    answers_.push_back({std::move(bytes), end});
}

void FakeServer::reply(int status, const std::string& body, const std::string& headers) {
    answer("HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           headers + "\r\n" + body);
}

void FakeServer::route(const std::string& beginning, std::string bytes, End end) {
    const std::lock_guard lock(mutex_);
    routes_[beginning] = {std::move(bytes), end};
}

FakeServer::Answer FakeServer::next(const std::string& request) {
    const std::lock_guard lock(mutex_);
    const Answer* best = nullptr;
    for (const auto& [beginning, answer] : routes_)  // sorted: of two that fit, the longer one comes last
        if (request.starts_with(beginning)) best = &answer;
    if (best != nullptr) return *best;
    if (answers_.empty()) return {"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n", End::keep};
    Answer out = answers_.front();
    answers_.pop_front();
    return out;
}

std::vector<std::string> FakeServer::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

int FakeServer::connections() const {
    const std::lock_guard lock(mutex_);
    return connections_;
}

int FakeServer::most_at_once() const {
    const std::lock_guard lock(mutex_);
    return most_at_once_;
}

int FakeServer::resumed() const {
    const std::lock_guard lock(mutex_);
    return resumed_;
}

void FakeServer::serve() {
    for (;;) {
        pollfd waiting[2] = {{listener_, POLLIN, 0}, {stop_[0], POLLIN, 0}};
        ::poll(waiting, 2, -1);
        if (waiting[1].revents != 0) return;
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) continue;
        const std::lock_guard lock(mutex_);
        ++connections_;
        most_at_once_ = std::max(most_at_once_, ++open_);
        lines_.emplace_back([this, socket] {
            Line line{socket, nullptr, {}};
            if (handshake(line)) serve_line(line);
            const std::lock_guard over(mutex_);
            --open_;  // before the client can see the end
        });
    }
}

bool FakeServer::handshake(Line& line) {
    if (!tls_) return true;
    line.ssl = SSL_new(tls_->context);
    SSL_set_fd(line.ssl, line.socket);
    if (SSL_accept(line.ssl) != 1) return false;
    const std::lock_guard lock(mutex_);
    resumed_ += SSL_session_reused(line.ssl);
    return true;
}

// A head and as much body as its Content-Length says; empty at the end of the connection.
std::string FakeServer::read_request(Line& line) {
    std::string& data = line.buffered;
    for (;;) {
        const std::size_t head = data.find("\r\n\r\n");
        if (head != std::string::npos) {
            const std::size_t at = data.find("Content-Length: ");
            const std::size_t body = at < head ? std::stoul(data.substr(at + 16)) : 0;
            if (data.size() >= head + 4 + body) {
                const std::string out = data.substr(0, head + 4 + body);
                data.erase(0, out.size());
                return out;
            }
        }
        pollfd waiting[2] = {{line.socket, POLLIN, 0}, {stop_[0], POLLIN, 0}};
        if (!line.ssl || SSL_pending(line.ssl) == 0) ::poll(waiting, 2, -1);
        if (waiting[1].revents != 0) return {};
        char buffer[65536];
        const long n = line.read(buffer, sizeof buffer);
        if (n <= 0) return {};
        data.append(buffer, static_cast<std::size_t>(n));
    }
}

void FakeServer::serve_line(Line& line) {
    for (;;) {
        const std::string request = read_request(line);
        if (request.empty()) return;
        {
            const std::lock_guard lock(mutex_);
            requests_.push_back(request);
        }
        const Answer answer = next(request);
        line.write(answer.bytes);
        if (answer.end == End::reset) {
            const linger now{1, 0};
            ::setsockopt(line.socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        }
        if (answer.end == End::stall) {
            pollfd waiting{stop_[0], POLLIN, 0};
            ::poll(&waiting, 1, -1);
        }
        if (answer.end != End::keep) return;
    }
}

}  // namespace ktrain::test
