// Builds located trees from parsing events: anchors, aliases, merge keys, duplicate keys and limits.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/yaml.h"
#include "core/base/yaml_places.h"

namespace ktrain::yaml {

// Thrown inside the reader to end parsing; parse() turns it into a problem of the stream.
struct Stop {
    Diagnostic problem;
};

// A KT001 finding.
Diagnostic syntax_error(Place where, std::string message, std::string fix = "");

// Takes the events of one stream in order; finished documents and KT002 findings go to `stream`. Every method may
// throw Stop. An anchor is a number that is unique in its document, 0 for none. Tags of scalars are as in the YAML core
// schema: "?" for plain ones without a tag, "!" for quoted ones.
class TreeBuilder {
public:
    using Anchor = std::size_t;

    TreeBuilder(const std::string& file, const Limits& limits, Stream& stream);

    void start_document();
    void scalar(const Mark& where, std::string_view text, std::string_view tag, Anchor anchor);
    void alias(const Mark& where, Anchor anchor);
    void open(const Mark& where, Kind kind, Anchor anchor);
    void close();

private:
    struct Frame {
        Node node;
        Node key;
        bool has_key = false;
        Anchor anchor = 0;
        std::size_t nodes_before = 0;
        std::size_t bytes_before = 0;
        int height = 1;  // levels of the finished part, this one included
    };
    // A finished node with an anchor. Moving a closed collection keeps its buffers, so the pointers stay good as long
    // as its document is read; what leaves the tree goes to replaced_.
    struct Anchored {
        Node shell;  // the node without its children
        const Node* items = nullptr;
        std::size_t item_count = 0;
        const Entry* entries = nullptr;
        std::size_t entry_count = 0;
        std::size_t nodes = 1;
        std::size_t bytes = 0;
        int height = 0;
        Node copy() const;
    };

    Node leaf(const Mark& where, Kind kind);
    void finish(Node node, Anchor anchor, int height, std::size_t nodes, std::size_t bytes);
    void remember(const Node& node, Anchor anchor, int height, std::size_t nodes, std::size_t bytes);
    void count(const Mark& where, std::size_t nodes, std::size_t bytes);
    void check_depth(const Mark& where, int more) const;
    void report_duplicates();
    void expand_merges();
    [[noreturn]] void refuse_tag(const Mark& where, std::string_view tag) const;
    std::string decoded(const Mark& where, std::string_view text) const;  // of !!binary
    [[noreturn]] void refuse_key(const Node& key) const;
    std::string path(std::size_t depth) const;
    [[noreturn]] void stop(const Mark& where, std::string message, std::string fix) const;

    const std::string& file_;
    const Limits& limits_;
    Stream& stream_;
    std::vector<Frame> frames_;
    std::unordered_map<Anchor, Anchored> anchors_;
    std::vector<Node> replaced_;
    std::size_t nodes_ = 0;
    std::size_t bytes_ = 0;
    std::size_t alias_nodes_ = 0;
};

}  // namespace ktrain::yaml
