// Asks of each line what findings about it may show.
#include "core/lint/closed_lines.h"

#include <algorithm>

#include "core/lint/excerpt.h"
#include "core/lint/rule.h"

namespace ktrain::lint {

// Lines of Secrets, and those that look like one elsewhere. What stands in the environment may be shown: people ask for
// the difference to see what becomes of it.
std::vector<bool> closed_lines(const Source& source) {
    const std::vector<Source> sources{source};
    const Bundle bundle = read_bundle(sources);
    const int lines = static_cast<int>(std::ranges::count(source.text, '\n')) + 1;
    Diagnostics findings;
    for (auto object = bundle.objects.begin(); object != bundle.objects.end(); ++object) {
        Findings found(*object, findings);
        check_secret_values(*object, bundle, found);
        check_secret_in_files(*object, bundle, found);
        if (object->kind != "Secret") continue;
        const int end = object + 1 == bundle.objects.end() ? lines + 1 : (object + 1)->root.line;
        for (int line = object->root.line; line < end; ++line) {
            Diagnostic& one = findings.emplace_back();
            one.where.file = source.file;
            one.where.line = line;
        }
    }
    choose_excerpts(findings, bundle, sources);
    std::vector<bool> closed(static_cast<std::size_t>(lines));
    for (const Diagnostic& one : findings) {
        if (one.excerpt == Excerpt::none && one.where.line > 0 && one.where.line <= lines)
            closed[static_cast<std::size_t>(one.where.line) - 1] = true;
    }
    return closed;
}

}  // namespace ktrain::lint
