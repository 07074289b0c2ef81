// KX602 and KX612: secrets that stand where everybody reads them. No message shows one.
#include <algorithm>
#include <array>
#include <set>

#include "core/base/names.h"
#include "core/base/secret_names.h"
#include "core/base/text.h"
#include "core/lint/runners.h"
#include "core/lint/secret_data.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

// Whether somebody may have written a secret: no path, no version, no variable, nothing that is to be filled in.
bool may_be_value(std::string_view text) {
    constexpr std::size_t least = 8;  // "none", "true", "1024"
    if (text.size() < least || text.front() == '/' || text.front() == '<' || text.find("://") != std::string_view::npos)
        return false;
    if (text.find("file:") != std::string_view::npos || is_made_later(text) || is_placeholder(text)) return false;
    return text.find_first_not_of("0123456789.xX*") != std::string_view::npos;
}

// A number may be a password; of tokens and keys there are millions (NUM_TOKEN).
bool may_be_number(std::string_view name, std::string_view text) {
    constexpr std::size_t least = 8;
    const std::string word = lower(name);
    return text.size() >= least && text.find_first_not_of("0123456789") == std::string_view::npos &&
           !word.ends_with("token") && !word.ends_with("key");
}

// TLS_SECRET=webhook-server-cert: the name of a Secret, of words alone.
bool may_name_secret(std::string_view name, std::string_view text) {
    return lower(name).ends_with("secret") && text.find('-') != std::string_view::npos &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string_view::npos;
}

// Whether a value of this name is a secret that somebody wrote out.
bool is_written_out(std::string_view name, std::string_view text) {
    return is_secret_name(name) && !may_name_secret(name, text) && (may_be_value(text) || may_be_number(name, text));
}

// What the text of a value gives away, whatever its name: a token of a known maker, or the password of an address.
struct Given {
    std::string_view token;
    bool password = false;

    explicit operator bool() const { return password || !token.empty(); }
};

Given given_by(std::string_view text) {
    const std::string_view token = token_in(text), password = password_in_address(text);
    return {token, token.empty() && !password.empty() && !is_placeholder(password)};
}

void report(const Object& object, Value value, const std::string& what, const Given& given, Findings& findings) {
    const std::string_view token = given.token;
    const std::string message = given.password  ? what + " has the password of an address"
                                : token.empty() ? what + " is written out"
                                                : what + " holds what looks like " + std::string(token);
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
        // Without quotes it may be a number, and is no less a secret.
        const std::string_view text = value && value.node()->is_scalar() ? std::string_view(value.node()->text) : "";
        const std::string_view name = Value(node)["name"].text();
        const Given given = given_by(text);
        if (!given && !is_written_out(name, text)) continue;
        report(object, value, "the variable " + shown(name), given, findings);
    }
}

// What a word says the value of: "--hub_token=x", "HF_TOKEN=x"; of a flag alone the next word is it.
struct Said {
    std::string_view name;
    std::string_view value;
};

Said said_by(Words words, std::size_t i) {
    const std::string_view word = words[i];
    const std::size_t equals = word.find('=');
    const bool flag = looks_like_option(word), last = i + 1 == words.size();
    if (!flag && assigned_name(word).empty()) return {};
    if (equals != std::string_view::npos) return {word.substr(0, equals), word.substr(equals + 1)};
    if (last || !word.starts_with("--") || looks_like_option(words[i + 1])) return {};
    return {word, words[i + 1]};
}

// Flags and assignments of commands, also inside of scripts. Values that come from variables are not written there.
void check_command_secrets(const Object& object, Value container, const Launch& launch,
                           const std::set<const yaml::Node*>& reported, Findings& findings) {
    std::set<std::pair<const yaml::Node*, std::string>> seen;
    each_command(container, launch, [&](const RunCommand& run) {
        const Words words = run.command.words;
        for (std::size_t i = 0; i < words.size(); ++i) {
            const Said said = said_by(words, i);
            if (said.name.empty() || !is_written_out(said.name, said.value)) continue;
            const bool next = words[i].find('=') == std::string::npos;
            const Value holder = run.holder(words[next ? i + 1 : i]);
            if (holder.node() == nullptr || reported.contains(holder.node())) continue;
            if (holder.text().find(said.value) == std::string_view::npos) continue;
            if (!seen.emplace(holder.node(), said.name).second) continue;
            report(object, holder,
                   (said.name.starts_with('-') ? "the argument " : "the variable ") + printable(std::string(said.name)),
                   {}, findings);
        }
    });
}

void check_container(const Object& object, Value container, const Launch& launch, Findings& findings) {
    check_environment_secrets(object, container, findings);
    std::set<const yaml::Node*> reported;
    for (const char* list : {"command", "args"}) {
        std::string_view flag;  // in front
        for (const yaml::Node& node : container[list].items()) {
            const Given given = given_by(Value(node).text());
            // Numbers without quotes are in no command.
            const bool number = flag.starts_with("--") && node.kind != Kind::string && node.is_scalar() &&
                                is_written_out(flag, node.text);
            flag = Value(node).text();
            if (!given && !number) continue;
            report(object, node, "an argument", given, findings);
            reported.insert(&node);
        }
    }
    if (const Value source = container["source"]; given_by(source.text())) {
        report(object, source, "the script", given_by(source.text()), findings);
        reported.insert(source.node());
    }
    check_command_secrets(object, container, launch, reported, findings);
}

}  // namespace

void check_secret_values(const Object& object, const Bundle& bundle, Findings& findings) {
    each_container(object, bundle, [&](Value container, const Launch& launch) {
        check_container(object, container, launch, findings);
    });
    if (object.kind != "ConfigMap" || object.api_version != "v1") return;
    for (const yaml::Entry& entry : Value(object.root)["data"].members()) {
        const std::string_view text = Value(entry.value).text();
        const Given given = given_by(text);
        const bool secret = is_written_out(entry.key.text, text) && text.find('\n') == std::string_view::npos;
        if (given || secret)
            report(object, entry.value, "'" + printable(yaml::key_text(entry.key)) + "' of a ConfigMap", given,
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
