// KT004: values of another type than the field's, and what would be right.
#include <algorithm>

#include "core/base/article.h"
#include "core/base/secret_names.h"
#include "core/base/text.h"
#include "core/lint/changes.h"
#include "core/lint/values.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

// The value may be shown only where no secret can stand.
std::string described(const Trail& at, bool is_private) {
    std::string kind(name_of(at.node->kind));
    if (is_private || !at.node->is_scalar()) return with_article(kind);
    return "the " + kind + " " + shown(at.text());
}

// "[--password, 1234]": what KX602 is about.
bool follows_secret_flag(const Trail& at) {
    if (at.key != nullptr || at.parent == nullptr || !at.parent->is(Kind::sequence) || at.index == 0) return false;
    const std::string_view flag = at.parent->node->items[at.index - 1].text;
    return flag.starts_with("--") && is_secret_name(flag);
}

// "python, train.py" of "python train.py".
std::string in_words(std::string_view text) {
    std::vector<std::string> words;
    for (const std::string& word : split(text, ' '))
        if (!word.empty()) words.push_back(printable(word));
    return join(words, ", ");
}

// "{name: db_password, value: 1234}".
bool follows_secret_name(const Trail& at) {
    if (at.key == nullptr || at.key->text != "value" || at.parent == nullptr || !at.parent->is(Kind::mapping))
        return false;
    const yaml::Node* name = at.parent->node->find("name");
    return name != nullptr && is_secret_name(name->text);
}

}  // namespace

std::vector<Change> plain_value(const Trail& at) {
    yaml::Node plain;
    plain.kind = yaml::resolve(at.text());
    plain.text = at.text();
    if (at.text().size() > 1 && at.text().starts_with('0')) return {};
    return {set_value(at.spot().path, yaml::to_json(plain))};
}

void wrong_type(Findings& findings, const Trail& at, std::string_view wanted, std::string fix) {
    std::vector<Change> changes;
    bool scalar = at.node->is_scalar();
    const bool is_private = findings.is_private(at.spot().path) || follows_secret_flag(at) || follows_secret_name(at);
    if (!fix.empty()) {
        // nothing else
    } else if (wanted == "a string" && scalar) {
        fix = is_private ? "put it in quotes" : "quote it: \"" + printable(at.text()) + "\"";
        changes = {set_value(at.spot().path, at.text())};
    } else if (at.is(Kind::string) && at.node->quoted) {
        Kind plain = yaml::resolve(at.text());
        if (plain == Kind::integer || plain == Kind::boolean || plain == Kind::real) fix = "remove the quotes";
        const bool fits = (wanted == "a whole number" && plain == Kind::integer) ||
                          (wanted == "true or false" && plain == Kind::boolean);
        if (fits) changes = plain_value(at);
    } else if (wanted == "a list" && !(scalar && is_private)) {
        fix = scalar ? "write it as a list: [" + in_words(at.text()) + "]" : "put '- ' in front of each item";
    } else if (wanted == "a map" && at.is(Kind::sequence)) {
        fix = "remove the '- '";
    }
    if (fix.empty()) fix = "write " + std::string(wanted);
    findings
        .add("KT004", at.spot().place(),
             at.last_step() + " wants " + std::string(wanted) + ", got " + described(at, is_private), fix)
        .changes = std::move(changes);
}

std::string as_items(const Trail& at, Type item) {
    if (!at.is(Kind::mapping) || at.node->entries.empty() || item.edges("name").empty()) return "";
    const auto is_field = [&](const yaml::Entry& entry) { return !item.edges(entry.key.text).empty(); };
    if (std::ranges::any_of(at.node->entries, is_field)) return "";
    const yaml::Entry& first = at.node->entries.front();
    std::string form = "- {name: " + printable(yaml::key_text(first.key));
    if (first.value.is_scalar() && first.value.kind != Kind::null) {
        const auto needed = std::ranges::find_if(item.edges(), [&](const EdgeEntry& edge) {
            const Field field = item.field(edge);
            return field.required && field.name != "name";
        });
        const bool has_value = !item.edges("value").empty();
        if (has_value || needed != item.edges().end())
            form += ", " + std::string(has_value ? "value" : item.field(*needed).name) + ": ...";
    } else if (!first.value.entries.empty()) {
        form += ", " + printable(yaml::key_text(first.value.entries.front().key)) + ": ...";
    }
    return "write each entry as an item: " + form + "}";
}

}  // namespace ktrain::lint
