// KT012: texts that are not base64; base64 of another flavour is told from plain text, and from what may be either.
#include "core/lint/secret_data.h"

#include <algorithm>
#include <array>

#include "core/base/base64.h"
#include "core/base/text.h"
#include "core/lint/changes.h"
#include "core/lint/values.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

// What a text that is not base64 was meant for.
enum class Meant { plain, encoded, unclear };

struct Reading {
    Meant meant;
    std::string bytes = {};  // of what is encoded
};

// Text, of a few bytes only in ASCII: other bytes are a character of UTF-8 by chance too often.
bool is_readable(std::string_view bytes) {
    constexpr std::size_t few = 12;
    const auto odd = [&](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || (byte >= 0x80 && bytes.size() < few);
    };
    return !bytes.empty() && valid_utf8(bytes) && std::ranges::none_of(bytes, odd);
}

// The words of the text as one where they are the lines of a text that was wrapped, else "".
std::string unwrapped(std::string_view text) {
    constexpr std::size_t least = 60;  // encoders wrap at 64 and 76
    constexpr std::string_view blanks = " \t\r\n";
    std::string all;
    for (std::size_t first = 0, at = text.find_first_not_of(blanks); at != std::string_view::npos;) {
        const std::size_t end = std::min(text.find_first_of(blanks, at), text.size());
        const std::size_t size = end - at, next = text.find_first_not_of(blanks, end);
        if (first == 0) first = size;
        if (first != size && (next != std::string_view::npos || size > first)) return "";
        if (first < least && next != std::string_view::npos) return "";
        all += text.substr(at, size);
        at = next;
    }
    return all;
}

// Encoded, in lines of the same length as those of the text.
std::string wrapped_as(std::string_view text, const std::string& encoded) {
    const std::string_view words = trim(text);
    const std::size_t width = words.find_first_of(" \t\r\n");
    if (width == std::string_view::npos) return encoded;
    std::string lines;
    for (std::size_t at = 0; at < encoded.size(); at += width)
        lines += (at > 0 ? "\n" : "") + encoded.substr(at, width);
    return text.ends_with('\n') ? lines + '\n' : lines;
}

// In the alphabet of RFC 4648 and without padding, also from the one for addresses; "" where it is of none, or of both.
std::string in_standard_alphabet(std::string text) {
    constexpr std::string_view common = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    text.erase(text.find_last_not_of('=') + 1);
    bool standard = false, for_addresses = false;
    for (char& c : text) {
        if (common.find(c) != std::string_view::npos) continue;
        standard = standard || c == '+' || c == '/';
        for_addresses = for_addresses || c == '-' || c == '_';
        if (c != '+' && c != '/' && c != '-' && c != '_') return "";
        c = c == '-' ? '+' : c == '_' ? '/' : c;
    }
    return standard && for_addresses ? "" : text;
}

Reading read(std::string_view text) {
    const std::string word = unwrapped(text);
    const std::string body = in_standard_alphabet(word);
    if (body.empty()) {
        std::string together(text);
        std::erase_if(together, [](char c) { return c == ' ' || c == '\t'; });
        const auto bytes = base64_decode(together);
        return {bytes && is_readable(*bytes) ? Meant::unclear : Meant::plain};
    }
    const std::string padded = body + std::string((4 - body.size() % 4) % 4, '=');
    std::optional<std::string> bytes = body.size() % 4 == 1 ? std::nullopt : base64_decode(padded);
    if (bytes && base64_encode(*bytes) != padded) bytes.reset();  // bits behind the end: no encoder writes these
    // A plain word may be base64 of some bytes by chance, hardly of a text that can be read, or wrapped.
    constexpr std::size_t least = 6;
    const bool has_padding = word.size() > body.size(), wrapped = word == padded && word.size() < trim(text).size();
    if (bytes && (wrapped || (is_readable(*bytes) && (has_padding || bytes->size() >= least))))
        return {Meant::encoded, *std::move(bytes)};
    const auto start = base64_decode(body.substr(0, body.size() / 4 * 4));
    const bool damaged = has_padding || (start && is_readable(*start));
    return {bytes || damaged ? Meant::unclear : Meant::plain};
}

// As programs print texts, and Python bytes: the quotes may belong to the value or not, with base64 in them or not.
bool is_quoted(std::string_view text) {
    text = trim(text);
    if (text.starts_with('b')) text.remove_prefix(1);
    return text.size() > 2 && (text.front() == '"' || text.front() == '\'') && text.ends_with(text.front());
}

}  // namespace

bool is_made_later(std::string_view text) {
    constexpr std::array<std::string_view, 6> actions{"$(", "${", "{{", "`", "%{", "ENC["};  // the last is of SOPS
    constexpr std::array<std::string_view, 6> keepers{"arn:", "op:", "projects/", "ref+", "ssm:", "vault:"};
    return text.starts_with('$') ||
           std::ranges::any_of(actions, [&](auto one) { return text.find(one) != std::string_view::npos; }) ||
           std::ranges::any_of(keepers, [&](auto one) { return text.starts_with(one); });
}

void check_base64(Findings& findings, const Trail& at) {
    // A number may be plain text or, by chance, base64: who wrote it knows.
    if (!at.is(Kind::string))
        return wrong_type(findings, at, "a string in base64",
                          at.node->is_scalar() ? "put it in quotes if it is base64, or as it is under stringData" : "");
    if (base64_decode(at.text())) return;
    const auto report = [&](const char* problem, const char* fix) -> Diagnostic& {
        return findings.add("KT012", at.spot().place(), "data of '" + at.last_step() + "' is " + problem, fix);
    };
    constexpr const char* fix =
        "put plain text under stringData (Secret) or data (ConfigMap), or encode it: printf %s VALUE | base64 -w0";
    if (is_placeholder(at.text())) return void(report("a placeholder, not base64", fix));
    if (is_made_later(at.text()))
        return void(
            report("a template or a variable, not base64", "check the file that comes of it, or write base64 here"));
    const Reading reading = read(at.text());
    const std::string path = at.spot().path;
    if (reading.meant == Meant::encoded) {
        const std::string meant = wrapped_as(at.text(), base64_encode(reading.bytes));
        const bool lines = meant.find('\n') != std::string::npos;
        report("base64 of another flavour than the server reads",
               lines ? "write its lines in the standard alphabet, with padding, below '|': others are joined by blanks"
                     : "write it in the standard alphabet, with its padding: base64 -w0")
            .changes = {set_value(path, meant)};
        return;
    }
    if (reading.meant == Meant::unclear || is_quoted(at.text()))
        return void(report("not base64: damaged, or plain text", fix));
    // Plain text in the data of a Secret can only be meant for its stringData.
    const Spot& root = findings.object().root;
    const std::string key(at.name);
    if (findings.object().kind != "Secret" || path != join_path(join_path(root.path, "data"), key))
        return void(report("not base64", fix));
    if (root["stringData"][key])
        return void(report("not base64", "remove it: stringData has the key as well, and is what counts"));
    report("not base64", fix).changes = {remove_value(path),
                                         add_member(join_path(root.path, "stringData"), key, at.text())};
}

}  // namespace ktrain::lint
