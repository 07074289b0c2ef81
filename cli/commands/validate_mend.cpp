// Writes mended files, or shows what would be written.
#include "cli/commands/validate_mend.h"

#include <fmt/format.h>

#include <set>

#include "core/base/diff.h"
#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/base/file_mode.h"
#include "core/base/text.h"
#include "core/lint/closed_lines.h"

namespace ktrain {
namespace {

// Changes that have no place in the text: a value behind an alias, a comment that would be lost.
void report_left_out(term::Session& session, const lint::Fixed& fixed) {
    std::string last;  // an alias is as many findings as it is used
    for (const Diagnostic& finding : fixed.left_out) {
        std::string line = fmt::format("{}: {} cannot be mended here; change it by hand",
                                       printable(to_string(finding.where)), finding.rule);
        if (line != last) session.note(line);
        last = std::move(line);
    }
    std::set<std::string> rules;
    for (const Diagnostic& finding : fixed.of_policy) rules.emplace(finding.rule);
    if (rules.empty()) return;
    session.note(fmt::format("{} more finding{} would change a policy, which is mended by name alone: --only {}",
                             fixed.of_policy.size(), fixed.of_policy.size() == 1 ? "" : "s",
                             join({rules.begin(), rules.end()}, ",")));
}

}  // namespace

lint::Fixed mend(term::Session& session, std::vector<lint::Source> sources, const lint::CheckSources& check,
                 const std::vector<std::string>& named) {
    const std::vector<lint::Source> before = sources;
    lint::Fixed fixed = lint::fix(std::move(sources), check, named);
    std::size_t files = 0;
    std::vector<std::string> written;
    for (std::size_t i = 0; i < before.size(); ++i) {
        const lint::Source& source = fixed.sources[i];
        if (source.file == "-") session.out.write(source.text);
        if (source.text == before[i].text) continue;
        ++files;
        if (source.file == "-") continue;
        try {
            session.files.write(source.file, source.text, file_mode(source.file, 0644));
        } catch (const Error&) {
            if (!written.empty()) session.note("mended before the error: " + printable(join(written, ", ")));
            throw;
        }
        written.push_back(source.file);
    }
    report_left_out(session, fixed);
    session.note(fmt::format("{} finding{} mended in {} file{}", fixed.applied, fixed.applied == 1 ? "" : "s", files,
                             files == 1 ? "" : "s"));
    return fixed;
}

int show_diff(term::Session& session, std::vector<lint::Source> sources, const lint::CheckSources& check,
              const std::vector<std::string>& named) {
    const std::vector<lint::Source> before = sources;
    const lint::Fixed fixed = lint::fix(std::move(sources), check, named);
    std::string text;
    std::size_t closed = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
        const lint::Source& after = fixed.sources[i];
        if (before[i].text == after.text) continue;
        const OpenDiff diff = open_diff(before[i].text, after.text, before[i].file,
                                        {lint::closed_lines(before[i]), lint::closed_lines(after)});
        text += diff.text;
        closed += diff.left_out;
    }
    session.out.write(session.out.is_terminal() ? printable(text, true) : text);  // for `patch`, every byte
    if (closed > 0)
        session.note(fmt::format("{} change{} of lines with a secret {} not shown; --fix writes {}", closed,
                                 closed == 1 ? "" : "s", closed == 1 ? "is" : "are", closed == 1 ? "it" : "them"));
    report_left_out(session, fixed);
    return text.empty() && closed == 0 ? exit_code::done : exit_code::no;
}

}  // namespace ktrain
