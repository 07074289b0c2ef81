// Checks of quantities: their form, and amounts that are hardly meant.
#include "core/lint/quantities.h"

#include <algorithm>
#include <limits>

#include "core/base/text.h"
#include "core/lint/changes.h"
#include "core/lint/facts.h"
#include "core/lint/values.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

// A number in the form of a quantity, beyond the 2^63 units at which the server stops counting.
bool is_huge_number(std::string_view text) {
    constexpr std::string_view digits = "0123456789";
    const auto take_digits = [&] {
        const std::size_t count = std::min(text.find_first_not_of(digits), text.size());
        text.remove_prefix(count);
        return count;
    };
    if (text.starts_with('+')) text.remove_prefix(1);
    const std::size_t whole = take_digits();
    constexpr std::size_t usual = 6;  // what stays in range with every suffix is parsed without help
    if (whole == 0 || (text.empty() && whole <= usual)) return false;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        take_digits();
        if (text.starts_with('.')) return false;
    }
    const bool e = text.size() > 1 && (text[0] == 'e' || text[0] == 'E');  // alone it is a suffix
    if (e && (text[1] == '+' || digits.find(text[1]) != digits.npos)) {
        text.remove_prefix(text[1] == '+' ? 2 : 1);
        constexpr std::size_t most = 9;
        const std::size_t count = take_digits();
        return count > 0 && count <= most && text.empty();
    }
    return Quantity::parse("0" + std::string(text)).has_value();
}

// ".", "k" and the like, which apimachinery takes for 0.
bool has_no_digits(std::string_view text) {
    if (text.empty()) return false;
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    return Quantity::parse("0" + std::string(text)).has_value();
}

// What the server takes, and reads as another amount than was meant.
struct Surprise {
    std::string message;
    std::string fix;
};

// Of what a container or a claim gets (resources, resourcesPerNode); limits of queues and pools may be as large as they
// like.
bool is_of_container(const Trail& at) {
    return at.parent != nullptr && at.parent->parent != nullptr && at.parent->parent->name.starts_with("resources");
}

Surprise surprising_cpu(std::string_view text, const Quantity& amount) {
    constexpr std::int64_t most = 2000;  // of a machine
    if (amount.units_rounded_up() < most) return {};
    const std::string written = shown(text);
    if (text.starts_with('+')) text.remove_prefix(1);
    const std::size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
    const std::string number(text.substr(0, end)), suffix(text.substr(end));
    if (suffix == "M") return {written + " is millions of CPUs", "write " + number + "m"};
    if (suffix.empty())
        return {written + " is more CPUs than a machine has", "write " + number + "m, if that is what was meant"};
    return {written + " is more CPUs than there are", "write the number of CPUs, such as 8 or 500m"};
}

Surprise surprising_bytes(const std::string& text, const Quantity& amount) {
    constexpr std::int64_t least = 1 << 20;  // with which a process can start
    constexpr std::int64_t gibibytes = 128;  // a smaller number is hardly one of MiB
    const std::int64_t number = amount.units_rounded_up();
    if (number <= 0 || number >= least || text.find_first_not_of("0123456789") != std::string::npos) return {};
    return {shown(text) + " is " + text + (number == 1 ? " byte" : " bytes"),
            "write " + text + (number < gibibytes ? "Gi" : "Mi")};
}

Surprise surprise(const Trail& at, const std::string& text, const Quantity& amount, std::string_view resource) {
    const bool bytes = resource.find("memory") != resource.npos || resource.find("storage") != resource.npos;
    if (bytes && text.ends_with('m'))
        return {shown(text) + " is thousandths of a byte", "write " + text.substr(0, text.size() - 1) + "Mi"};
    if (text.ends_with('E') && text.size() <= 4)
        return {shown(text) + " is 10^18 times " + text.substr(0, text.size() - 1), "leave out the E, or write G"};
    if (!is_of_container(at)) return {};
    if (resource == "cpu") return surprising_cpu(text, amount);
    const bool whole = resource == "memory" || resource == "storage" || resource == "ephemeral-storage";
    return whole ? surprising_bytes(text, amount) : Surprise();
}

// Whether the server says anything of an amount below 0: not of bounds, to which nothing can keep then, nor of what a
// driver says of its devices.
bool is_looked_at(const Object& object, const Trail& at) {
    if (object.kind == "ResourceSlice") return false;
    if (object.api_version != "v1" || at.parent == nullptr || at.parent->parent == nullptr) return true;
    if (object.kind == "PersistentVolumeClaim") return at.parent->name != "limits";
    return object.kind != "LimitRange" || at.parent->parent->node->find("maxLimitRequestRatio") != nullptr;
}

}  // namespace

