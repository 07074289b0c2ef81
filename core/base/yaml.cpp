// Reads YAML through the events of libyaml, from which go-yaml, the reader of every Kubernetes client, was translated.
#include "core/base/yaml.h"

#include <yaml.h>

#include <algorithm>
#include <array>
#include <new>
#include <optional>
#include <unordered_map>

#include "core/base/error.h"
#include "core/base/yaml_bytes.h"
#include "core/base/yaml_extents.h"
#include "core/base/yaml_json.h"
#include "core/base/yaml_places.h"
#include "core/base/yaml_problems.h"
#include "core/base/yaml_tree.h"

namespace ktrain::yaml {
namespace {

std::string_view view(const char* text) {
    return text == nullptr ? std::string_view() : text;
}

std::string_view view(const yaml_char_t* text) {
    return view(reinterpret_cast<const char*>(text));
}

// A text in two parts, as far as it is not read.
using Pieces = std::array<std::string_view, 2>;

int read_pieces(void* pieces, unsigned char* buffer, std::size_t size, std::size_t* size_read) {
    *size_read = 0;
    for (std::string_view& piece : *static_cast<Pieces*>(pieces)) {
        const std::size_t count = piece.copy(reinterpret_cast<char*>(buffer) + *size_read, size - *size_read);
        piece.remove_prefix(count);
        *size_read += count;
    }
    return 1;
}

struct Parser {
    yaml_parser_t state;

    explicit Parser(Pieces& pieces) {
        if (yaml_parser_initialize(&state) == 0) throw std::bad_alloc();
        yaml_parser_set_input(&state, read_pieces, &pieces);
        yaml_parser_set_encoding(&state, YAML_UTF8_ENCODING);
    }

    explicit Parser(std::string_view text) {
        if (yaml_parser_initialize(&state) == 0) throw std::bad_alloc();
        yaml_parser_set_input_string(&state, reinterpret_cast<const unsigned char*>(text.data()), text.size());
        yaml_parser_set_encoding(&state, YAML_UTF8_ENCODING);
    }
    ~Parser() { yaml_parser_delete(&state); }
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;
};

struct Event {
    yaml_event_t data{};

    Event() = default;
    ~Event() { yaml_event_delete(&data); }
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
};

// Passes events on, with places in the user's text and numbers for anchors.
class Events {
public:
    Events(const std::string& file, Places& places, TreeBuilder& tree) : file_(file), places_(places), tree_(tree) {}

    void take(const yaml_event_t& event) {
        const Mark mark = places_.at(event.start_mark.index);
        switch (event.type) {
            case YAML_DOCUMENT_START_EVENT:
                anchors_.clear();
                tree_.start_document();
                break;
            case YAML_ALIAS_EVENT:
                tree_.alias(mark, known(mark, view(event.data.alias.anchor)));
                break;
            case YAML_SCALAR_EVENT:
                take_scalar(mark, event.data.scalar);
                break;
            case YAML_SEQUENCE_START_EVENT: {
                const auto& start = event.data.sequence_start;
                tree_.open(mark, Kind::sequence, numbered(start.anchor));
                break;
            }
            case YAML_MAPPING_START_EVENT: {
                const auto& start = event.data.mapping_start;
                tree_.open(mark, Kind::mapping, numbered(start.anchor));
                break;
            }
            case YAML_SEQUENCE_END_EVENT:
            case YAML_MAPPING_END_EVENT:
                tree_.close();
                break;
            default:
                break;
        }
    }

private:
    template <typename Scalar>
    void take_scalar(const Mark& mark, const Scalar& scalar) {
        const bool plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
        const std::string_view tag = scalar.tag != nullptr ? view(scalar.tag) : plain ? "?" : "!";
        const std::string_view value(reinterpret_cast<const char*>(scalar.value), scalar.length);
        tree_.scalar(mark, value, tag, numbered(scalar.anchor));
    }

    // A name may be given again: what follows then refers to the newest.
    TreeBuilder::Anchor numbered(const yaml_char_t* name) {
        if (name == nullptr) return 0;
        return anchors_[std::string(view(name))] = ++count_;
    }

