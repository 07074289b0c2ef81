// KT049: expressions in CEL where Kubernetes has them, compiled with the names that each place knows.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "core/base/text.h"
#include "core/cel/cel.h"
#include "core/cel/cost.h"
#include "core/cel/size.h"
#include "core/lint/cel_places.h"
#include "core/lint/crd_rules.h"
#include "core/lint/definition.h"
#include "core/lint/together.h"

namespace ktrain::lint {
namespace {

using cel::Environment;
using cel::Variable;

void refuse(Findings& findings, const Spot& text, const std::string& path, const cel::Problem& problem) {
    Place where = text.place();
    if (!path.empty()) where.path = path;
    findings.add("KT049", where,
                 "the expression does not compile: " + problem.message +
                     (problem.column > 0 ? " (column " + std::to_string(problem.column) + " of it)" : ""),
                 "correct it: " + shown(text.text()));
}

using Wanted = std::vector<cel::Known>;

Wanted a_condition() {
    return {cel::known_as(cel::Type::boolean)};
}

Wanted a_text() {
    return {cel::known_as(cel::Type::string)};
}

struct Self {
    const cel::Typing& typing;
    cel::SchemaId schema = 0;
    bool optional_old = false;
};

using Compiled = std::variant<cel::Program, cel::Problem>;

// That it compiles, to a value of one of the wanted types where there are some. Returns whether it does.
bool check_compiled(const Compiled& compiled, const Spot& text, const Wanted& wanted, const Self& self,
                    Findings& findings, const std::string& path = "") {
    if (!text.is(yaml::Kind::string) || trim(text.text()).empty()) return false;
    std::optional<cel::Problem> problem;
    if (const auto* program = std::get_if<cel::Program>(&compiled))
        problem = cel::type_problem(*program, &self.typing, self.schema, wanted, self.optional_old);
    else
        problem = std::get<cel::Problem>(compiled);
    if (problem) refuse(findings, text, path, *problem);
    return !problem;
}

void check_expression(const Spot& text, const Environment& environment, const Wanted& wanted, Findings& findings) {
    const PlaceTyping typing;
    check_compiled(cel::compile(text.text(), environment), text, wanted, {typing}, findings);
}

// Of a variable, as the server keeps it: all but plain types, lists and maps it has as of any type. Source: apiserver
// pkg/admission/plugin/cel/composition.go, convertCelTypeToDeclType.
cel::Known kept_type(cel::Known known) {
    constexpr std::array kept{cel::Type::null, cel::Type::boolean,  cel::Type::integer,  cel::Type::natural,
                              cel::Type::real, cel::Type::string,   cel::Type::bytes,    cel::Type::list,
                              cel::Type::map,  cel::Type::duration, cel::Type::timestamp};
    if (!known.type) return known;
    if (known.is_object() || std::ranges::find(kept, *known.type) == kept.end()) return cel::dynamic();
    for (cel::Known& part : known.parts) part = kept_type(std::move(part));
    known.schema = {};
    return known;
}

// Variables see those above them, and what type they are of.
void add_variables(const Spot& list, Environment& environment, Findings& findings) {
    const PlaceTyping typing;
    Variable variables{"variables", {""}, {{}}};
    for (const Spot& item : list.items()) {
        Environment here = environment;
        here.variables.push_back(variables);
        const Compiled compiled = cel::compile(item["expression"].text(), here);
        const bool good = check_compiled(compiled, item["expression"], {}, {typing}, findings);
        variables.fields.emplace_back(item["name"].text());
        variables.types.push_back(good ? kept_type(cel::type_of(std::get<cel::Program>(compiled), &typing))
                                       : cel::Known{});
    }
    environment.variables.push_back(std::move(variables));
}

void check_match_conditions(const Spot& holder, const Environment& environment, Findings& findings) {
    for (const Spot& condition : holder["matchConditions"].items())
        check_expression(condition["expression"], environment, a_condition(), findings);
}

// Source of both numbers: apiextensions-apiserver pkg/apis/apiextensions/validation/validation.go.
constexpr std::uint64_t most_of_rule = 10'000'000, most_of_crd = 100'000'000;

std::string excess(std::uint64_t cost, std::uint64_t most) {
    const double times = static_cast<double>(cost) / static_cast<double>(most);
    return times > 100 ? "more than 100 times" : times < 1.5 ? "more than" : fmt::format("{:.1f} times", times);
}

std::string cheaper(std::string_view expression) {
    const bool endless = expression.find("string(") != std::string_view::npos;
    return "bound what it reads: maxItems of lists, maxProperties of maps and maxLength of texts, in the schema here "
           "and "
           "above" +
           std::string(endless ? "; what string() makes has no bound, as 'no %d'.format([number]) has" : "");
}

}  // namespace

void check_policy_expressions(const Spot& spec, Findings& findings) {
    Environment environment = admission_places(static_cast<bool>(spec["paramKind"]));
    check_match_conditions(spec, environment, findings);
    add_variables(spec["variables"], environment, findings);
    for (const Spot& validation : spec["validations"].items()) {
        check_expression(validation["expression"], environment, a_condition(), findings);
        Environment quiet = environment;
        std::erase_if(quiet.variables, [](const Variable& variable) { return variable.name == "authorizer"; });
        check_expression(validation["messageExpression"], quiet, a_text(), findings);
    }
    const Wanted text_or_null{cel::known_as(cel::Type::string), cel::known_as(cel::Type::null)};
    for (const Spot& annotation : spec["auditAnnotations"].items())
        check_expression(annotation["valueExpression"], environment, text_or_null, findings);
    environment.libraries.push_back(cel::Library::mutation);
    for (const Spot& mutation : spec["mutations"].items()) {
        check_expression(mutation["applyConfiguration"]["expression"], environment, {cel::object_named("Object")},
                         findings);
        check_expression(mutation["jsonPatch"]["expression"], environment,
                         {cel::list_of(cel::object_named("JSONPatch"))}, findings);
    }
}

void check_webhook_conditions(const Spot& webhook, Findings& findings) {
    check_match_conditions(webhook, admission_places(false), findings);
}

void check_device_selector(const Spot& selector, Findings& findings) {
    check_expression(selector["cel"]["expression"], device_places(), a_condition(), findings);
}

std::optional<bool> check_crd_rule(const Spot& rule, const Spot& schema, const RulesPlace& place,
                                   const std::string& path, RulesCost& cost, Findings& findings) {
    const cel::SchemaId id = SchemaTyping::id_of(*schema.node);
    const Self self{place.typing, id, says(*rule.node, "optionalOldSelf")};
    const auto check = [&](const char* key, const Wanted& wanted, std::uint64_t times) {
        const std::string here = join_path(path, key);
        Compiled compiled = cel::compile(rule[key].text());
        if (!check_compiled(compiled, rule[key], wanted, self, findings, here)) return compiled;
        const std::uint64_t most = cel::product(
            cel::estimated_cost(std::get<cel::Program>(compiled), place.typing, id, self.optional_old), times);
        cost.total = cel::sum(cost.total, most);
        if (most <= most_of_rule) return compiled;
        cost.refused = true;
        Place where = rule[key].place();
        where.path = here;
        findings.add("KT049", where, "the expression may cost " + excess(most, most_of_rule) + " what a server allows",
                     cheaper(rule[key].text()));
        return compiled;
    };
    const Compiled condition =
        check("rule", a_condition(), place.times.value_or(place.typing.most_values(*schema.node)));
    check("messageExpression", a_text(), 1);
    const auto* program = std::get_if<cel::Program>(&condition);
    return program == nullptr ? std::nullopt : std::optional(program->uses_old_self);
}

void check_crd_cost(const Spot& schema, const std::string& path, const RulesCost& cost, Findings& findings) {
    if (cost.refused || cost.total <= most_of_crd) return;
    Place where = schema.place();
    where.path = path;
    findings.add("KT049", where,
                 "all expressions of the schema may cost " + excess(cost.total, most_of_crd) + " what a server allows",
                 "bound what they read: maxItems of lists, maxProperties of maps and maxLength of texts");
}

}  // namespace ktrain::lint
