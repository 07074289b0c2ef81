// Fuzzes rules: no text may crash the compiler, no rule may run on, and every problem has a message and a place.
#include "core/cel/cel.h"
#include "tests/fuzz/expect.h"

using namespace ktrain;

namespace {

constexpr std::string_view object = R"(
name: llama-train
replicas: 4
rate: 2.5
paused: false
nothing: null
timeout: 1h30m
max-runs: 3
labels: {app: train, "team.io/owner": ml}
limits: {memory: 16Gi, cpu: 500m}
args: [--epochs, "3", --lr, "2e-4"]
numbers: [5, 3, 9]
workers: [{name: master, gpus: 8}, {name: worker}]
address: 10.0.0.7
url: https://example.com:80/a?b=c
)";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const yaml::Node self = yaml::parse_one(object, "object");
    const auto compiled = cel::compile(fuzz::text_of(data, size));
    if (const auto* problem = std::get_if<cel::Problem>(&compiled)) {
        fuzz::expect(!problem->message.empty(), "problems have a message");
        fuzz::expect(problem->column > 0 && problem->column <= static_cast<int>(size) + 1, "problems have a place");
        return 0;
    }
    const auto& program = std::get<cel::Program>(compiled);
    cel::Context context{.self = {&self}, .steps = 50'000};
    const cel::Outcome outcome = cel::evaluate(program, context);
    const bool failed = outcome.verdict == cel::Verdict::failed;
    fuzz::expect(failed == !outcome.text.empty(), "failures have a text, and nothing else");
    fuzz::expect(outcome.column <= static_cast<int>(size) + 1, "failures have a place in the rule");
    if (program.uses_old_self) {
        context.old_self = context.self;
        cel::evaluate(program, context);
        context.optional_old_self = true;
    }
    cel::message(program, context);
    return 0;
}
