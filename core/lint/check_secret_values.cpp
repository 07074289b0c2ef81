// KX602 and KX612: secrets that stand where everybody reads them. No message shows one.
#include <algorithm>
#include <array>
#include <set>

#include "core/base/names.h"
#include "core/base/text.h"
#include "core/lint/references.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

// How tokens of well-known makers begin, and how many characters follow at least.
struct Shape {
    std::string_view begin;
    std::size_t rest;
    std::string_view maker;
};

constexpr std::array shapes{
    Shape{"-----BEGIN ", 40, "a private key"},
    Shape{"AIza", 35, "a Google API key"},
    Shape{"AKIA", 16, "an AWS access key"},
    Shape{"ASIA", 16, "an AWS access key"},
    Shape{"ghp_", 36, "a GitHub token"},
    Shape{"ghs_", 36, "a GitHub token"},
    Shape{"github_pat_", 50, "a GitHub token"},
    Shape{"glpat-", 20, "a GitLab token"},
    Shape{"hf_", 30, "a Hugging Face token"},
    Shape{"nvapi-", 40, "an NVIDIA API key"},
    Shape{"sk-", 32, "an API key"},
    Shape{"xoxb-", 30, "a Slack token"},
};

bool is_token_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

// What the text holds, or "". "hf_xxxxxxxx" and the like are examples of one.
std::string_view token_in(std::string_view text) {
    for (const Shape& shape : shapes) {
        for (std::size_t at = text.find(shape.begin); at != std::string_view::npos;
             at = text.find(shape.begin, at + 1)) {
            if (at > 0 && is_token_character(text[at - 1])) continue;
            std::string_view rest = text.substr(at + shape.begin.size());
            if (shape.begin.front() == '-') {
                if (rest.substr(0, rest.find('\n')).find("PRIVATE KEY-----") != std::string_view::npos)
                    return shape.maker;
                continue;
            }
            const auto end = std::find_if_not(rest.begin(), rest.end(), is_token_character);
            const std::set<char> different(rest.begin(), end);
            if (static_cast<std::size_t>(end - rest.begin()) >= shape.rest && different.size() >= 8) return shape.maker;
        }
    }
    return "";
}

constexpr std::array<std::string_view, 6> secret_endings{"CREDENTIALS", "KEY", "PASSWD", "PASSWORD", "SECRET", "TOKEN"};

// Words before TOKEN and KEY with which they are no secrets: special tokens of models, keys of data.
constexpr std::array<std::string_view, 18> harmless{"BOS",    "CLS",      "COLUMN", "EOS",    "GROUP", "IMAGE",
                                                    "LABEL",  "MASK",     "MAX",    "METRIC", "PAD",   "PARTITION",
                                                    "PUBLIC", "RESPONSE", "SEP",    "SORT",   "TEXT",  "UNK"};
static_assert(std::is_sorted(harmless.begin(), harmless.end()));

// Whether what is called so is a secret: HF_TOKEN, --hub-token, WANDB_API_KEY; not EOS_TOKEN.
bool is_secret_name(std::string_view name) {
    std::string words;
    for (char c : name) words += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    const std::vector<std::string> parts = split(words, '_');
    if (std::ranges::find(secret_endings, std::string_view(parts.back())) == secret_endings.end()) return false;
    return parts.size() < 2 ||
           !std::binary_search(harmless.begin(), harmless.end(), std::string_view(parts[parts.size() - 2]));
}

// Whether somebody may have written a secret: no path, no number, no variable, nothing that is to be filled in.
bool may_be_value(std::string_view text) {
    constexpr std::size_t least = 8;  // "none", "true", "1024"
    if (text.size() < least || text.front() == '/' || text.front() == '<' || text.find("://") != std::string_view::npos)
        return false;
    for (const char* variable : {"$(", "${", "{{", "file:"}) {
        if (text.find(variable) != std::string_view::npos) return false;
    }
    if (text.front() == '$' || is_placeholder(text)) return false;
    return text.find_first_not_of("0123456789.xX*") != std::string_view::npos;
}