    TreeBuilder::Anchor known(const Mark& mark, std::string_view name) const {
        const auto row = anchors_.find(std::string(name));
        if (row != anchors_.end()) return row->second;
        throw Stop{syntax_error({file_, mark.line, mark.column, ""}, "the alias refers to no anchor above it",
                                "define it with &name")};
    }

    const std::string& file_;
    Places& places_;
    TreeBuilder& tree_;
    std::unordered_map<std::string, TreeBuilder::Anchor> anchors_;  // of the document
    TreeBuilder::Anchor count_ = 0;
};

// Errors: std::bad_alloc when memory was the error.
ParserError error_of(const yaml_parser_t& parser) {
    if (parser.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
    const bool of_bytes = parser.error == YAML_READER_ERROR;
    return {view(parser.problem), view(parser.context), of_bytes ? parser.problem_offset : parser.problem_mark.index,
            parser.context_mark.index, of_bytes};
}

void read_events(std::string_view text, const std::string& file, const Limits& limits, Mark first, Stream& stream) {
    Places places(text, first);
    TreeBuilder tree(file, limits, stream);
    Events events(file, places, tree);
    Parser parser(text);
    for (bool more = true; more;) {
        Event event;
        if (yaml_parser_parse(&parser.state, &event.data) == 0)
            throw Stop{problem_of(error_of(parser.state), text, file, places)};
        events.take(event.data);
        more = event.data.type != YAML_STREAM_END_EVENT;
    }
}

// Moves the rest of a quotation to the end of `known`, with the escape \' written as ', and with blanks behind it for
// what follows on the line to keep its column.
void move_quotation(std::string_view& rest, std::string& known) {
    std::size_t missing = 0;
    std::size_t at = 0;
    for (; at < rest.size() && rest[at] != '"'; ++at) {
        if (rest[at] == '\n') missing = 0;
        if (rest[at] == '\\' && at + 1 < rest.size()) {
            if (rest[at + 1] == '\'')
                ++missing;
            else
                known += rest[at];
            ++at;
        }
        known += rest[at];
    }
    known += rest.substr(at, 1);
    known.append(missing, ' ');
    rest.remove_prefix(std::min(at + 1, rest.size()));
}

bool begins_character(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, begins_character));
}

std::size_t offset_of(std::string_view text, std::size_t character) {
    std::size_t at = 0;
    for (; at < text.size(); ++at)
        if (begins_character(text[at]) && character-- == 0) break;
    return at;
}

// With ' for the one escape that go-yaml knows and libyaml does not: \' in double quotes. nullopt where the text has
// none in front of another error, or where too much would have to be read again: a document anew for each quotation.
std::optional<std::string> with_known_escapes(std::string_view text) {
    constexpr std::size_t most_read = 64u << 20;
    std::string known;
    std::size_t document = 0;  // where the one begins that is read
    for (std::size_t read = 0; text.find("\\'") != std::string_view::npos;) {
        Pieces pieces{std::string_view(known).substr(document), text};
        const std::size_t before = pieces[0].size();
        Parser parser(pieces);
        yaml_mark_t start{};
        bool good = true;
        for (bool more = true; good && more;) {
            Event event;
            good = yaml_parser_parse(&parser.state, &event.data) != 0;
            more = event.data.type != YAML_STREAM_END_EVENT;
            if (event.data.type == YAML_DOCUMENT_START_EVENT) start = event.data.start_mark;
        }
        if (good || error_of(parser.state).problem != "found unknown escape character") break;
        const std::size_t first = characters(std::string_view(known).substr(document));
        const std::size_t at = offset_of(text, parser.state.problem_mark.index - first);
        if (text.substr(at, 2) != "\\'") break;
        read += before + at;
        if (read > most_read) return std::nullopt;
        known += text.substr(0, at);
        text.remove_prefix(at);
        move_quotation(text, known);
        document += offset_of(std::string_view(known).substr(document), start.index - start.column);
    }
    if (known.empty()) return std::nullopt;
    return known.append(text);
}

void read_all(std::string_view text, const std::string& file, const Limits& limits, int first_line, Stream& stream) {
    const std::vector<std::string_view> objects = json_objects(text);
    if (objects.empty()) return read_events(text, file, limits, {first_line, 1}, stream);
    Places places(text, {first_line, 1});
    std::size_t nodes = 0;
    for (const std::string_view object : objects) {
        Limits left = limits;
        left.max_nodes -= nodes;
        const Mark begin = places.at_byte(static_cast<std::size_t>(object.data() - text.data()));
        read_events(with_whole_characters(object), file, left, begin, stream);
        stream.nodes = nodes += stream.nodes;
    }
}

char style_of(yaml_scalar_style_t style) {
    switch (style) {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE:
            return '\'';
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
            return '"';
        case YAML_LITERAL_SCALAR_STYLE:
            return '|';
        case YAML_FOLDED_SCALAR_STYLE:
            return '>';
        default:
            return 0;
    }
}

// Nothing for events that say nothing of a value.
std::optional<RawEvent> raw_event(const yaml_event_t& event) {
    using Type = RawEvent::Type;
    RawEvent raw{.begin = event.start_mark.index, .end = event.end_mark.index};
    switch (event.type) {
        case YAML_DOCUMENT_START_EVENT:
            raw.type = Type::document;
            return raw;
        case YAML_ALIAS_EVENT:
            raw.type = Type::alias;
            return raw;
        case YAML_SCALAR_EVENT: {
            const auto& scalar = event.data.scalar;
            raw.style = style_of(scalar.style);
            raw.anchored = scalar.anchor != nullptr;
            raw.text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
            return raw;
        }
        case YAML_SEQUENCE_START_EVENT:
            raw.type = Type::open_list;
            raw.flow = event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
            raw.anchored = event.data.sequence_start.anchor != nullptr;
            return raw;
        case YAML_MAPPING_START_EVENT:
            raw.type = Type::open_map;
            raw.flow = event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
            raw.anchored = event.data.mapping_start.anchor != nullptr;
            return raw;
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
            raw.type = Type::close;
            return raw;
        default:
            return std::nullopt;
    }
}

}  // namespace

