// Reads names of images: [REGISTRY[:PORT]/]PATH[:TAG][@ALGORITHM:DIGEST]. Source: github.com/distribution/reference
// v0.6, which the kubelet and container runtimes read them with.
#include "core/lint/image_name.h"

#include <algorithm>
#include <array>

#include "core/base/ascii.h"

namespace ktrain::lint {
namespace {

using ascii::is_digit;
bool is_word(char c) {
    return ascii::is_alphanumeric(c) || c == '_';
}
bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f');
}

struct Digest {
    std::string_view algorithm;
    std::size_t size;
};
constexpr std::array<Digest, 3> digests{{{"sha256", 64}, {"sha384", 96}, {"sha512", 128}}};

std::string digest_problem(std::string_view digest) {
    const std::size_t colon = digest.find(':');
    const auto known = std::ranges::find(digests, digest.substr(0, colon), &Digest::algorithm);
    if (colon == std::string_view::npos || known == digests.end()) return "has no digest of the form sha256:DIGEST";
    const std::string_view value = digest.substr(colon + 1);
    if (value.size() == known->size && std::ranges::all_of(value, is_hex)) return "";
    return "has a digest that is not " + std::to_string(known->size) + " digits of 0-9 and a-f";
}

std::string tag_problem(std::string_view tag) {
    constexpr std::size_t most = 128;
    const auto inside = [](char c) { return is_word(c) || c == '.' || c == '-'; };
    if (tag.empty()) return "ends where a tag is wanted";
    if (tag.size() > most) return "has a tag of more than 128 characters";
    if (is_word(tag.front()) && std::ranges::all_of(tag, inside)) return "";
    return "has a tag with other characters than letters, digits, '_', '.' and '-'";
}

// Small letters and digits, with one dot, one or two '_' or any '-' between them.
bool is_path_part(std::string_view part) {
    const auto inside = [](char c) { return ascii::is_lower(c) || is_digit(c); };
    if (part.empty() || !inside(part.front()) || !inside(part.back())) return false;
    for (std::size_t at = 0; at < part.size();) {
        std::size_t end = at;
        while (end < part.size() && !inside(part[end])) ++end;
        const std::string_view between = part.substr(at, end - at);
        const bool dashes = between.find_first_not_of('-') == std::string_view::npos;
        if (!dashes && between != "." && between != "_" && between != "__") return false;
        at = end + 1;
    }
    return true;
}

bool is_registry(std::string_view host) {
    const std::size_t colon = host.find(':');
    if (host.starts_with('[')) return true;  // an IPv6 address
    if (colon != std::string_view::npos) {
        const std::string_view port = host.substr(colon + 1);
        if (port.empty() || !std::ranges::all_of(port, is_digit)) return false;
    }
    for (std::string_view rest = host.substr(0, colon);;) {
        const std::size_t dot = rest.find('.');
        const std::string_view part = rest.substr(0, dot);
        const auto inside = [](char c) { return (is_word(c) && c != '_') || c == '-'; };
        if (part.empty() || part.front() == '-' || part.back() == '-' || !std::ranges::all_of(part, inside))
            return false;
        if (dot == std::string_view::npos) return true;
        rest.remove_prefix(dot + 1);
    }
}

std::string path_problem(std::string_view path) {
    for (std::string_view rest = path;;) {
        const std::size_t slash = rest.find('/');
        const std::string_view part = rest.substr(0, slash);
        if (part.empty()) return "has an empty part: a '/' too many, or no name";
        if (std::ranges::any_of(part, ascii::is_upper)) return "has capitals, and names of images are in small letters";
        if (!is_path_part(part)) return "has characters that names of images do not have there";
        if (slash == std::string_view::npos) return "";
        rest.remove_prefix(slash + 1);
    }
}

}  // namespace

std::string image_problem(std::string_view image) {
    if (image.find_first_of(" \t\r\n") != std::string_view::npos) return "has blanks in it";
    if (image.starts_with("ko://")) return "";  // ko writes the name before it applies the manifest
    if (image.find("://") != std::string_view::npos) return "begins with a protocol, which no registry has in its name";
    const std::size_t at = image.find('@');
    if (at != std::string_view::npos) {
        if (std::string problem = digest_problem(image.substr(at + 1)); !problem.empty()) return problem;
    }
    std::string_view name = image.substr(0, at);
    const std::size_t last = name.rfind('/');
    const std::size_t colon = name.find(':', last == std::string_view::npos ? 0 : last);
    if (colon != std::string_view::npos) {
        if (std::string problem = tag_problem(name.substr(colon + 1)); !problem.empty()) return problem;
        name = name.substr(0, colon);
    }
    constexpr std::size_t most = 255;
    if (name.size() > most) return "has more than 255 characters in front of its tag";
    const std::size_t slash = name.find('/');
    const std::string_view first = name.substr(0, slash);
    const bool registry =
        slash != std::string_view::npos &&
        (first.find_first_of(".:") != std::string_view::npos || first == "localhost" ||
         std::ranges::any_of(first, ascii::is_upper));  // splitDockerDomain() of distribution/reference
    if (!registry) return path_problem(name);
    if (!is_registry(first) && !is_path_part(first)) return "does not begin with the name of a registry";
    return path_problem(name.substr(slash + 1));
}

}  // namespace ktrain::lint
