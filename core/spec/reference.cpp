// Makes docs/spec.md: every field of the spec in tables, the rules between them, and the handbook's names.
#include <fmt/format.h>

#include "core/spec/aliases.h"
#include "core/spec/explain.h"
#include "core/spec/foreign.h"
#include "core/spec/rules.h"
#include "core/spec/words.h"

namespace ktrain::spec {
namespace {

// A cell of a Markdown table.
std::string code(const std::string& text) {
    return text.empty() ? "" : "`" + text + "`";
}

std::string row(const Bound& bound) {
    const Field& field = bound.field;
    std::string values = field.choices.empty() ? range_text(field) : "";
    for (const std::string_view choice : field.choices)
        values += (values.empty() ? "`" : ", `") + std::string(choice) + "`";
    const std::string standard = field.required ? "required" : code(value_text(bound));
    return fmt::format("| `{}` | {} | {} | {} | {} |\n", field.name, type_text(bound), standard, values, field.help);
}

std::string table(const Group& group) {
    std::string text = "| field | type | default | values | meaning |\n|---|---|---|---|---|\n";
    for (const Bound& bound : group) text += row(bound);
    return text;
}

std::string section(const Bound& bound, const std::string& path, int level) {
    const Group group = bound.group() ? *bound.group() : bound.records()->blank();
    std::string text = fmt::format("\n{} {}{}\n\n{}\n\n{}", std::string(static_cast<std::size_t>(level), '#'), path,
                                   bound.records() ? "[]" : "", bound.field.help, table(group));
    for (const Bound& inner : group)
        if (!inner.is_leaf()) text += section(inner, path + "." + std::string(inner.field.name), level + 1);
    return text;
}

constexpr std::string_view introduction =
    "One file describes a training job: on a laptop, in a plan, in a pipeline and in the pod. Start one with\n"
    "`ktrain init --template cnn`; ask about a field with `ktrain init --explain learning_rate`; give editors its "
    "JSON\n"
    "Schema with `ktrain init --schema`.\n\n"
    "A flag wins over `--set PATH=VALUE`, which wins over the file, which wins over the default. Unknown fields, "
    "wrong\n"
    "types and broken rules are reported together, each with its line and column. Numbers may be written as `2e-4`;\n"
    "where text is wanted a number is taken as written, a boolean must be quoted.\n";

}  // namespace

std::string reference_page() {
    TrainingSpec spec;
    const Group root = bind(spec);
    std::string page = fmt::format("{}\n## Top level\n\n`apiVersion: {}` and `kind: {}` are required.\n\n{}",
                                   introduction, spec_api_version, spec_kind, table(root));
    for (const Bound& bound : root)
        if (!bound.is_leaf()) page += section(bound, std::string(bound.field.name), 2);
    page += "\n## Rules between fields\n\n";
    for (const std::string_view sentence : rule_sentences()) page += fmt::format("- {}\n", sentence);
    page +=
        "\n## The handbook's names\n\nA file without `apiVersion` and `kind`, such as the handbook's "
        "`training_config.yaml`, "
        "may use these names.\nTheir last parts are flags of `ktrain run` too.\n\n| there | here |\n|---|---|\n";
    for (const Alias& alias : aliases()) page += fmt::format("| `{}` | `{}` |\n", alias.written, alias.meant);
    page +=
        "\nA group `lora` there means `method.type: lora`, or `qlora` with `load_in_4bit: true`, unless a type is "
        "said.\n"
        "Accepted without effect, which is said:\n\n| there | value | |\n|---|---|---|\n";
    for (const ForeignField& foreign : foreign_fields())
        page += fmt::format("| `{}.{}` | {} | {} |\n", foreign.group, foreign.name,
                            foreign.accepted.empty() ? "any" : code(std::string(foreign.accepted)), foreign.why);
    return page;
}

}  // namespace ktrain::spec