std::vector<RawEvent> raw_events(std::string_view text) {
    std::vector<RawEvent> events;
    Parser parser(text);
    for (bool more = true; more;) {
        Event event;
        if (yaml_parser_parse(&parser.state, &event.data) == 0) break;
        if (std::optional<RawEvent> raw = raw_event(event.data)) events.push_back(std::move(*raw));
        more = event.data.type != YAML_STREAM_END_EVENT;
    }
    return events;
}

Stream parse(std::string_view text, const std::string& file, const Limits& limits, int first_line) {
    Stream stream;
    std::string storage;
    if (std::optional<Diagnostic> problem = prepare(text, storage, file, limits.max_bytes)) {
        stream.problems.push_back(std::move(*problem));
        return stream;
    }
    try {
        read_all(text, file, limits, first_line, stream);
    } catch (Stop& stop) {
        if (const std::optional<std::string> known = with_known_escapes(text))
            return parse(*known, file, limits, first_line);
        stream.problems.push_back(std::move(stop.problem));
    }
    return stream;
}

Node parse_one(std::string_view text, const std::string& file, const Limits& limits) {
    Stream stream = parse(text, file, limits);
    if (!stream.problems.empty()) {
        Diagnostic& first = stream.problems.front();
        throw Error(ErrorKind::input, first.message, first.where, first.fix);
    }
    if (stream.documents.empty()) throw Error(ErrorKind::input, "the file is empty", {file, 0, 0, ""});
    if (stream.documents.size() > 1) {
        const Node& second = stream.documents[1];
        throw Error(ErrorKind::input, "one document is wanted, but a second one begins here",
                    {file, second.line, second.column, ""}, "keep one document in this file");
    }
    return std::move(stream.documents.front());
}

}  // namespace ktrain::yaml
