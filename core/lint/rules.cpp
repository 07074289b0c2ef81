// The table of rules, and the words in which they report.
#include <algorithm>
#include <array>
#include <cstddef>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/lint/rules_api.h"
#include "core/lint/rules_around.h"
#include "core/lint/rules_gpu.h"
#include "core/lint/rules_launch.h"
#include "core/lint/rules_reliability.h"
#include "core/lint/rules_security.h"

namespace ktrain::lint {
namespace {

template <std::size_t... Sizes>
constexpr auto joined(const std::array<Rule, Sizes>&... families) {
    std::array<Rule, (Sizes + ...)> all{};
    auto* next = all.data();
    ((next = std::copy(families.begin(), families.end(), next)), ...);
    return all;
}

// A family of rules has a table of its own; they come in the order of their letters.
constexpr auto table = joined(cost_rules, launch_rules, gpu_rules, monitoring_rules, quota_rules, reliability_rules,
                              storage_rules, api_rules, security_rules);

static_assert(std::is_sorted(table.begin(), table.end(), [](const Rule& a, const Rule& b) { return a.id < b.id; }));

}  // namespace

std::span<const Rule> rules() {
    return table;
}

const Rule* find_rule(std::string_view id_or_name) {
    for (const Rule& rule : table) {
        if (rule.id == id_or_name || rule.name == id_or_name) return &rule;
    }
    return nullptr;
}

namespace {

// The server reads a CRD into an older form, whose names it gives: what all versions say alike stands beside them.
// Source: apiextensions-apiserver pkg/apis/apiextensions/v1/conversion.go.
std::string definition_path(const Object& object, const std::string& path) {
    struct Move {
        std::string_view from, to;
        bool single;  // of the only version
    };
    constexpr std::array moves{
        Move{"spec.conversion.webhook.clientConfig", "spec.conversion.webhookClientConfig", false},
        Move{"spec.conversion.webhook.conversionReviewVersions", "spec.conversion.conversionReviewVersions", false},
        Move{"spec.versions[0].additionalPrinterColumns", "spec.additionalPrinterColumns", true},
        Move{"spec.versions[0].schema.openAPIV3Schema.", "spec.validation.openAPIV3Schema.", true},
        Move{"spec.versions[0].selectableFields", "spec.selectableFields", true},
        Move{"spec.versions[0].subresources", "spec.subresources", true}};
    const std::string base = object.root.path.empty() ? "" : object.root.path + ".";
    for (const Move& move : moves) {
        const std::string from = base + std::string(move.from);
        if (!path.starts_with(from) || (move.single && object.root["spec"]["versions"].items().size() != 1)) continue;
        return base + std::string(move.to) + path.substr(from.size());
    }
    return path;
}

}  // namespace

Diagnostic& Findings::add(std::string_view rule_id, Place where, std::string message, std::string fix,
                          std::optional<Severity> severity) {
    const Rule* rule = find_rule(rule_id);
    if (rule == nullptr) throw Error(ErrorKind::bug, "no rule " + std::string(rule_id));
    if (identity_.empty()) {
        file_ = object_.file;
        identity_ = object_.identity();
    }
    where.file = file_;
    const bool decoded = rule_id != "KT003" && rule_id != "KT004";  // what cannot be read is named as it stands
    if (decoded && object_.kind == "CustomResourceDefinition") where.path = definition_path(object_, where.path);
    const SharedText mend = fix.empty() ? SharedText::of_program(rule->fix) : SharedText(fix);
    Diagnostic& finding = into_.emplace_back(Diagnostic{rule->id, severity.value_or(rule->severity), std::move(where),
                                                        std::move(message), mend, SharedText::of_program(rule->why)});
    finding.object = identity_;
    return finding;
}

bool Findings::has_errors(std::size_t count) const {
    return std::any_of(into_.begin() + static_cast<std::ptrdiff_t>(count), into_.end(),
                       [](const Diagnostic& finding) { return finding.severity == Severity::error; });
}

std::string shown(std::string_view text) {
    std::size_t limit = 80;
    while (limit < text.size() && limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0) == 0x80) --limit;
    return "'" + printable(text.substr(0, limit)) + (text.size() > limit ? "…'" : "'");
}

}  // namespace ktrain::lint
