// Cuts large streams of documents where a parser would see the next one begin, and puts the parts together again.
#include "core/lint/parse_sources.h"

#include <algorithm>
#include <atomic>
#include <cctype>

#include "core/base/parallel.h"
#include "core/lint/template_files.h"

namespace ktrain::lint {
namespace {

constexpr std::size_t part_bytes = 128u << 10;
// Of one part; more are an attempt to fill the memory, which reading the whole stops.
constexpr std::size_t part_nodes = 200'000;
// Of one file: a hundred thousand objects are six million values.
constexpr yaml::Limits whole{.max_nodes = 8'000'000};

struct Part {
    std::size_t source = 0;
    std::string_view text;
    int first_line = 1;
    yaml::Stream stream = {};
};

// What one document may refer to or carry over is in the way: anchors (limits of aliases are those of the file),
// directives, line ends that are counted otherwise.
bool may_be_cut(std::string_view text) {
    if (text.size() < 2 * part_bytes || text.find('\r') != std::string_view::npos) return false;
    if (text.starts_with('%') || text.find("\n%") != std::string_view::npos) return false;
    for (std::size_t at = text.find('&'); at != std::string_view::npos; at = text.find('&', at + 1)) {
        const bool begins = at == 0 || std::string_view(" \n-[{,:").find(text[at - 1]) != std::string_view::npos;
        if (begins && at + 1 < text.size() && std::isalnum(static_cast<unsigned char>(text[at + 1])) != 0) return false;
    }
    return true;
}

// "---" at the start of a line ends whatever came before, in every kind of scalar too.
void cut(const std::vector<Source>& sources, std::size_t index, std::vector<Part>& parts) {
    std::string_view rest = sources[index].text;
    int line = 1;
    const bool in_parts = may_be_cut(rest);
    while (in_parts && rest.size() > part_bytes) {
        std::size_t at = rest.find("\n---", part_bytes);
        while (at != std::string_view::npos && at + 4 < rest.size() && rest[at + 4] != '\n' && rest[at + 4] != ' ')
            at = rest.find("\n---", at + 1);
        if (at == std::string_view::npos) break;
        const std::string_view part = rest.substr(0, at + 1);
        parts.push_back({index, part, line});
        line += static_cast<int>(std::count(part.begin(), part.end(), '\n'));
        rest.remove_prefix(part.size());
    }
    parts.push_back({index, rest, line});
}

bool is_refused(const yaml::Stream& stream) {
    return std::any_of(stream.problems.begin(), stream.problems.end(),
                       [](const Diagnostic& problem) { return problem.rule == "KT001"; });
}

}  // namespace

std::vector<yaml::Stream> parse_sources(const std::vector<Source>& sources, unsigned threads) {
    std::vector<Part> parts;
    for (std::size_t i = 0; i < sources.size(); ++i) cut(sources, i, parts);
    std::vector<std::size_t> counts(sources.size());
    for (const Part& part : parts) ++counts[part.source];
    std::vector<std::atomic<std::size_t>> nodes(sources.size());
    in_parallel(parts.size(), threads, [&](std::size_t i) {
        Part& part = parts[i];
        yaml::Limits limits = whole;
        if (counts[part.source] > 1) limits.max_nodes = part_nodes;
        if (nodes[part.source] > whole.max_nodes) return;
        part.stream = yaml::parse(part.text, sources[part.source].file, limits, part.first_line);
        nodes[part.source] += part.stream.nodes;
    });
    std::vector<yaml::Stream> streams(sources.size());
    std::vector<bool> refused(sources.size());
    for (Part& part : parts) {
        yaml::Stream& stream = streams[part.source];
        if (counts[part.source] == 1) {
            stream = std::move(part.stream);
            continue;
        }
        refused[part.source] = refused[part.source] || is_refused(part.stream);
        std::move(part.stream.documents.begin(), part.stream.documents.end(), std::back_inserter(stream.documents));
        std::move(part.stream.problems.begin(), part.stream.problems.end(), std::back_inserter(stream.problems));
        part.stream = {};
    }
    for (std::size_t i = 0; i < sources.size(); ++i) {
        // What a part cannot tell, the whole can: where a quotation began, how many nodes there are in all.
        if (refused[i] || (counts[i] > 1 && nodes[i] > whole.max_nodes))
            streams[i] = yaml::parse(sources[i].text, sources[i].file, whole);
        recognise_template(sources[i], streams[i]);
    }
    return streams;
}

}  // namespace ktrain::lint
