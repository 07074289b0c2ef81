// What keys the JSON of an estimate has.
#include "cli/commands/estimate_input.h"
#include "core/base/exit_code.h"
#include "core/estimate/schema.h"

namespace ktrain {
namespace {

class ShowSchema final : public EstimateQuestion {
public:
    void declare(term::Flags& flags) override {
        flags.add(&asked_, {.name = "schema", .help = "Print the JSON Schema of a plain estimate as -o json"});
    }
    bool asked() const override { return asked_; }

    int answer(term::Session& session, EstimateInput&) override {
        session.out.write(to_pretty(estimate_schema()));
        return exit_code::done;
    }

private:
    bool asked_ = false;
};

}  // namespace

std::unique_ptr<EstimateQuestion> ask_schema() {
    return std::make_unique<ShowSchema>();
}

}  // namespace ktrain
