// Builds located trees from parsing events: anchors, aliases, merge keys, duplicate keys and limits.
#include "core/base/yaml_tree.h"

#include <algorithm>
#include <numeric>
#include <type_traits>
#include <unordered_set>

#include "core/base/base64.h"
#include "core/base/text.h"

namespace ktrain::yaml {
namespace {

static_assert(std::is_nothrow_move_constructible_v<Node>);  // anchors point into buffers that must not be copied

// What aliases may add, in nodes: the point from which go-yaml (decode.go, allowedAliasRatio) calls it excessive.
constexpr std::size_t max_alias_nodes = 400'000;

constexpr std::string_view core_tag = "tag:yaml.org,2002:";

bool is_merge(const Node& key) {
    return key.text == "<<" && !key.quoted;
}

// The kind that a tagged scalar has; Kind::mapping when the tag does not fit the text. As go-yaml does: what it has no
// meaning for makes a text. Source: go-yaml resolve.go, resolvableTag.
Kind kind_of_tagged(std::string_view tag, std::string_view text) {
    const std::string_view name = tag.starts_with(core_tag) ? tag.substr(core_tag.size()) : std::string_view();
    const bool number = name == "int" || name == "float";
    if (!number && name != "bool" && name != "null") return Kind::string;
    const Kind kind = resolve(text);
    if (name == "float" && (kind == Kind::real || kind == Kind::integer)) return Kind::real;
    const bool fits = (name == "int" && kind == Kind::integer) || (name == "bool" && kind == Kind::boolean) ||
                      (name == "null" && kind == Kind::null);
    return fits ? kind : Kind::mapping;
}

// Whether a map is one of the usual few words, none of them twice: a quick answer for almost every map.
bool surely_distinct(const SmallList<Entry, true>& entries) {
    if (entries.size() > 16) return false;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (entries[i].key.kind != Kind::string) return false;
        for (std::size_t j = 0; j < i; ++j)
            if (entries[i].key.text == entries[j].key.text) return false;
    }
    return true;
}

}  // namespace

Diagnostic syntax_error(Place where, std::string message, std::string fix) {
    if (fix.empty()) fix = "correct the text here";
    return {"KT001",          Severity::error,
            std::move(where), std::move(message),
            std::move(fix),   "the API server reads no object from a file that is not valid YAML"};
}

TreeBuilder::TreeBuilder(const std::string& file, const Limits& limits, Stream& stream)
    : file_(file), limits_(limits), stream_(stream) {}

void TreeBuilder::start_document() {
    anchors_.clear();
    frames_.clear();
    replaced_.clear();
}

void TreeBuilder::scalar(const Mark& where, std::string_view text, std::string_view tag, Anchor anchor) {
    Node node = leaf(where, Kind::string);
    count(where, 0, text.size());
    node.text = text;
    node.quoted = tag == "!";
    if (tag == "?") {
        node.kind = resolve(text);
    } else if (tag != "!") {
        node.kind = kind_of_tagged(tag, text);
        if (node.kind == Kind::mapping) refuse_tag(where, tag);
        node.quoted = node.kind == Kind::string;
        if (tag == "tag:yaml.org,2002:binary") node.text = decoded(where, text);
    }
    finish(std::move(node), anchor, 0, 1, text.size());
}

void TreeBuilder::alias(const Mark& where, Anchor anchor) {
    auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
        stop(where, "an alias refers to the node that contains it", "write the value out instead of the alias");
    }
    const Anchored& source = found->second;
    alias_nodes_ += source.nodes;
    if (alias_nodes_ > max_alias_nodes) {
        stop(where, "aliases expand to more than " + std::to_string(max_alias_nodes) + " values",
             "write the values out instead of nesting aliases");
    }
    count(where, source.nodes, source.bytes);
    check_depth(where, source.height);
    finish(source.copy(), 0, source.height, source.nodes, source.bytes);
}

// Tags of lists and maps say nothing to go-yaml.
void TreeBuilder::open(const Mark& where, Kind kind, Anchor anchor) {
    check_depth(where, 1);
    Frame frame;
    frame.nodes_before = nodes_;
    frame.bytes_before = bytes_;
    frame.node = leaf(where, kind);
    frame.anchor = anchor;
    frames_.push_back(std::move(frame));
}

