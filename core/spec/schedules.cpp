// The table of schedule settings, and the rule on them.
#include "core/spec/schedules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include "core/base/text.h"
#include "core/spec/read.h"
#include "core/spec/rules.h"
#include "core/spec/words.h"

namespace ktrain::spec {
namespace {

constexpr Field cycles{.name = "num_cycles", .min = 0, .above_min = true};

constexpr std::array settings{
    ScheduleSetting{"cosine", cycles},
    ScheduleSetting{"cosine_with_min_lr", {.name = "min_lr", .min = 0}},
    ScheduleSetting{"cosine_with_min_lr", {.name = "min_lr_rate", .min = 0, .max = 1}},
    ScheduleSetting{"cosine_with_min_lr", cycles},
    ScheduleSetting{"cosine_with_restarts", {.name = "num_cycles", .min = 1}, true},
    ScheduleSetting{"inverse_sqrt", {.name = "timescale", .min = 1}, true},
    ScheduleSetting{"polynomial", {.name = "lr_end", .min = 0}},
    ScheduleSetting{"polynomial", {.name = "power", .min = 0}},
    ScheduleSetting{"warmup_stable_decay", {.name = "decay_type", .choices = ramps}},
    ScheduleSetting{"warmup_stable_decay", {.name = "min_lr_ratio", .min = 0, .max = 1}},
    ScheduleSetting{"warmup_stable_decay", cycles},
    ScheduleSetting{"warmup_stable_decay", {.name = "num_decay_steps", .min = 0}, true, true},
    ScheduleSetting{"warmup_stable_decay", {.name = "num_stable_steps", .min = 0}, true},
    ScheduleSetting{"warmup_stable_decay", {.name = "warmup_type", .choices = ramps}},
};
static_assert(std::ranges::is_sorted(settings, {}, [](const ScheduleSetting& setting) {
    return std::pair(setting.schedule, setting.field.name);
}));

constexpr std::string_view group = "training.lr_scheduler_kwargs";

std::string path_of(std::string_view name) {
    return join_path(std::string(group), std::string(name));
}

std::vector<std::string_view> names_of(std::string_view schedule) {
    std::vector<std::string_view> names;
    for (const ScheduleSetting& setting : settings)
        if (setting.schedule == schedule) names.push_back(setting.field.name);
    return names;
}

const ScheduleSetting* find_setting(std::string_view schedule, std::string_view name) {
    const auto found = std::ranges::find_if(settings, [&](const ScheduleSetting& setting) {
        return setting.schedule == schedule && setting.field.name == name;
    });
    return found == settings.end() ? nullptr : &*found;
}

void unknown_setting(const TrainingArgs& args, const std::string& name, Report& report) {
    const std::string& schedule = args.lr_scheduler_type;
    const std::vector<std::string_view> known = names_of(schedule);
    const std::string near = nearest(name, known);
    std::string fix =
        known.empty() ? "leave out lr_scheduler_kwargs" : fmt::format("it takes {}", fmt::join(known, ", "));
    if (!near.empty()) fix = "did you mean " + near + "?";
    report.error(path_of(name), fmt::format("the schedule {} takes no {}", schedule, in_quotes(name)), std::move(fix));
}

std::string wanted(const ScheduleSetting& setting) {
    if (!setting.field.choices.empty()) return wanted_text(setting.field);
    const std::string range = range_text(setting.field);
    return fmt::format("a {}number{}{}", setting.whole ? "whole " : "", range.empty() ? "" : " ", range);
}

bool is_fit(const ScheduleSetting& setting, const TrainingArgs& args, const std::string& text) {
    const Field& field = setting.field;
    if (!field.choices.empty()) return std::ranges::find(field.choices, text) != field.choices.end();
    const auto number = schedule_number(args, field.name);
    if (!number || (setting.whole && std::trunc(*number) != *number)) return false;
    return (field.above_min ? *number > field.min : *number >= field.min) && *number <= field.max;
}

// A rate of the kwargs must stay below the peak, as transformers demands of lr_end.
void check_end(const TrainingArgs& args, std::string_view name, double rate, Report& report) {
    if (rate < args.learning_rate) return;
    report.error(path_of(name),
                 fmt::format("{}.{} is {}, not below training.learning_rate {}", group, name, number_text(rate),
                             number_text(args.learning_rate)),
                 fmt::format("set {} below the learning rate", name));
}

void check_together(const TrainingArgs& args, Report& report) {
    if (args.lr_scheduler_type == "polynomial")
        check_end(args, "lr_end", schedule_number(args, "lr_end").value_or(polynomial_end), report);
    if (args.lr_scheduler_type != "cosine_with_min_lr") return;
    const auto rate = schedule_number(args, "min_lr"), share = schedule_number(args, "min_lr_rate");
    if (rate.has_value() == share.has_value())
        report.error(std::string(group), "cosine_with_min_lr needs either min_lr or min_lr_rate",
                     "write lr_scheduler_kwargs: {min_lr_rate: 0.1}");
    else if (rate)
        check_end(args, "min_lr", *rate, report);
}

}  // namespace

std::span<const ScheduleSetting> schedule_settings() {
    return settings;
}

std::optional<double> schedule_number(const TrainingArgs& args, std::string_view name) {
    const auto entry = args.lr_scheduler_kwargs.find(std::string(name));
    if (entry == args.lr_scheduler_kwargs.end()) return {};
    const std::string& text = entry->second;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return {};
    return value;
}

void rule_schedule(const TrainingSpec& spec, Report& report) {
    const TrainingArgs& args = spec.training;
    bool fit = true;
    for (const auto& [name, text] : args.lr_scheduler_kwargs) {
        const ScheduleSetting* setting = find_setting(args.lr_scheduler_type, name);
        if (setting && is_fit(*setting, args, text)) continue;
        fit = false;
        if (!setting)
            unknown_setting(args, name, report);
        else
            report.error(path_of(name),
                         fmt::format("{}.{} must be {}, got {}", group, name, wanted(*setting), in_quotes(text)));
    }
    for (const ScheduleSetting& setting : settings)
        if (setting.required && setting.schedule == args.lr_scheduler_type &&
            !args.lr_scheduler_kwargs.contains(std::string(setting.field.name))) {
            fit = false;
            report.error(std::string(group), fmt::format("{} needs {}", setting.schedule, setting.field.name),
                         fmt::format("write lr_scheduler_kwargs: {{{}: 100}}", setting.field.name));
        }
    if (fit) check_together(args, report);
}

}  // namespace ktrain::spec
