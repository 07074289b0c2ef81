// The cheapest and the fastest plan that fits, and whether a spec keeps a budget and a deadline.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "cli/commands/estimate_find_text.h"
#include "cli/commands/estimate_input.h"
#include "core/base/amounts.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

constexpr std::size_t in_json = 20;

// "200", "$200" or "199.50".
double budget_of(const std::string& text) {
    const std::string digits = text.starts_with('$') ? text.substr(1) : text;
    double value = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed);
    if (error == std::errc() && end == digits.data() + digits.size() && value > 0 && value < 1e15) return value;
    throw Error(ErrorKind::usage, fmt::format("--budget is no number of dollars above 0: \"{}\"", printable(text)), {},
                "write it like --budget 200");
}

double deadline_of(const std::string& text) {
    if (const auto seconds = parse_span(text)) return *seconds;
    throw Error(ErrorKind::usage, fmt::format("--deadline is no time with its unit, above 0: \"{}\"", printable(text)),
                {}, "write it with its unit, like --deadline 24h, 0.5h, 90min or 3d");
}

struct Searched {
    std::string_view field;
    bool FixedFields::*fixed;
};
// What a search changes, unless it is said. Either field of quantization keeps it as it is.
constexpr std::array searched{
    Searched{"method.type", &FixedFields::method},
    Searched{"parallel.strategy", &FixedFields::strategy},
    Searched{"quantization.load_in_4bit", &FixedFields::quantization},
    Searched{"quantization.load_in_8bit", &FixedFields::quantization},
    Searched{"resources.gpu", &FixedFields::gpu},
    Searched{"resources.gpus_per_node", &FixedFields::gpus_per_node},
    Searched{"resources.nodes", &FixedFields::nodes},
    Searched{"training.gradient_checkpointing", &FixedFields::checkpointing},
    Searched{"training.per_device_train_batch_size", &FixedFields::micro_batch},
};
static_assert(std::ranges::is_sorted(searched, {}, &Searched::field));

// What is said to be none: a pod without GPUs, or an empty name.
bool is_open(const TrainingSpec& spec, std::string_view field) {
    return (field == "resources.gpu" && spec.resources.gpu.empty()) ||
           (field == "resources.gpus_per_node" && spec.resources.gpus_per_node == 0) ||
           (field == "parallel.strategy" && spec.parallel.strategy.empty());
}

class FindPlan final : public EstimateQuestion {
public:
    void declare(term::Flags& flags) override {
        flags.add(&find_, {.name = "find", .help = "Find the cheapest and the fastest plan that fits"});
        flags.add(&budget_,
                  {.name = "budget", .value = "USD", .help = "Most that it may cost: exit code 3 when it is more"});
        flags.add(&deadline_,
                  {.name = "deadline", .value = "TIME", .help = "Longest that it may take, such as 24h: exit code 3"});
    }
    bool asked() const override { return find_ || budget_ || deadline_; }
    bool is_calibrated() const override { return true; }

    int answer(term::Session& session, EstimateInput& input) override {
        FindInput wanted;
        if (budget_) wanted.limits.dollars = budget_of(*budget_);
        if (deadline_) wanted.limits.seconds = deadline_of(*deadline_);
        if (input.profile() == Profile::docs)
            throw Error(ErrorKind::usage, "the handbook's rule is too rough to plan with", {},
                        "leave out --profile docs");
        const auto spec = input.read(session);
        if (!spec) return exit_code::invalid;
        wanted.shape = input.shape(session, *spec);
        wanted.spec = input.typed(*spec, wanted.shape);
        wanted.framework = input.framework();
        wanted.fixed.dtype = !input.dtype_is_open();
        const auto options = input.job().options(session, *spec);
        if (!options) return exit_code::invalid;
        wanted.options = *options;
        if (const auto other = input.other_model(session, *spec)) wanted.options.other = other->parameters;
        wanted.options.framework = input.framework();
        wanted.prices = &input.job().prices();
        wanted.calibration = input.calibration();
        wanted.calibration_file = input.calibration_file();
        try {
            check(wanted);
            return find_ ? search(session, input, wanted) : judge(session, input, wanted);
        } catch (const Error& error) {
            throw input.located(error);
        }
    }

private:
    void check(const FindInput& wanted) const {
        if (wanted.limits.any() && job_tokens(wanted.spec, wanted.shape, wanted.options) <= 0)
            throw Error(ErrorKind::usage, "a budget or a deadline is that of a training, and its tokens are not known",
                        {}, "add --tokens 300M, or set training.max_steps");
        if (find_ && wanted.options.tokens_per_second > 0)
            throw Error(ErrorKind::usage, "a measured speed is that of one plan, and --find compares others", {},
                        "leave out --throughput and --from-run, or --find");
        if (!find_ && wanted.spec.resources.gpu.empty())
            throw Error(ErrorKind::usage, "a budget or a deadline is kept by a GPU, and none is named", {},
                        "add --gpu, or --find to search for one");
    }