void TreeBuilder::close() {
    if (frames_.back().node.kind == Kind::mapping) {
        report_duplicates();
        expand_merges();
    }
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    frame.node.items.shrink_to_fit();
    frame.node.entries.shrink_to_fit();
    finish(std::move(frame.node), frame.anchor, frame.height, nodes_ - frame.nodes_before, bytes_ - frame.bytes_before);
}

Node TreeBuilder::leaf(const Mark& where, Kind kind) {
    count(where, 1, 0);
    Node node;
    node.kind = kind;
    node.line = where.line;
    node.column = std::min(where.column, Node::max_column);
    return node;
}

// Hands a finished node to the collection it belongs to.
void TreeBuilder::finish(Node node, Anchor anchor, int height, std::size_t nodes, std::size_t bytes) {
    if (anchor != 0) remember(node, anchor, height, nodes, bytes);
    if (frames_.empty()) {
        if (node.kind != Kind::null) stream_.documents.push_back(std::move(node));
        return;
    }
    Frame& frame = frames_.back();
    frame.height = std::max(frame.height, height + 1);
    if (frame.node.kind == Kind::sequence) {
        frame.node.items.push_back(std::move(node));
    } else if (!frame.has_key) {
        if (!node.is_scalar() || node.kind == Kind::null) refuse_key(node);
        frame.key = std::move(node);
        frame.has_key = true;
    } else {
        if (node.kind == Kind::null && node.text.empty()) {  // nothing is written: it stands where its key does
            node.line = frame.key.line;
            node.column = frame.key.column;
        }
        frame.node.entries.push_back({std::move(frame.key), std::move(node)});
        frame.has_key = false;
    }
}

Node TreeBuilder::Anchored::copy() const {
    Node node = shell;
    node.items.assign(items, items + item_count);
    node.entries.assign(entries, entries + entry_count);
    return node;
}

void TreeBuilder::remember(const Node& node, Anchor anchor, int height, std::size_t nodes, std::size_t bytes) {
    Anchored& kept = anchors_[anchor];
    kept.shell.kind = node.kind;
    kept.shell.line = node.line;
    kept.shell.column = node.column;
    kept.shell.text = node.text;
    kept.shell.quoted = node.quoted;
    kept.items = node.items.data();
    kept.item_count = node.items.size();
    kept.entries = node.entries.data();
    kept.entry_count = node.entries.size();
    kept.nodes = nodes;
    kept.bytes = bytes;
    kept.height = height;
}

void TreeBuilder::count(const Mark& where, std::size_t nodes, std::size_t bytes) {
    nodes_ += nodes;
    bytes_ += bytes;
    stream_.nodes = nodes_;
    if (nodes_ > limits_.max_nodes) {
        stop(where, "more than " + std::to_string(limits_.max_nodes) + " values in one file", "split the file");
    }
    if (bytes_ > limits_.max_bytes) {
        stop(where, "aliases expand to more than " + std::to_string(limits_.max_bytes) + " bytes",
             "write the values out instead of nesting aliases");
    }
}

void TreeBuilder::check_depth(const Mark& where, int more) const {
    if (static_cast<int>(frames_.size()) + more <= limits_.max_depth) return;
    // Its path would be longer than any terminal is wide.
    throw Stop{syntax_error({file_, where.line, where.column, ""},
                            "nested deeper than " + std::to_string(limits_.max_depth) + " levels",
                            "no Kubernetes object nests so deep: check the indentation and the brackets")};
}

