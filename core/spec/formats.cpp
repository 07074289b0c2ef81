// Checks of texts that must look like something, against grammars and the embedded tables.
#include "core/spec/formats.h"

#include <algorithm>
#include <vector>

#include "core/base/api_names.h"
#include "core/base/ascii.h"
#include "core/base/names.h"
#include "core/base/quantity.h"
#include "core/base/text.h"
#include "core/spec/words.h"

namespace ktrain::spec {
namespace {

using Problem = std::optional<FormatProblem>;

bool lower_or_digit(char c) {
    return ascii::is_lower(c) || ascii::is_digit(c);
}

bool all_of(std::string_view text, auto&& allowed) {
    return std::all_of(text.begin(), text.end(), allowed);
}

Problem wanted(Format format, std::string fix = "") {
    return FormatProblem{wanted_text(Field{.format = format}), std::move(fix)};
}

Problem check_quantity(std::string& text) {
    const auto quantity = Quantity::parse(text);
    if (quantity && *quantity > Quantity{}) return {};
    const std::string suggestion = quantity ? "" : Quantity::suggest(text);
    return wanted(Format::quantity, suggestion.empty() ? "" : "write " + suggestion);
}

Problem check_duration(std::string& text) {
    const auto duration = parse_duration(text);
    if (duration && duration->count() > 0) return {};
    return wanted(Format::duration);
}

// A DNS label of `most` letters at most, which is what `format` says in words.
Problem check_name(std::string& text, Format format, std::size_t most) {
    if (is_dns_label(text) && text.size() <= most) return {};
    std::string name = lower(text.substr(0, most));
    for (char& c : name)
        if (!lower_or_digit(c)) c = '-';
    while (name.starts_with('-')) name.erase(0, 1);
    while (name.ends_with('-')) name.pop_back();
    return wanted(format, name.empty() ? "" : "write " + name);
}

Problem check_path(std::string& text) {
    if (!text.empty() && text == printable(text)) return {};
    return wanted(Format::path);
}

// One part of an image name: lower-case letters and digits, with . _ - between them.
bool is_image_part(std::string_view part) {
    return !part.empty() && lower_or_digit(part.front()) && lower_or_digit(part.back()) &&
           all_of(part, [](char c) { return lower_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

bool is_registry(std::string_view part) {
    const std::size_t colon = std::min(part.find(':'), part.size());
    const std::string_view host = part.substr(0, colon);
    const std::string_view port = part.substr(std::min(colon + 1, part.size()));
    return !host.empty() && all_of(host, [](char c) { return ascii::is_alphanumeric(c) || c == '.' || c == '-'; }) &&
           (colon == part.size() || !port.empty()) && all_of(port, [](char c) { return c >= '0' && c <= '9'; });
}

// "@sha256:..." and ":tag" are cut from the end of `rest`; false when one of them is wrong.
bool take_tag_and_digest(std::string_view& rest) {
    if (const auto at = rest.find('@'); at != std::string_view::npos) {
        const std::string_view digest = rest.substr(at + 1);
        const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
        if (!digest.starts_with("sha256:") || digest.size() != 71 || !all_of(digest.substr(7), hex)) return false;
        rest = rest.substr(0, at);
    }
    const auto colon = rest.rfind(':');
    if (colon == std::string_view::npos || rest.find('/', colon) != std::string_view::npos) return true;
    const std::string_view tag = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
    return !tag.empty() && tag.size() <= 128 && tag.front() != '.' && tag.front() != '-' &&
           all_of(tag, [](char c) { return ascii::is_alphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

// [registry[:port]/]name[/name...][:tag][@digest]
Problem check_image(std::string& text) {
    std::string_view rest = text;
    if (!take_tag_and_digest(rest)) return wanted(Format::image);
    std::vector<std::string> parts = split(rest, '/');
    const std::string& first = parts.front();
    const bool registry = parts.size() > 1 && (first.find_first_of(".:") != std::string::npos || first == "localhost");
    if (registry && !is_registry(first)) return wanted(Format::image);
    if (registry) parts.erase(parts.begin());
    return std::all_of(parts.begin(), parts.end(), is_image_part) ? Problem{} : wanted(Format::image);
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

Problem check_gpu(std::string& text) {
    if (const auto id = gpu_id(text)) {
        text = *id;
        return {};
    }
    const std::vector<std::string> likely = likely_gpus(text);
    return FormatProblem{wanted_text(Field{.format = Format::gpu}),
                         (likely.size() > 1 ? "write one of " : "write ") + join(likely, ", ")};
}

// Anything with a slash may be a folder, which is looked for when it is used; and so are files by their endings.
Problem check_model(std::string& text) {
    const bool file = text.ends_with(".gguf") || text.ends_with(".safetensors");
    if (file || text.find('/') != std::string::npos || text == "." || text == "..") return check_path(text);
    const std::vector<std::string> names = model_names();
    if (contains(names, lower(text)) || parameter_count(text)) return {};
    const std::string near = nearest(lower(text), names);
    const std::string folder = "./" + printable(text) + " for a folder with its config.json";
    return FormatProblem{wanted_text(Field{.format = Format::model}),
                         near.empty()
                             ? "write " + folder + ", a size such as 7B, or one of " + join(catalog_ids(), ", ")
                             : "write " + near + ", or " + folder};
}

}  // namespace

std::optional<FormatProblem> check_format(Format format, std::string& text) {
    switch (format) {
        case Format::any:
            return {};
        case Format::quantity:
            return check_quantity(text);
        case Format::duration:
            return check_duration(text);
        case Format::dns_label:
            return check_name(text, Format::dns_label, 63);
        case Format::job_name:
            return check_name(text, Format::job_name, 55);
        case Format::path:
            return check_path(text);
        case Format::image:
            return check_image(text);
        case Format::gpu:
            return check_gpu(text);
        case Format::model:
            return check_model(text);
    }
    return {};
}

bool is_dns_label(std::string_view text) {
    return dns_label_problem(text).empty();
}

bool is_env_name(std::string_view text) {
    return !text.empty() && !(text.front() >= '0' && text.front() <= '9') &&
           all_of(text, [](char c) { return ascii::is_alphanumeric(c) || c == '_' || c == '-' || c == '.'; });
}

bool is_label_value(std::string_view text) {
    return label_value_problem(text).empty();
}

bool is_label_key(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return !text.empty() && is_label_value(text);
    const std::vector<std::string> labels = split(text.substr(0, slash), '.');
    const std::string_view name = text.substr(slash + 1);
    return slash <= 253 && std::all_of(labels.begin(), labels.end(), is_dns_label) && !name.empty() &&
           is_label_value(name);
}

}  // namespace ktrain::spec