void report(const Object& object, Value value, const std::string& what, std::string_view token, Findings& findings) {
    const std::string message =
        token.empty() ? what + " is written out" : what + " holds what looks like " + std::string(token);
    findings
        .add("KX602", locate(object, value).place(), message + ": all who read the manifest know it",
             "keep it in a Secret and refer to it with valueFrom.secretKeyRef" +
                 std::string(token.empty() ? "" : "; revoke this one"),
             token.empty() ? Severity::warning : Severity::error)
        .excerpt = Excerpt::none;
}

void check_environment_secrets(const Object& object, Value container, Findings& findings) {
    for (const yaml::Node& node : container["env"].items()) {
        const Value value = Value(node)["value"];
        if (!value.is(Kind::string)) continue;
        const std::string_view name = Value(node)["name"].text();
        const std::string_view token = token_in(value.text());
        if (token.empty() && !(is_secret_name(name) && may_be_value(value.text()))) continue;
        report(object, value, "the variable " + shown(name), token, findings);
    }
}

// "--hub_token=x", "--hub_token" "x", and tokens anywhere.
void check_argument_secrets(const Object& object, Value list, Findings& findings) {
    bool named = false;  // by the flag before
    for (const yaml::Node& node : list.items()) {
        const Value value(node);
        const std::string_view text = value.text();
        const std::size_t equals = text.find('=');
        const bool flag = text.starts_with("--") && text.find_first_of(" \n") == std::string_view::npos;
        const std::string_view name =
            flag ? text.substr(2, equals == std::string_view::npos ? equals : equals - 2) : "";
        const bool secret = is_secret_name(name);
        const std::string_view written = flag && equals != std::string_view::npos ? text.substr(equals + 1) : "";
        const std::string_view token = token_in(text);
        if (!token.empty()) {
            report(object, value, "an argument", token, findings);
        } else if (secret && may_be_value(written)) {
            report(object, value, "the argument --" + std::string(name), "", findings);
        } else if (named && !flag && may_be_value(text)) {
            report(object, value, "a secret argument", "", findings);
        }
        named = secret && equals == std::string_view::npos;
    }
}

}  // namespace

void check_secret_values(const Object& object, const Bundle&, Findings& findings) {
    for (const PodTemplate& pod : object.templates) {
        for (Value container : containers_of(pod)) {
            check_environment_secrets(object, container, findings);
            for (const char* list : {"command", "args"}) check_argument_secrets(object, container[list], findings);
            if (const Value source = container["source"]; !token_in(source.text()).empty())
                report(object, source, "the script", token_in(source.text()), findings);
        }
    }
    if (object.kind != "ConfigMap" || object.api_version != "v1") return;
    for (const yaml::Entry& entry : Value(object.root)["data"].members()) {
        const std::string_view text = Value(entry.value).text();
        const std::string_view token = token_in(text);
        const bool secret = token.empty() && is_secret_name(entry.key.text) && may_be_value(text) &&
                            text.find('\n') == std::string_view::npos;
        if (!token.empty() || secret)
            report(object, entry.value, "'" + printable(yaml::key_text(entry.key)) + "' of a ConfigMap", token,
                   findings);
    }
}

void check_secret_in_files(const Object& object, const Bundle&, Findings& findings) {
    if (object.kind != "Secret" || object.api_version != "v1") return;
    std::size_t values = 0;
    for (const char* field : {"data", "stringData"}) {
        for (const yaml::Entry& entry : Value(object.root)[field].members()) {
            const std::string_view text = Value(entry.value).text();
            values += !text.empty() && !is_placeholder(text) ? 1 : 0;
        }
    }
    if (values == 0) return;
    findings.add("KX612", object.root["kind"].place(),
                 "the Secret has its " + std::string(values == 1 ? "value" : "values") +
                     " in the file: base64 hides nothing from who reads it");
}

}  // namespace ktrain::lint
