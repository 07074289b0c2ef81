// Makes the plan of a spec, and tells its warnings.
#include "cli/commands/plan_input.h"

#include "cli/term/output.h"

namespace ktrain {

Plan plan_of(term::Session& session, const SpecInput& input, const TrainingSpec& spec) {
    try {
        const auto estimate = estimate_for_plan(spec, session.files);
        if (!estimate && session.verbosity > 0)
            session.note("what the training needs is not estimated: its model is not known on this machine");
        Plan plan = make_plan(spec, estimate);
        if (!plan.warnings.empty())
            session.err.write(term::render_diagnostics(input.located(plan.warnings), session.err_color()));
        return plan;
    } catch (const Error& error) {
        throw input.located(error);
    }
}

}  // namespace ktrain