    int search(term::Session& session, const EstimateInput& input, FindInput& wanted) const {
        Json kept = Json::array();
        for (const Searched& row : searched) {
            const std::string field(row.field);
            if (!input.said(field) || is_open(wanted.spec, field)) continue;
            wanted.fixed.*row.fixed = true;
            kept.push_back(field);
        }
        const FindResult result = find_plans(wanted);
        if (!input.for_people()) {
            Json json = inputs_json(wanted);
            json["kept"] = std::move(kept);
            json.update(to_json(result, in_json));
            input.write(session, json);
        } else {
            session.out.write(find_report(result, wanted, width(session)));
            if (!kept.empty()) session.out.write(kept_text(kept));
            warn(session, result, wanted);
        }
        return result.plans.empty() ? exit_code::no : exit_code::done;
    }

    // The spec as it is, as a search that may change nothing; and if it is over, what a search that may comes to.
    int judge(term::Session& session, const EstimateInput& input, const FindInput& wanted) const {
        FindInput given = wanted;
        given.fixed = {true, true, true, true, true, true, true, true};
        given.limits = {};
        const FindResult alone = find_plans(given);
        const NearPlan plan =
            alone.plans.empty() ? alone.nearest.at(0) : over_limits(alone.plans.at(0), wanted.limits, "given");
        const bool kept = !alone.plans.empty() && within(plan.plan, wanted.limits);
        FindResult others;
        if (!kept) {
            FindInput free = wanted;
            free.fixed.method = free.fixed.quantization = true;
            free.options.tokens_per_second = 0;
            others = find_plans(free);
        }
        if (!input.for_people()) {
            Json json = inputs_json(wanted);
            json["kept_limits"] = kept;
            json["given"] = to_json(plan, false);
            json["instead"] = kept ? Json(nullptr) : to_json(others, in_json);
            input.write(session, json);
        } else {
            session.out.write(judged_report(plan, wanted));
            session.out.write(kept ? notes_text(input_notes(wanted)) : nearest_report(others, wanted, width(session)));
            warn(session, kept ? alone : others, wanted);
        }
        return kept ? exit_code::done : exit_code::no;
    }

    static Json inputs_json(const FindInput& wanted) {
        const Limits& limits = wanted.limits;
        const double tokens = job_tokens(wanted.spec, wanted.shape, wanted.options);
        return {{"model", wanted.shape.name},
                {"framework", wanted.framework},
                {"capacity", name_of(wanted.options.capacity)},
                {"tokens", tokens > 0 ? Json(tokens) : Json(nullptr)},
                {"tokens_guess", wanted.options.guess ? to_json(*wanted.options.guess) : Json(nullptr)},
                {"budget_usd", limits.dollars ? Json(*limits.dollars) : Json(nullptr)},
                {"deadline_seconds", limits.seconds ? Json(*limits.seconds) : Json(nullptr)}};
    }

    static std::string kept_text(const Json& kept) {
        std::vector<std::string> names;
        for (const Json& field : kept) names.push_back(field.get<std::string>());
        return fmt::format("\nkept as they are said: {}\n", join(names, ", "));
    }

    static std::size_t width(const term::Session& session) {
        return session.out.is_terminal() ? static_cast<std::size_t>(session.out.width()) : 0;
    }

    static void warn(term::Session& session, const FindResult& result, const FindInput& wanted) {
        session.out.flush();  // warnings come after the figures they are about
        for (const std::string& warning : age_warnings(shown_offers(result), wanted.options.today))
            session.warn(warning);
    }

    bool find_ = false;
    std::optional<std::string> budget_, deadline_;
};

}  // namespace

std::unique_ptr<EstimateQuestion> ask_find() {
    return std::make_unique<FindPlan>();
}

}  // namespace ktrain
