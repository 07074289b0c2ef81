// The table of reporters.
#include "trainer/report/reports.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/base/world.h"
#include "trainer/report/metrics.h"
#include "trainer/report/prometheus.h"
#include "trainer/report/tensorboard.h"
#include "trainer/report/wandb.h"

namespace ktrain::trainer {
namespace {

struct Row {
    std::string_view name;
    bool essential;
    bool (*wanted)(const TrainingSpec& spec);
    std::unique_ptr<Reporter> (*open)(const TrainingSpec& spec);
};

bool named(const TrainingSpec& spec, std::string_view service) {
    return std::ranges::find(spec.monitoring.report_to, service) != spec.monitoring.report_to.end();
}

constexpr std::array rows{
    Row{"jsonl", true, [](const TrainingSpec&) { return true; },
        [](const TrainingSpec& spec) -> std::unique_ptr<Reporter> {
            return std::make_unique<MetricsFile>(spec.output_dir + "/metrics.jsonl");
        }},
    Row{"prometheus", false, [](const TrainingSpec& spec) { return spec.monitoring.metrics_port > 0; },
        [](const TrainingSpec& spec) { return open_prometheus(spec.monitoring.metrics_port); }},
    Row{"tensorboard", false, [](const TrainingSpec& spec) { return named(spec, "tensorboard"); },
        [](const TrainingSpec& spec) -> std::unique_ptr<Reporter> {
            const std::string& folder = spec.monitoring.logging_dir;
            return std::make_unique<TensorBoard>(folder.empty() ? spec.output_dir + "/runs" : folder);
        }},
    Row{"wandb", false, [](const TrainingSpec& spec) { return named(spec, "wandb"); },
        [](const TrainingSpec& spec) { return open_wandb(spec, real_env()); }},
};
static_assert(std::ranges::is_sorted(rows, {}, &Row::name));

}  // namespace

// What somebody else holds is no reason not to train: retrying the run would not help while it is held.
Reports::Reports(const TrainingSpec& spec, const Host& host) : host_(host) {
    for (const Row& row : rows) {
        if (!row.wanted(spec)) continue;
        try {
            if (auto reporter = row.open(spec)) open_.push_back({row.name, row.essential, std::move(reporter)});
        } catch (const Error& error) {
            if (row.essential || error.kind != ErrorKind::conflict) throw;
            host_.warn(fmt::format("{}; the training goes on without {}", error.message, row.name));
        }
    }
}

Reports::~Reports() {
    try {
        finish(exit_code::failed);
    } catch (...) {  // the error that ends the run is the one to tell
    }
}

// Calls each reporter. One that fails is told of and let go; an essential one ends the run.
template <class Call>
void Reports::each(Call call) {
    for (auto it = open_.begin(); it != open_.end();) {
        try {
            call(*it);
            while (const auto trouble = it->reporter->trouble()) host_.warn(*trouble);
            ++it;
        } catch (const std::exception& error) {
            if (it->essential) throw;
            host_.warn(fmt::format("{}; the training goes on without {}", error.what(), it->name));
            it = open_.erase(it);
        }
    }
}

void Reports::begin(const Beginning& beginning) {
    each([&](const Open& open) { open.reporter->begin(beginning); });
}

void Reports::take(Json& event) {
    each([&](const Open& open) { open.reporter->take(event); });
    if (string_or(event, "event") != "end") return;
    finish(exit_code::done);
    if (!last_words_.empty()) event["reports"] = last_words_;
}

void Reports::finish(int exit_code) {
    if (std::exchange(finished_, true)) return;
    each([&](const Open& open) {
        if (Json words = open.reporter->finish(exit_code); !words.is_null())
            last_words_[std::string(open.name)] = std::move(words);
    });
    open_.clear();
}

}  // namespace ktrain::trainer
