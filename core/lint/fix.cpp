// Chooses which changes to apply together, and keeps those that did what they promised.
#include "core/lint/fix.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "core/base/lines.h"
#include "core/lint/baseline.h"
#include "core/lint/edit.h"
#include "core/lint/families.h"
#include "core/lint/rule.h"

namespace ktrain::lint {
namespace {

// A fix may make room for the next one: a renamed field has a value to look at.
constexpr int max_rounds = 20;

using Key = std::string;

// Where the documents of some files begin: lines move when something is mended, documents do not. A document is one of
// YAML; objects of a List are told apart by their names.
class Documents {
public:
    explicit Documents(const std::vector<Source>& sources) {
        for (const Source& source : sources) {
            std::vector<int>& marks = marks_[source.file];
            int number = 0;
            for (std::string_view rest = source.text; !rest.empty();) {
                ++number;
                if (take_line(rest).starts_with("---")) marks.push_back(number);
            }
        }
    }

    // What tells the object of a finding from all others.
    std::string key_of(const Diagnostic& finding) const {
        const std::string_view file = finding.where.file;
        const auto row = marks_.find(file);
        const std::ptrdiff_t index =
            row == marks_.end() ? 0 : std::ranges::upper_bound(row->second, finding.where.line) - row->second.begin();
        return std::string(file) + "\n" + std::to_string(index) + "\n" + std::string(finding.object);
    }

private:
    std::map<std::string, std::vector<int>, std::less<>> marks_;
};

// The same finding before and after lines have moved.
Key key_of(const Diagnostic& finding, const Documents& documents) {
    return documents.key_of(finding) + "\n" + fingerprint(finding);
}

// The errors of some files, by their objects.
class Refusals {
public:
    explicit Refusals(const Documents& documents) : documents_(documents) {}

    // `known`: from before.
    void add(const Diagnostic& error, bool known) { errors_[documents_.key_of(error)].push_back({&error, known}); }

    // Whether there is one of this value of the object; the server says clusterIPs[0] of a clusterIP.
    bool has(const std::string& object, const std::string& path) const {
        const auto row = errors_.find(object);
        return row != errors_.end() && std::ranges::any_of(row->second, [&](const Error& one) {
                   const std::string& at = one.error->where.path;
                   return at == path || (!one.known && at.starts_with(path + "s["));
               });
    }

private:
    struct Error {
        const Diagnostic* error;
        bool known;
    };

    const Documents& documents_;
    std::map<std::string, std::vector<Error>> errors_;
};

using Applied = std::vector<std::pair<Key, const Diagnostic*>>;

// Of values: maps without order, as new members may come before those of merge keys.
nlohmann::json value_of(const Json& json) {
    return nlohmann::json::parse(json.dump());
}

struct Wanted {
    const Diagnostic* finding;
    std::vector<TextEdit> edits;
};

// Whether the new text is the old one with these changes and no others.
bool holds(const Source& before, const std::string& after, const std::vector<Wanted>& wanted) {
    const yaml::Stream old_stream = yaml::parse(before.text, before.file);
    const yaml::Stream new_stream = yaml::parse(after, before.file);
    if (old_stream.documents.size() != new_stream.documents.size()) return false;
    const auto broken = [](const yaml::Stream& stream) {
        return std::any_of(stream.problems.begin(), stream.problems.end(),
                           [](const Diagnostic& problem) { return problem.rule == "KT001"; });
    };
    if (broken(new_stream) || new_stream.problems.size() > old_stream.problems.size()) return false;
    std::vector<Json> values;
    for (const yaml::Node& document : old_stream.documents) values.push_back(yaml::to_json(document));
    for (const Wanted& one : wanted) {
        std::size_t index = 0;
        for (std::size_t i = 0; i < old_stream.documents.size(); ++i)
            if (old_stream.documents[i].line <= one.finding->where.line) index = i;
        if (!apply_changes(values[index], one.finding->changes)) return false;
    }
    for (std::size_t i = 0; i < values.size(); ++i)
        if (value_of(values[i]) != value_of(yaml::to_json(new_stream.documents[i]))) return false;
    return true;
}

// One file in one round.
class FileFix {
public:
    FileFix(const Source& source, const std::vector<const Diagnostic*>& findings, const Documents& documents,
            std::set<Key>& dropped)
        : source_(source), documents_(documents), extents_(source.text), dropped_(dropped) {
        for (const Diagnostic* finding : findings) {
            std::optional<std::vector<TextEdit>> edits = edits_of(extents_, *finding);
            // Without a place now there may be one once others are mended.
            if (edits && !in_the_way(*edits)) wanted_.push_back({finding, std::move(*edits)});
        }
        text_ = text_with(wanted_);
        if (!holds(source_, text_, wanted_)) one_by_one();
    }

