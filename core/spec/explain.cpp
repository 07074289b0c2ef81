// Explains one field or one group on a few lines.
#include "core/spec/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/spec/load.h"
#include "core/spec/read.h"
#include "core/spec/words.h"

namespace ktrain::spec {
namespace {

std::string line(std::string_view name, const std::string& text) {
    return text.empty() ? "" : fmt::format("  {:<9}{}\n", name, text);
}

// Name, type and help of every field, in columns that fit 80 letters where the help does.
std::string list_fields(const Group& group) {
    std::size_t names = 0;
    std::size_t types = 0;
    for (const Bound& bound : group) {
        names = std::max(names, bound.field.name.size());
        types = std::max(types, type_text(bound).size());
    }
    std::string text;
    for (const Bound& bound : group)
        text += fmt::format("  {:<{}}  {:<{}}  {}\n", bound.field.name, names, type_text(bound), types,
                            short_help(bound.field));
    return text;
}

std::string explain_leaf(const std::string& path, const Bound& bound) {
    const Field& field = bound.field;
    const std::string standard = value_text(bound);
    const std::string sample = field.example.empty() ? standard : std::string(field.example);
    std::string text = fmt::format("{}: {}\n\n  {}\n\n", path, type_text(bound), field.help);
    text += line("required", field.required ? "yes" : "");
    text += line("default", standard);
    text += line("range", range_text(field));
    text += line("values", wanted_text(field));
    text += line("example", sample.empty() ? "" : fmt::format("{}: {}", field.name, sample));
    const std::string flag = path_of_leaf(field.name) == path ? fmt::format(", or --{} of ktrain run", field.name) : "";
    std::string set = path;
    if (const auto item = set.find("[]"); item != std::string::npos) set.replace(item, 2, "[0]");
    text += line("flag", fmt::format("--set {}{}=VALUE{}", set, bound.map() ? ".KEY" : "", flag));
    return text;
}

}  // namespace

std::string explain(std::string_view path) {
    TrainingSpec spec;
    const Group root = bind(spec);
    if (path.empty() || path == "spec")
        return fmt::format("spec: {} of {}\n\n{}\nMore about one: ktrain init --explain training\n", spec_kind,
                           spec_api_version, list_fields(root));
    Found found = find(root, path);
    if (const std::string home = path_of_leaf(path); !found.field && !home.empty()) found = find(root, home);
    if (!found.field || !found.rest.empty()) {
        const std::string word = found.rest.substr(0, found.rest.find_first_of(".["));
        throw Error(ErrorKind::usage, "no field " + in_quotes(path), {}, unknown_fix(word, found.siblings, found.path));
    }
    if (found.field->is_leaf()) return explain_leaf(found.path, *found.field);
    const Group group = found.field->group() ? *found.field->group() : found.field->records()->blank();
    return fmt::format("{}: {}\n\n  {}\n\n{}", found.path, type_text(*found.field), found.field->field.help,
                       list_fields(group));
}

}  // namespace ktrain::spec
