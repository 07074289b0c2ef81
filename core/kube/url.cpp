// URLs, read by libcurl's own parser, so that what is checked is what will be asked.
#include "core/kube/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <memory>

#include "core/kube/curl_library.h"

namespace ktrain::kube {
namespace {

// A URL that can be read, or none.
class Url {
public:
    explicit Url(const std::string& text) : url_(curl().url(), curl().url_cleanup) { good_ = set(CURLUPART_URL, text); }
    bool good() const { return good_; }
    bool set(CURLUPart part, const std::string& text) {  // libcurl supports no scheme that is for proxies alone
        return curl().url_set(url_.get(), part, text.c_str(), CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
    }
    std::string part(CURLUPart what) const {
        char* text = nullptr;
        if (!good_ || curl().url_get(url_.get(), what, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return {};
        const std::unique_ptr<char, decltype(&curl_free)> owner(text, curl().free);
        return text;
    }

private:
    std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url_;
    bool good_ = false;
};

bool has_late_password(std::string_view url) {
    const std::size_t host = url.find("://");
    const std::size_t at = url.rfind('@');
    return host != std::string_view::npos && at != std::string_view::npos && url.find_first_of("/?#", host + 3) <= at;
}

}  // namespace

bool is_url(const std::string& text) {
    constexpr std::string_view schemes[] = {"http", "https", "socks5", "socks5h"};
    const Url url(text);
    return url.good() && std::ranges::find(schemes, url.part(CURLUPART_SCHEME)) != std::end(schemes) &&
           !has_late_password(text);
}

UrlAddress address_of(const std::string& url) {
    const Url parsed(url);
    return {parsed.part(CURLUPART_HOST), parsed.part(CURLUPART_PORT)};
}

std::string with_host(const std::string& url, const std::string& host) {
    Url parsed(url);
    return parsed.good() && parsed.set(CURLUPART_HOST, host) ? parsed.part(CURLUPART_URL) : "";
}

std::string percent_encode(std::string_view text) {
    std::string out;
    for (const unsigned char c : text) {
        if (std::isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~')
            out += static_cast<char>(c);
        else
            out += fmt::format("%{:02X}", c);
    }
    return out;
}

}  // namespace ktrain::kube
