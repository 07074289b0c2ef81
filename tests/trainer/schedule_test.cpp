// Learning rates against the formulas of transformers' schedulers, and gradient clipping.
#include <ATen/ops/full.h>
#include <doctest/doctest.h>

#include "tests/trainer/support.h"
#include "trainer/optim/clip.h"
#include "trainer/optim/schedule.h"

using namespace ktrain;
using namespace ktrain::trainer;

TEST_CASE("schedules follow transformers' get_scheduler") {
    struct Row {
        const char* name;
        std::int64_t warmup;
        std::vector<double> factors;  // after 0, 1, ... of 10 steps
    };
    // LambdaLR factors: linear (n - s) / (n - w), cosine 0.5 (1 + cos(pi (s - w) / (n - w))), warm-up s / w.
    const std::vector<Row> rows{
        {"constant", 4, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
        {"constant_with_warmup", 4, {0, 0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1}},
        {"linear", 0, {1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1}},
        {"linear", 2, {0, 0.5, 1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125}},
        {"cosine",
         0,
         {1, 0.9755282581475768, 0.9045084971874737, 0.7938926261462366, 0.6545084971874737, 0.5, 0.34549150281252633,
          0.20610737385376346, 0.09549150281252633, 0.02447174185242323}},
        {"cosine",
         5,
         {0, 0.2, 0.4, 0.6, 0.8, 1, 0.9045084971874737, 0.6545084971874737, 0.34549150281252633, 0.09549150281252633}},
    };
    for (const auto& row : rows) {
        CAPTURE(row.name);
        const Schedule schedule{schedule_kind(row.name), 0.5, row.warmup, 10};
        for (std::size_t step = 0; step < row.factors.size(); ++step)
            CHECK(schedule.rate(static_cast<std::int64_t>(step)) ==
                  doctest::Approx(0.5 * row.factors[step]).epsilon(1e-12));
    }
    CHECK(Schedule{ScheduleKind::linear, 1, 0, 10}.rate(12) == 0);
    CHECK(test::error_of([] { schedule_kind("polynomial"); }).kind == ErrorKind::bug);
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
