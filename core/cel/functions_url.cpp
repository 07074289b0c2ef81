// Functions of URLs. Source: apiserver pkg/cel/library/urls.go.
#include <algorithm>

#include "core/base/text.h"
#include "core/cel/handlers.h"
#include "core/cel/url.h"

namespace ktrain::cel::handlers {
namespace {

const Url* url_of(const Value& value) {
    const auto* url = value.as<std::shared_ptr<const Url>>();
    return url ? url->get() : nullptr;
}

}  // namespace

Value url(const Call& call) {
    if (!call.has(0, Type::string)) return call.wrong();
    if (!call.budget.spend_text(call[0].text().size())) return Budget::failure();
    auto parsed = parse_url(call[0].text());
    if (!parsed) return fail("'" + brief(call[0].text(), 60) + "' is no absolute URL");
    return std::make_shared<const Url>(std::move(*parsed));
}

Value is_url(const Call& call) {
    if (!call.has(0, Type::string)) return call.wrong();
    if (!call.budget.spend_text(call[0].text().size())) return Budget::failure();
    return parse_url(call[0].text()).has_value();
}

Value url_part(const Call& call) {
    const Url* parts = url_of(call[0]);
    if (!parts) return call.wrong();
    if (call.name == "getScheme") return string_value(parts->scheme);
    if (call.name == "getHost") return string_value(parts->host);
    if (call.name == "getHostname") return string_value(parts->hostname);
    if (call.name == "getPort") return string_value(parts->port);
    return string_value(parts->path);
}

Value url_query(const Call& call) {
    const Url* parts = url_of(call[0]);
    if (!parts) return call.wrong();
    if (!call.budget.spend_text(parts->query.size())) return Budget::failure();
    std::vector<std::pair<std::string, Values>> values;
    for (const std::string& pair : ktrain::split(parts->query, '&')) {
        // As Go does, a pair that cannot be read is left out.
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const auto key = unescape_percent(std::string_view(pair).substr(0, equals), true);
        const auto value = unescape_percent(std::string_view(pair).substr(std::min(equals + 1, pair.size())), true);
        if (pair.empty() || pair.find(';') != pair.npos || !key || !value || !valid_utf8(*key + *value)) continue;
        if (!call.budget.spend(1 + values.size())) return Budget::failure();
        auto known = std::find_if(values.begin(), values.end(), [&](const auto& entry) { return entry.first == *key; });
        if (known == values.end()) known = values.emplace(values.end(), *key, Values());
        known->second.push_back(string_value(*value));
    }
    auto map = std::make_shared<Map>();
    for (auto& [key, items] : values) map->entries.emplace_back(string_value(key), list_value(std::move(items)));
    return std::shared_ptr<const Map>(std::move(map));
}

}  // namespace ktrain::cel::handlers