std::string quantity_text(const yaml::Node& node) {
    if (node.kind == Kind::string) {  // the server trims what stands in JSON, where another blank is an escape
        const std::string_view text = node.text;
        const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
        return std::string(text.substr(begin, text.find_last_not_of(' ') + 1 - begin));
    }
    if (node.kind != Kind::integer && node.kind != Kind::real) return "";
    Json value = yaml::to_json(node);
    return value.is_number() ? value.dump() : "";
}

std::optional<Quantity> counted_quantity(std::string_view text) {
    if (std::optional<Quantity> quantity = Quantity::parse(text)) return quantity;
    if (has_no_digits(text)) return Quantity();
    if (!is_huge_number(text)) return std::nullopt;
    return Quantity::of_units(std::numeric_limits<std::int64_t>::max());
}

std::optional<Quantity> amount_of(Value value) {
    return value ? counted_quantity(quantity_text(*value.node())) : std::nullopt;
}

std::vector<Spot> entries_of(const Spot& amounts) {
    std::vector<Spot> found;
    if (!amounts.is(Kind::mapping)) return found;
    for (const yaml::Entry& entry : amounts.node->entries)
        found.push_back({&entry.value, &entry.key, join_path(amounts.path, yaml::key_text(entry.key)), entry.key.line,
                         entry.key.column});
    return found;
}

std::optional<Quantity> entry_amount(const Spot& entry) {
    return entry.is(Kind::null) ? Quantity() : amount_of(entry);
}

std::optional<Quantity> quantity_at(Value value) {
    const std::optional<Quantity> amount = amount_of(value);
    return amount && !amount->negative() ? amount : std::nullopt;
}

void check_quantity(Findings& findings, const Trail& at, std::string_view resource, bool any_sign) {
    std::string text = quantity_text(*at.node);
    if (text.empty() && !at.is(Kind::string)) return wrong_type(findings, at, "a quantity");
    std::optional<Quantity> quantity = Quantity::parse(text);
    if (!quantity && is_huge_number(text)) {
        findings.add("KT005", at.spot().place(), shown(text) + " is more than the server can count",
                     "write a smaller amount", Severity::warning);
        return;
    }
    // The schemas of custom resources refuse what no webhook has written anew.
    if (!quantity && (!any_sign || is_rewritten(findings.object())) && has_no_digits(text)) {
        findings.add("KT005", at.spot().place(), shown(text) + " has no digits: the server reads it as 0",
                     "write the amount", Severity::warning);
        return;
    }
    if (!quantity) {
        const std::string bare(trim(text));
        const std::string meant = Quantity::parse(bare) ? bare : Quantity::suggest(text);
        Diagnostic& finding = findings.add(
            "KT005", at.spot().place(), shown(text) + " is no quantity",
            meant.empty() ? "write a number and a suffix: m, k, M, G, T or Ki, Mi, Gi, Ti" : "write " + meant);
        if (!meant.empty()) finding.changes = {set_value(at.spot().path, meant)};
        return;
    }
    if (quantity->negative() && !any_sign) {
        findings.add("KT005", at.spot().place(), at.last_step() + " must not be negative, got " + shown(text),
                     "write an amount of 0 or more",
                     is_looked_at(findings.object(), at) ? Severity::error : Severity::warning);
        return;
    }
    if (const Surprise found = surprise(at, text, *quantity, resource); !found.message.empty())
        findings.add("KT005", at.spot().place(), found.message, found.fix, Severity::warning);
}

void check_crd_quantity(Findings& findings, const Trail& at) {
    if (is_rewritten(findings.object())) return check_quantity(findings, at, at.last_step(), true);
    if (at.is(Kind::real) && !whole_number(*at.node)) {
        findings
            .add("KT019", at.spot().place(),
                 at.last_step() + " is the number " + shown(at.text()) +
                     ", and this kind takes only whole numbers and text for a quantity",
                 "quote it: \"" + printable(at.text()) + "\"")
            .changes = {set_value(at.spot().path, at.text())};
        return;
    }
    if (!at.is(Kind::string) && !whole_number(*at.node)) return wrong_type(findings, at, "a quantity");
    if (!at.is(Kind::string) || trim(at.text()) == at.text()) return check_quantity(findings, at, at.last_step(), true);
    findings.add("KT005", at.spot().place(), shown(at.text()) + " has blanks around the quantity", "remove them");
}

}  // namespace ktrain::lint
