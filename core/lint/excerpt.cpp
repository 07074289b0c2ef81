// Decides which findings may show their line: none on which a secret may stand, of whatever object.
#include "core/lint/excerpt.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "core/base/parallel.h"
#include "core/lint/starts.h"

namespace ktrain::lint {
namespace {

// The lines of a text, asked for in ascending order.
class LineWalk {
public:
    explicit LineWalk(std::string_view text) : rest_(text) {}

    // With its end; empty where there is none.
    std::string_view line(int number) {
        while (number_ < number && !rest_.empty()) {
            here_ = take_line(rest_);
            ++number_;
        }
        return number > 0 && number_ == number ? here_ : std::string_view();
    }

private:
    std::string_view rest_, here_;
    int number_ = 0;
};

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

// The findings of one file, in the order of their lines. Document by document, as values may be repeated by aliases
// within one, and the starts of all would fill the memory.
class FileExcerpts {
public:
    FileExcerpts(const Source& source, const yaml::Stream& stream, std::span<const Object> objects)
        : lines_(source.text) {
        for (const yaml::Node& document : stream.documents) begins_.push_back(document.line);
        for (const Object& object : objects) objects_.push_back({document_of(object.root.line), &object});
        std::ranges::stable_sort(objects_, {}, &OfDocument::document);
    }

    void choose(std::span<Diagnostic> findings) {
        for (auto first = findings.begin(); first != findings.end();) {
            const std::size_t document = document_of(first->where.line);
            const auto end = std::find_if(first, findings.end(),
                                          [&](const Diagnostic& d) { return document_of(d.where.line) != document; });
            const Starts starts = starts_of(document);
            for (; first != end; ++first) choose(*first, starts, document == 0);
        }
    }

private:
    struct OfDocument {
        std::size_t document;
        const Object* object;
    };

    // Documents count from 0; what stands above the first belongs to it.
    std::size_t document_of(int line) const {
        const auto next = std::upper_bound(begins_.begin(), begins_.end(), line);
        return next == begins_.begin() ? 0 : static_cast<std::size_t>(next - begins_.begin()) - 1;
    }

    Starts starts_of(std::size_t document) const {
        Starts starts;
        // clang 14 cannot read equal_range() of libstdc++.
        const auto end = std::ranges::upper_bound(objects_, document, {}, &OfDocument::document);
        for (auto one = std::ranges::lower_bound(objects_, document, {}, &OfDocument::document); one != end; ++one)
            add_starts(*one->object, starts);
        std::sort(starts.begin(), starts.end());
        return starts;
    }

    void choose(Diagnostic& finding, const Starts& starts, bool first_document) {
        if (finding.excerpt != Excerpt::whole) return;  // it is decided
        const std::string_view line = lines_.line(finding.where.line);
        const bool hidden = line.empty() || is_hidden(finding.where.line, line, starts, first_document);
        if (hidden) finding.excerpt = Excerpt::none;
    }

    LineWalk lines_;
    std::vector<int> begins_;
    std::vector<OfDocument> objects_;  // by document
};

// A line that a rule wants hidden is so for all of them.
void close_lines(std::span<Diagnostic> findings) {
    const auto same_line = [](const Diagnostic& a, const Diagnostic& b) {
        return a.where.line == b.where.line && a.where.file == b.where.file;
    };
    for (auto first = findings.begin(); first != findings.end();) {
        const auto end =
            std::find_if(first, findings.end(), [&](const Diagnostic& d) { return !same_line(*first, d); });
        const bool closed = std::any_of(first, end, [](const Diagnostic& d) { return d.excerpt == Excerpt::none; });
        for (; first != end; ++first)
            if (closed) first->excerpt = Excerpt::none;
    }
}

// What one thread does of a file at once.
struct Part {
    std::size_t source;
    std::span<const Object> objects;  // all of the file
    std::span<Diagnostic> findings;
};

// Each thread walks the lines from the first: no more parts than threads.
void add_parts(std::size_t source, std::span<const Object> objects, std::span<Diagnostic> findings, unsigned threads,
               std::vector<Part>& parts) {
    constexpr std::size_t many = 256;
    const std::size_t count = std::clamp<std::size_t>(findings.size() / many, 1, std::max(threads, 1u));
    for (std::size_t i = 0, begin = 0; i < count; ++i) {
        const std::size_t end = findings.size() * (i + 1) / count;
        parts.push_back({source, objects, findings.subspan(begin, end - begin)});
        begin = end;
    }
}

}  // namespace

void choose_excerpts(std::span<Diagnostic> findings, const Bundle& bundle, const std::vector<Source>& sources,
                     unsigned threads) {
    std::vector<Part> parts;
    auto finding = findings.begin();
    auto object = bundle.objects.begin();
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const auto first_object = object;  // objects come in the order of the sources
        while (object != bundle.objects.end() && object->file == sources[i].file) ++object;
        const auto first = finding;
        while (finding != findings.end() && finding->where.file == sources[i].file) ++finding;
        if (first != finding) add_parts(i, {first_object, object}, {first, finding}, threads, parts);
    }
    for (; finding != findings.end(); ++finding) finding->excerpt = Excerpt::none;  // its text is not known
    in_parallel(parts.size(), threads, [&](std::size_t i) {
        const Part& part = parts[i];
        FileExcerpts(sources[part.source], bundle.streams[part.source], part.objects).choose(part.findings);
    });
    close_lines(findings);
}

}  // namespace ktrain::lint
