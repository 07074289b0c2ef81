// Decides which findings may show their line: none on which a secret may stand, of whatever object.
#include "core/lint/excerpt.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>

namespace ktrain::lint {
namespace {

// Where a key or a value begins. It ends before the next one, maybe on that one's line.
struct Start {
    int line;
    int column;
    bool hidden;
};

bool operator<(const Start& a, const Start& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
}

using Starts = std::vector<Start>;

void add_starts(const Spot& spot, const Object& object, bool hidden, Starts& starts) {
    hidden = hidden || object.is_private(spot.path);
    if (spot.key != nullptr) starts.push_back({spot.key->line, spot.key->column, hidden});
    starts.push_back({spot.node->line, spot.node->column, hidden});
    for (const Spot& item : spot.items()) add_starts(item, object, hidden, starts);
    for (const Spot& member : spot.members()) add_starts(member, object, hidden, starts);
}

using Lines = std::map<int, std::string_view>;

// Of the lines whose numbers are keys, the text, in which some have none: they are behind the end.
void fill_lines(std::string_view text, Lines& lines) {
    int number = 0;
    for (auto line = lines.upper_bound(0); line != lines.end() && !text.empty();) {
        const std::string_view here = take_line(text);
        if (line->first != ++number) continue;
        line->second = here;
        ++line;
    }
}

// Whether a secret may begin on the line, or one that began above may end there. `first_document`: above it is nothing.
bool is_hidden(int number, std::string_view line, const Starts& starts, bool first_document) {
    const auto first = std::lower_bound(starts.begin(), starts.end(), Start{number, 0, false});
    const auto end = std::lower_bound(first, starts.end(), Start{number + 1, 0, false});
    if (std::any_of(first, end, [](const Start& start) { return start.hidden; })) return true;
    const bool above = first == starts.begin() ? !first_document : std::prev(first)->hidden;
    if (!above) return false;
    const std::size_t begin = line.find_first_not_of(" \t-");
    return first == end || begin + 1 != static_cast<std::size_t>(first->column);
}

// The findings of one file, by the document that their line is in. Document by document, as values may be repeated by
// aliases within one, and the starts of all would fill the memory.
class FileExcerpts {
public:
    explicit FileExcerpts(const yaml::Stream& stream) {
        for (const yaml::Node& document : stream.documents) begins_.push_back(document.line);
    }

    void add(Diagnostic& finding) {
        findings_[document_of(finding.where.line)].push_back(&finding);
        lines_[finding.where.line];
    }
    void add(const Object& object) {
        const std::size_t document = document_of(object.root.line);
        if (findings_.contains(document)) objects_[document].push_back(&object);
    }

    void choose(const Source& source) {
        fill_lines(source.text, lines_);
        for (const auto& [document, findings] : findings_) {
            Starts starts;
            const auto objects = objects_.find(document);
            if (objects != objects_.end()) {
                for (const Object* object : objects->second)
                    add_starts(object->root, *object, object->may_be_secret(), starts);
            }
            std::sort(starts.begin(), starts.end());
            for (Diagnostic* finding : findings) choose(*finding, starts, document == 0);
        }
    }

private:
    // Documents count from 0; what stands above the first belongs to it.
    std::size_t document_of(int line) const {
        const auto next = std::upper_bound(begins_.begin(), begins_.end(), line);
        return next == begins_.begin() ? 0 : static_cast<std::size_t>(next - begins_.begin()) - 1;
    }

    void choose(Diagnostic& finding, const Starts& starts, bool first_document) const {
        const std::string_view line = lines_.at(finding.where.line);  // with its end: empty where there is none
        const bool hidden = line.empty() || is_hidden(finding.where.line, line, starts, first_document);
        finding.excerpt = hidden ? Excerpt::none : Excerpt::whole;
    }

    Lines lines_;
    std::vector<int> begins_;
    std::map<std::size_t, std::vector<Diagnostic*>> findings_;
    std::map<std::size_t, std::vector<const Object*>> objects_;
};

}  // namespace

void choose_excerpts(Diagnostics& findings, const Bundle& bundle, const std::vector<Source>& sources) {
    std::map<std::string_view, std::vector<Diagnostic*>> by_file;
    std::set<std::pair<std::string_view, int>> closed;  // a line that a rule wants hidden is so for all of them
    for (Diagnostic& finding : findings) {
        if (finding.excerpt == Excerpt::whole) by_file[finding.where.file].push_back(&finding);  // else it is decided
        if (finding.excerpt == Excerpt::none) closed.emplace(finding.where.file, finding.where.line);
    }
    auto object = bundle.objects.begin();
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const auto first = object;  // objects come in the order of the sources
        while (object != bundle.objects.end() && object->file == sources[i].file) ++object;
        const auto row = by_file.find(sources[i].file);
        if (row == by_file.end()) continue;
        FileExcerpts file(bundle.streams[i]);
        for (Diagnostic* finding : row->second) file.add(*finding);
        std::for_each(first, object, [&](const Object& one) { file.add(one); });
        file.choose(sources[i]);
        by_file.erase(row);
    }
    for (const auto& [file, left] : by_file)
        for (Diagnostic* finding : left) finding->excerpt = Excerpt::none;  // its text is not known
    for (Diagnostic& finding : findings) {
        if (closed.contains({finding.where.file, finding.where.line})) finding.excerpt = Excerpt::none;
    }
}

}  // namespace ktrain::lint
