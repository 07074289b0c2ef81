// Builds a packed table of schemas at run time: equal parts are there once, as in the table that is compiled in.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/lint/schema.h"

namespace ktrain::lint {

// The index of a node, 0 of which is a value of any type. What does not fit into the table's 65,536 rows of a sort
// becomes such a value: no CRD that an API server would store is that large.
class TableBuilder {
public:
    TableBuilder();

    std::uint16_t text(std::string_view text);
    static FactEntry number(FactKind kind, double value) { return {kind, Minors::all().bits, 0, value}; }
    FactEntry fact(FactKind kind, std::string_view about) { return {kind, Minors::all().bits, text(about), 0}; }

    // A scalar, or a list or map of `inside`.
    std::uint16_t node(Base base, std::uint8_t flags, const std::vector<FactEntry>& facts, std::uint16_t inside = 0);
    std::uint16_t object(std::uint8_t flags, const std::vector<FactEntry>& facts, std::vector<EdgeEntry> edges,
                         std::string_view name = {});
    // A part of another table with all that is in it, which refers to nothing above it.
    std::uint16_t import(Type type);
    void add(const KindEntry& kind) { kinds_.push_back(kind); }

    std::shared_ptr<const SchemaTable> finish();

private:
    struct Owned;

    std::uint16_t add_node(NodeEntry node, const std::vector<FactEntry>& facts);
    std::uint16_t fact_rows(const std::vector<FactEntry>& facts);

    std::vector<KindEntry> kinds_;
    std::vector<NodeEntry> nodes_;
    std::vector<EdgeEntry> edges_;
    std::vector<FactEntry> facts_;
    std::vector<TextEntry> texts_;
    std::string chars_;
    std::map<std::string, std::uint16_t, std::less<>> text_ids_;
    std::map<std::string, std::uint16_t> node_ids_;
    std::map<std::string, std::uint16_t> edge_rows_;
    std::map<std::string, std::uint16_t> facts_rows_;
};

}  // namespace ktrain::lint
