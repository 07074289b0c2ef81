// Who we are to the server: headers and client certificate of one kubeconfig user, renewed when they run out.
#include "core/kube/auth.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/base64.h"
#include "core/base/error.h"
#include "core/base/text.h"

namespace ktrain::kube {
namespace {

constexpr std::chrono::minutes file_period{1};  // until a file is read again
constexpr std::chrono::seconds expiry_leeway{10};

// Keys of Impersonate-Extra-* are header names: what may not stand there is percent-encoded.
std::string header_escape(std::string_view key) {
    std::string out;
    for (const unsigned char c : key) {
        if (std::isalnum(c) || std::string_view("!#$&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos)
            out += static_cast<char>(std::tolower(c));
        else
            out += fmt::format("%{:02X}", c);
    }
    return out;
}

// From beginning to end: a file that is being written has no end yet.
bool holds_certificate(const std::string& pem) {
    const std::size_t begin = pem.find("-----BEGIN CERTIFICATE-----");
    return begin != std::string::npos && pem.find("-----END CERTIFICATE-----", begin) != std::string::npos;
}

}  // namespace

Auth::Auth(const Connection& connection, const Files& files, Clock& clock, RunProgram run, bool terminal)
    : cluster_(connection.cluster),
      user_(connection.user),
      files_(files),
      clock_(clock),
      run_(std::move(run)),
      terminal_(terminal),
      secure_(connection.cluster.server.starts_with("https://")) {
    if (!secure_) return;
    pem_ = read_pem();
    pem_read_ = clock_.steady();
}

Auth::Pem Auth::read_pem() const {
    return {read_material(cluster_.ca, "certificate authority", cluster_.where, files_),
            read_material(user_.certificate, "client certificate", user_.where, files_),
            read_material(user_.key, "client key", user_.where, files_)};
}

// True when a file holds something else now. What cannot be read, or is half-written, is left for the next time.
bool Auth::reread() {
    pem_read_ = clock_.steady();
    try {
        Pem now = read_pem();
        const bool whole = (!cluster_.ca.given() || holds_certificate(now.ca)) &&
                           (!user_.certificate.given() || (!now.certificate.empty() && !now.key.empty()));
        if (now == pem_ || !whole) return false;
        pem_ = std::move(now);
    } catch (const Error&) {
        return false;
    }
    pem_given_ = false;
    return true;
}

// What the token file holds. Errors: Error{input, denied} when that is no token.
std::string Auth::read_token() const {
    std::string token(trim(read_material({"", user_.token_file}, "token file", user_.where, files_)));
    if (token.empty() || std::any_of(token.begin(), token.end(), [](unsigned char c) { return c <= ' ' || c >= 0x7f; }))
        throw Error(ErrorKind::input, fmt::format("the token file {} holds no token", user_.token_file), user_.where);
    return token;
}

// The token to send, or empty.
std::string Auth::bearer(Http& http) {
    if (!user_.token_file.empty()) {
        const auto now = clock_.steady();
        if (!file_token_.empty() && now - token_read_ < file_period) return file_token_;
        try {
            file_token_ = read_token();
            token_read_ = now;
        } catch (const Error&) {  // whoever renews the file may be at it: the old token may still be good
            if (file_token_.empty()) throw;
        }
        return file_token_;
    }
    if (!user_.token.empty()) return user_.token;
    // Other credentials beat the plugin, as in kubectl.
    if (!user_.exec || !user_.username.empty() || !pem_.certificate.empty()) return {};
    if (credential_ && credential_->expires && clock_.now() + expiry_leeway >= *credential_->expires)
        credential_.reset();
    if (!credential_) {
        credential_ = run_exec_plugin(user_, cluster_, pem_.ca, terminal_, run_);
        http.use_certificate(credential_->certificate, credential_->key);  // an old one must not stay
    }
    return credential_->token;
}

Headers Auth::headers(Http& http) {
    Headers out;
    if (!secure_) return out;
    if (clock_.steady() - pem_read_ >= file_period) reread();
    if (!std::exchange(pem_given_, true)) {
        if (!pem_.ca.empty()) http.use_authority(pem_.ca);
        if (!pem_.certificate.empty()) http.use_certificate(pem_.certificate, pem_.key);
    }
    const std::string token = bearer(http);
    if (!token.empty())
        out.emplace_back("Authorization", "Bearer " + token);
    else if (!user_.username.empty())
        out.emplace_back("Authorization", "Basic " + base64_encode(user_.username + ":" + user_.password));
    if (user_.impersonate.empty()) return out;
    out.emplace_back("Impersonate-User", user_.impersonate);
    if (!user_.impersonate_uid.empty()) out.emplace_back("Impersonate-Uid", user_.impersonate_uid);
    for (const std::string& group : user_.impersonate_groups) out.emplace_back("Impersonate-Group", group);
    for (const auto& [key, value] : user_.impersonate_extra)
        out.emplace_back("Impersonate-Extra-" + header_escape(key), value);
    return out;
}

bool Auth::renew(const HttpReply& refusal) {
    const bool unknown = refusal.trouble == Trouble::none && refusal.status == 401;
    if (!secure_ || (!unknown && refusal.trouble != Trouble::tls)) return false;
    const bool changed = reread();
    return (unknown && forget()) || changed;
}

// The credentials that were refused; false when there are no others to be had.
bool Auth::forget() {
    if (!user_.token_file.empty()) {
        const std::string old = std::exchange(file_token_, {});
        return !old.empty();
    }
    const bool had = credential_.has_value();
    credential_.reset();
    return had;
}

std::string Auth::suspicion() const {
    if (!credential_ || !credential_->expires || clock_.now() < *credential_->expires) return {};
    return fmt::format(
        "the credential plugin {} gave one that ran out at {}: log in with it, and see this machine's clock",
        user_.exec->command, format_time(*credential_->expires));
}

HttpOptions http_options(const Connection& connection, const Files& files) {
    const ClusterEntry& cluster = connection.cluster;
    HttpOptions out;
    out.server = cluster.server;
    if (cluster.server.starts_with("https://")) {
        out.ca = read_material(cluster.ca, "certificate authority", cluster.where, files);
        if (cluster.ca.given() && !holds_certificate(out.ca)) {
            throw Error(
                ErrorKind::input,
                fmt::format("the certificate authority of cluster \"{}\" holds no PEM certificate", cluster.name),
                cluster.where, "correct certificate-authority in the kubeconfig");
        }
    }
    out.insecure_skip_tls_verify = cluster.insecure_skip_tls_verify;
    out.tls_server_name = cluster.tls_server_name;
    out.proxy_url = connection.proxy;
    out.compression = !cluster.disable_compression;
    return out;
}

}  // namespace ktrain::kube