    const std::string& text() const { return text_; }
    const std::vector<Wanted>& applied() const { return wanted_; }

private:
    bool in_the_way(const std::vector<TextEdit>& edits) const {
        return std::any_of(wanted_.begin(), wanted_.end(), [&](const Wanted& other) {
            return std::any_of(other.edits.begin(), other.edits.end(), [&](const TextEdit& a) {
                return std::any_of(edits.begin(), edits.end(), [&](const TextEdit& b) { return collide(a, b); });
            });
        });
    }

    std::string text_with(const std::vector<Wanted>& wanted) const {
        std::vector<TextEdit> edits;
        for (const Wanted& one : wanted) edits.insert(edits.end(), one.edits.begin(), one.edits.end());
        return edited(source_.text, extents_, std::move(edits));
    }

    // Drops those that do harm; rare, so that it may take long.
    void one_by_one() {
        std::vector<Wanted> good;
        for (Wanted& one : wanted_) {
            good.push_back(std::move(one));
            if (holds(source_, text_with(good), good)) continue;
            dropped_.insert(key_of(*good.back().finding, documents_));
            good.pop_back();
        }
        wanted_ = std::move(good);
        text_ = text_with(wanted_);
    }

    const Source& source_;
    const Documents& documents_;
    yaml::Extents extents_;
    std::set<Key>& dropped_;
    std::vector<Wanted> wanted_;
    std::string text_;
};

class Fixer {
public:
    Fixer(std::vector<Source> sources, const CheckSources& check, const std::vector<std::string>& named)
        : check_(check) {
        for (const std::string& name : named)
            if (const std::vector<std::string_view> ids = rules_named(name); ids.size() == 1)
                named_.insert(ids.front());
        result_.sources = std::move(sources);
        result_.report = check(result_.sources);
    }

    Fixed run() {
        for (int round = 0; round < max_rounds && once(); ++round) continue;
        for (const Diagnostic& finding : result_.report.findings) {
            if (finding.changes.empty()) continue;
            (is_asked_for(finding) ? result_.left_out : result_.of_policy).push_back(finding);
        }
        return std::move(result_);
    }

private:
    bool is_asked_for(const Diagnostic& finding) const {
        const Rule* rule = find_rule(finding.rule);
        return rule == nullptr || !rule->policy || named_.contains(rule->id);
    }

    // False when there was nothing to do.
    bool once() {
        const Documents documents(result_.sources);
        std::map<std::string, std::vector<const Diagnostic*>> by_file;
        for (const Diagnostic& finding : result_.report.findings) {
            if (!finding.changes.empty() && is_asked_for(finding) && !dropped_.contains(key_of(finding, documents)))
                by_file[finding.where.file].push_back(&finding);
        }
        std::vector<Source> next = result_.sources;
        Applied applied;
        for (Source& source : next) {
            const auto row = by_file.find(source.file);
            if (row == by_file.end()) continue;
            const FileFix fixed(source, row->second, documents, dropped_);
            for (const Wanted& one : fixed.applied())
                applied.emplace_back(key_of(*one.finding, documents), one.finding);
            std::string text = fixed.text();
            source.text = std::move(text);
        }
        if (applied.empty()) return false;
        keep_what_helped(std::move(next), applied, documents);
        return true;
    }

    // A finding that is still there, as often as before, was not mended, nor is a value that is refused for another
    // reason now: the round is done again without them.
    void keep_what_helped(std::vector<Source> next, const Applied& applied, const Documents& documents) {
        const auto counts = [](const Report& report, const Documents& of) {
            std::map<Key, std::size_t> result;
            for (const Diagnostic& finding : report.findings) ++result[key_of(finding, of)];
            return result;
        };
        Report report = check_(next);
        const Documents documents_after(next);
        const std::map<Key, std::size_t> before = counts(result_.report, documents);
        const std::map<Key, std::size_t> after = counts(report, documents_after);
        Refusals refusals(documents_after);
        for (const Diagnostic& finding : report.findings) {
            const bool known = before.contains(key_of(finding, documents_after));
            if (finding.severity == Severity::error && (!known || finding.changes.empty()))
                refusals.add(finding, known);
        }
        const auto is_refused = [&](const Diagnostic& mended) {
            const std::string object = documents.key_of(mended);
            return std::ranges::any_of(mended.changes, [&](const Change& change) {
                return change.kind == Change::Kind::replace && refusals.has(object, change.path);
            });
        };
        bool failed = false;
        for (const auto& [key, finding] : applied) {
            const auto row = after.find(key);
            if ((row == after.end() || row->second < before.at(key)) && !is_refused(*finding)) continue;
            failed = dropped_.insert(key).second || failed;
        }
        if (failed) return;
        result_.sources = std::move(next);
        result_.report = std::move(report);
        result_.applied += applied.size();
    }

    const CheckSources& check_;
    std::set<std::string_view> named_;  // ids
    std::set<Key> dropped_;
    Fixed result_;
};

}  // namespace

Fixed fix(std::vector<Source> sources, const CheckSources& check, const std::vector<std::string>& named) {
    return Fixer(std::move(sources), check, named).run();
}

}  // namespace ktrain::lint
