// Learning rates against those of transformers' schedulers, and gradient clipping.
#include <ATen/ops/full.h>
#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "core/spec/choices.h"
#include "tests/support/paths.h"
#include "tests/trainer/support.h"
#include "trainer/optim/clip.h"
#include "trainer/optim/schedule.h"

using namespace ktrain;
using namespace ktrain::trainer;

TEST_CASE("schedules follow transformers' get_scheduler") {
    const Json reference = Json::parse(test::read_file(test::source_path("/tests/parity/optim/reference.json")));
    std::set<std::string> seen;
    for (const Json& row : reference["schedules"]) {
        CAPTURE(row.dump());
        TrainingArgs args;
        args.learning_rate = reference["rate"];
        args.lr_scheduler_type = *seen.insert(row["name"].get<std::string>()).first;
        args.lr_scheduler_kwargs = row["kwargs"].get<StringMap>();
        args.warmup_steps = row["warmup_steps"];
        args.warmup_ratio = row["warmup_ratio"];
        const Schedule schedule = make_schedule(args, row["total"]);
        for (std::size_t step = 0; step < row["rates"].size(); ++step) {
            CAPTURE(step);
            CHECK(std::abs(schedule.rate(static_cast<std::int64_t>(step)) - row["rates"][step].get<double>()) <
                  1e-7 * args.learning_rate);
        }
    }
    CHECK(seen.size() == spec::choices::scheduler.size());
}

TEST_CASE("clipping limits the norm over all gradients") {
    const Parameters parameters({{"a", {9}, "float32", Role::linear, true},
                                 {"frozen", {4}, "float32", Role::linear, false},
                                 {"b", {16}, "float32", Role::linear, true},
                                 {"c", {3}, "float32", Role::linear, true}});
    parameters.at("a").gradient.fill_(1);  // norm 3
    parameters.at("b").gradient.fill_(1);  // norm 4
    CHECK(gradient_norm(parameters) == doctest::Approx(5));
    CHECK(clip_factor(5, 1) == doctest::Approx(1 / 5.000001));
    CHECK(clip_factor(0.5, 1) == 1);
    CHECK(clip_factor(5, 0) == 1);
}
