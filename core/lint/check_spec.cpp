// KT029: documents of ktrain itself, read as the commands that take a spec read them.
#include "core/lint/rule.h"
#include "core/spec/load.h"

namespace ktrain::lint {
namespace {

// A message that names the field and what it takes needs no more; its fix is where to read on.
std::string fix_of(const Diagnostic& problem) {
    if (!problem.fix.empty()) return problem.fix;
    const std::string field = problem.where.path.substr(0, problem.where.path.find('['));
    return "see: ktrain init --explain " + (field.empty() ? "spec" : field);
}

}  // namespace

void check_spec(const Object& object, const Bundle&, Findings& findings) {
    if (!object.is_spec()) return;
    for (const Diagnostic& problem : spec::load(*object.root.node, object.file).problems) {
        const std::string& outer = object.root.path;  // of an item of a List
        Place where = problem.where;
        if (!outer.empty()) where.path = outer + (where.path.empty() ? "" : "." + where.path);
        findings.add("KT029", where, problem.message, fix_of(problem), problem.severity);
    }
}

}  // namespace ktrain::lint