// Reports every repeated key and keeps the first of each.
void TreeBuilder::report_duplicates() {
    SmallList<Entry, true>& entries = frames_.back().node.entries;
    if (surely_distinct(entries)) return;
    std::vector<std::size_t> order(entries.size());
    std::iota(order.begin(), order.end(), 0);
    std::vector<std::string> names;
    for (const Entry& entry : entries) names.push_back(key_text(entry.key));
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return names[a] < names[b]; });
    std::vector<std::size_t> repeated;
    for (std::size_t i = 1, first = 0; i < order.size(); ++i) {
        const Node& original = entries[order[first]].key;
        const Node& key = entries[order[i]].key;
        if (names[order[i]] == names[order[first]] && !is_merge(key)) {
            repeated.push_back(order[i]);
            std::string path_of_key = join_path(path(frames_.size() - 1), key.text);
            stream_.problems.push_back(
                {"KT002",
                 Severity::error,
                 {file_, key.line, key.column, path_of_key},
                 "the key '" + key.text + "' is given twice: here and on line " + std::to_string(original.line),
                 "keep one of the two",
                 "the last one would win silently and the first be lost"});
        } else {
            first = i;
        }
    }
    if (repeated.empty()) return;
    std::vector<bool> dropped(entries.size());
    for (std::size_t index : repeated) dropped[index] = true;
    SmallList<Entry, true> kept;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (dropped[i]) {
            replaced_.push_back(std::move(entries[i].value));
        } else {
            kept.push_back(std::move(entries[i]));
        }
    }
    entries = std::move(kept);
}

// Puts the entries of `<<` maps behind the map's own; own keys win, then the map listed first.
void TreeBuilder::expand_merges() {
    SmallList<Entry, true>& entries = frames_.back().node.entries;
    if (std::none_of(entries.begin(), entries.end(), [](const Entry& entry) { return is_merge(entry.key); })) return;
    SmallList<Entry, true> merged;
    std::vector<Node> sources;
    for (Entry& entry : entries) {
        if (!is_merge(entry.key)) {
            merged.push_back(std::move(entry));
        } else if (entry.value.kind == Kind::sequence) {
            sources.insert(sources.end(), entry.value.items.begin(), entry.value.items.end());
            replaced_.push_back(std::move(entry.value));  // aliases may refer to the list, whose memory must stay
        } else {
            sources.push_back(std::move(entry.value));
        }
    }
    std::unordered_set<std::string> taken;
    for (const Entry& entry : merged) taken.insert(entry.key.text);
    for (Node& source : sources) {
        if (source.kind != Kind::mapping) {
            stop({source.line, source.column}, "a merge key (<<) takes a map or a list of maps",
                 "refer to an anchored map: <<: *name");
        }
        for (const Entry& entry : source.entries) {
            if (taken.insert(entry.key.text).second) merged.push_back(entry);
        }
        replaced_.push_back(std::move(source));
    }
    entries = std::move(merged);
}

void TreeBuilder::refuse_tag(const Mark& where, std::string_view tag) const {
    stop(where, "the tag '" + std::string(tag) + "' does not fit this value", "remove the tag");
}

std::string TreeBuilder::decoded(const Mark& where, std::string_view text) const {
    std::optional<std::string> data = base64_decode(text);
    if (!data) stop(where, "the value with the tag !!binary is not base64", "encode it: printf %s VALUE | base64 -w0");
    if (!valid_utf8(*data))
        stop(where, "the value with the tag !!binary is no text in UTF-8, and the API server reads texts alone",
             "put such data under data of a Secret, or binaryData of a ConfigMap, as base64 without the tag");
    return *std::move(data);
}

void TreeBuilder::refuse_key(const Node& key) const {
    std::string fix = "quote the key";
    if (key.kind == Kind::mapping) fix = "quote a value that begins with '{'; render templates ({{ }}) first";
    stop({key.line, key.column}, "a key must be a word, not a " + std::string(name_of(key.kind)), fix);
}

// The path of what the first `depth` frames are busy with.
std::string TreeBuilder::path(std::size_t depth) const {
    std::string result;
    for (std::size_t i = 0; i < depth; ++i) {
        const Frame& frame = frames_[i];
        if (frame.node.kind == Kind::sequence) result = join_path(result, frame.node.items.size());
        if (frame.has_key) result = join_path(result, frame.key.text);
    }
    return result;
}

void TreeBuilder::stop(const Mark& where, std::string message, std::string fix) const {
    throw Stop{
        syntax_error({file_, where.line, where.column, path(frames_.size())}, std::move(message), std::move(fix))};
}

}  // namespace ktrain::yaml
