// Builds a packed table of schemas at run time.
#include "core/lint/table_builder.h"

#include <algorithm>
#include <bit>
#include <tuple>

namespace ktrain::lint {
namespace {

constexpr std::size_t most = 65'536;  // rows of a sort

void append(std::string& key, std::initializer_list<std::uint64_t> numbers) {
    for (const std::uint64_t number : numbers) key += std::to_string(number) + ' ';
}

std::string key_of(const std::vector<FactEntry>& facts) {
    std::string key;
    for (const FactEntry& fact : facts) {
        append(key, {static_cast<std::uint64_t>(fact.kind), fact.minors, fact.text,
                     std::bit_cast<std::uint64_t>(fact.value)});
    }
    return key;
}

std::string key_of(const std::vector<EdgeEntry>& edges) {
    std::string key;
    for (const EdgeEntry& edge : edges) append(key, {edge.name, edge.minors, edge.flags, edge.standard, edge.node});
    return key;
}

}  // namespace

struct TableBuilder::Owned {
    TableBuilder parts;
    SchemaTable table{};
};

TableBuilder::TableBuilder() {
    text("");
    node(Base::any, flag_open, {});
}

std::uint16_t TableBuilder::text(std::string_view text) {
    if (const auto found = text_ids_.find(text); found != text_ids_.end()) return found->second;
    if (texts_.size() == most) return 0;
    const auto id = static_cast<std::uint16_t>(texts_.size());
    texts_.push_back({static_cast<std::uint32_t>(chars_.size()), static_cast<std::uint32_t>(text.size())});
    chars_ += text;
    text_ids_.emplace(text, id);
    return id;
}

std::uint16_t TableBuilder::fact_rows(const std::vector<FactEntry>& facts) {
    const std::string key = key_of(facts);
    if (const auto found = facts_rows_.find(key); found != facts_rows_.end()) return found->second;
    const auto first = static_cast<std::uint16_t>(facts_.size());
    facts_.insert(facts_.end(), facts.begin(), facts.end());
    facts_rows_.emplace(key, first);
    return first;
}

std::uint16_t TableBuilder::add_node(NodeEntry node, const std::vector<FactEntry>& facts) {
    if (!facts.empty() && facts_.size() + facts.size() < most) {
        node.facts = static_cast<std::uint16_t>(facts.size());
        node.first_fact = fact_rows(facts);
    }
    std::string key;
    append(key, {static_cast<std::uint64_t>(node.base), node.flags, node.facts, node.first_fact, node.first, node.edges,
                 node.name});
    if (const auto found = node_ids_.find(key); found != node_ids_.end()) return found->second;
    if (nodes_.size() == most) return 0;
    const auto id = static_cast<std::uint16_t>(nodes_.size());
    nodes_.push_back(node);
    node_ids_.emplace(key, id);
    return id;
}

std::uint16_t TableBuilder::node(Base base, std::uint8_t flags, const std::vector<FactEntry>& facts,
                                 std::uint16_t inside) {
    return add_node({.base = base, .flags = flags, .first = inside}, facts);
}

std::uint16_t TableBuilder::object(std::uint8_t flags, const std::vector<FactEntry>& facts,
                                   std::vector<EdgeEntry> edges, std::string_view name) {
    std::ranges::stable_sort(edges, [&](const EdgeEntry& a, const EdgeEntry& b) {
        const auto name_of = [&](const EdgeEntry& edge) {
            return std::string_view(chars_).substr(texts_[edge.name].offset, texts_[edge.name].size);
        };
        return name_of(a) < name_of(b);
    });
    if (edges_.size() + edges.size() > most) return 0;
    const std::string key = key_of(edges);
    auto rows = edge_rows_.find(key);
    if (rows == edge_rows_.end()) {
        rows = edge_rows_.emplace(key, static_cast<std::uint16_t>(edges_.size())).first;
        edges_.insert(edges_.end(), edges.begin(), edges.end());
    }
    return add_node({.base = Base::object,
                     .flags = flags,
                     .first = rows->second,
                     .edges = static_cast<std::uint16_t>(edges.size()),
                     .name = text(name)},
                    facts);
}

std::uint16_t TableBuilder::import(Type type) {
    std::vector<FactEntry> facts(type.facts().begin(), type.facts().end());
    for (FactEntry& fact : facts) fact.text = text(type.text(fact.text));
    if (type.base() == Base::list || type.base() == Base::map)
        return node(type.base(), type.flags(), facts, import(type.inside()));
    if (type.base() != Base::object) return node(type.base(), type.flags(), facts);
    std::vector<EdgeEntry> edges(type.edges().begin(), type.edges().end());
    for (EdgeEntry& edge : edges) {
        const Field field = type.field(edge);
        edge.name = text(field.name);
        edge.standard = text(field.standard);
        edge.node = import(field.type);
    }
    return object(type.flags(), facts, std::move(edges), type.name());
}

std::shared_ptr<const SchemaTable> TableBuilder::finish() {
    const auto owned = std::make_shared<Owned>();
    owned->parts = std::move(*this);
    TableBuilder& parts = owned->parts;
    std::ranges::sort(parts.kinds_, {}, [&](const KindEntry& kind) {
        const auto text_of = [&](std::uint16_t id) {
            return std::string_view(parts.chars_).substr(parts.texts_[id].offset, parts.texts_[id].size);
        };
        return std::tuple(text_of(kind.api_version), text_of(kind.kind));
    });
    owned->table = {parts.kinds_, {}, parts.nodes_, parts.edges_, parts.facts_, parts.texts_, parts.chars_.data(), 0};
    return {owned, &owned->table};
}

}  // namespace ktrain::lint
