// `ktrain estimate`: what a job needs on each GPU, and which GPUs have it.
#include "core/estimate/estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/commands/commands.h"
#include "cli/commands/spec_input.h"
#include "cli/term/output.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"
#include "core/model/find.h"
#include "core/spec/choices.h"

namespace ktrain {
namespace {

std::string gib(std::int64_t bytes) {
    return human_gib(static_cast<std::uint64_t>(bytes < 0 ? -bytes : bytes));
}

// "85.9 GB (80.0 GiB)"
std::string size(std::int64_t bytes) {
    return fmt::format("{} ({})", human_bytes(static_cast<std::uint64_t>(bytes)), gib(bytes));
}

std::string headline(const Estimate& result) {
    const TrainingSpec& spec = result.spec;
    const ModelShape& shape = result.shape;
    std::string text = fmt::format("{}: {} parameters ({})", printable(shape.name),
                                   human_count(static_cast<std::uint64_t>(shape.parameters)), shape.source);
    text +=
        spec.method.type == "full" ? ", full fine-tuning" : fmt::format(", {} r={}", spec.method.type, spec.method.r);
    text += fmt::format(", batch {}", spec.training.per_device_train_batch_size);
    if (shape.family != "simple_cnn") text += fmt::format(" x {} tokens", spec.objective.max_length);
    return text + "\n";
}

std::string components(const MemoryBreakdown& memory, std::size_t width) {
    term::Table table({"COMPONENT", "BYTES", "SIZE", "FORMULA"});
    table.align(1, term::Table::Align::right);
    table.align(2, term::Table::Align::right);
    for (const MemoryLine& line : memory.lines)
        table.row({line.label, std::to_string(line.bytes), human_bytes(static_cast<std::uint64_t>(line.bytes)),
                   line.formula});
    const std::int64_t total = memory.total();
    table.row(
        {"total", std::to_string(total), human_bytes(static_cast<std::uint64_t>(total)), gib(total) + " on each GPU"});
    return table.text(width);
}

// The GPUs around the border between too small and large enough, smallest first; JSON has all of them.
std::string fits(const std::vector<Fit>& fits) {
    constexpr std::ptrdiff_t too_small_shown = 3;
    constexpr std::ptrdiff_t large_enough_shown = 6;
    std::vector<Fit> known;
    std::ranges::copy_if(fits, std::back_inserter(known), [](const Fit& fit) { return fit.gpu.memory > 0; });
    const auto border = std::ranges::find_if(known, [](const Fit& fit) { return fit.fits; });
    const std::ptrdiff_t first = std::max<std::ptrdiff_t>(0, border - known.begin() - too_small_shown);
    const std::ptrdiff_t last =
        std::min<std::ptrdiff_t>(std::ssize(known), border - known.begin() + large_enough_shown);
    term::Table table({"GPU", "MEMORY", "FITS", "LEFT"});
    table.align(1, term::Table::Align::right);
    table.align(3, term::Table::Align::right);
    for (const Fit& fit : std::span(known).subspan(first, last - first))
        table.row({fit.gpu.id, gib(fit.gpu.memory), fit.fits ? "yes" : "no",
                   (fit.headroom < 0 ? "-" : "") + gib(fit.headroom)});
    std::string text = table.text();
    const std::ptrdiff_t more = std::ssize(known) - last;
    if (first > 0)
        text += fmt::format("{} smaller {}; all of them: -o json\n", first,
                            first == 1 ? "GPU does not fit" : "GPUs do not fit");
    if (more > 0)
        text += fmt::format("{} larger {}; all of them: -o json\n", more,
                            more == 1 ? "GPU fits as well" : "GPUs fit as well");
    return text;
}

std::string verdict(const Estimate& result) {
    const Fit& fit = *result.wanted;
    if (fit.fits) return fmt::format("fits {}: {} of {} left\n", fit.gpu.id, size(fit.headroom), size(fit.gpu.memory));
    const std::string nearest = result.nearest ? fmt::format("the nearest GPU that fits is {} with {}",
                                                             result.nearest->id, size(result.nearest->memory))
                                               : "no GPU of the catalog fits";
    return fmt::format("does not fit {}: {} missing of {}; {}\n", fit.gpu.id, size(-fit.headroom),
                       size(result.memory.total()), nearest);
}

std::string report(const Estimate& result, std::size_t width) {
    std::string text = headline(result) + "\n" + components(result.memory, width) + "\n";
    text += result.wanted ? verdict(result) : fits(result.fits);
    text += "\nProfile docs: the handbook's rule of thumb, half off measured peaks. It assumes:\n";
    for (const std::string& line : result.assumptions) text += "- " + printable(line) + "\n";
    return text;
}

class EstimateCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        input_.declare(flags, false);
        const auto override_flag = [&](std::size_t i) { return &values_[i]; };
        flags.add(override_flag(0), {.name = "model",
                                     .value = "MODEL",
                                     .help = "Catalog model, folder with config.json, or a count such as 7B"});
        flags.add(
            override_flag(1),
            {.name = "method", .value = "METHOD", .help = "Training method", .choices = {"full", "lora", "qlora"}});
        flags.add(override_flag(2), {.name = "r", .value = "RANK", .help = "Rank of LoRA"});
        flags.add(override_flag(3), {.name = "batch-size", .value = "N", .help = "Samples of a batch on each GPU"});
        flags.add(override_flag(4), {.name = "max-length", .value = "N", .help = "Tokens of a sequence"});
        flags.add(override_flag(5), {.name = "dtype", .value = "TYPE", .help = "Storage type of the weights"});
        flags.add(override_flag(6),
                  {.name = "gpu", .value = "GPU", .help = "Answer for this GPU: exit code 3 when it does not fit"});
        flags.add(&profile_, {.name = "profile", .value = "PROFILE", .help = "Formulas to use", .choices = {"docs"}});
        flags.add(&output_, {.name = "output",
                             .short_name = 'o',
                             .value = "FORMAT",
                             .help = "Output format",
                             .choices = {"table", "json", "yaml"}});
    }

    int run(term::Session& session) override {
        if (!input_.has_file() && !values_[0])
            throw Error(ErrorKind::usage, "ktrain estimate needs a spec or --model", {},
                        "for example: ktrain estimate --model llama-2-7b --method lora");
        const auto spec = input_.read(session, overrides());
        if (!spec) return exit_code::invalid;
        Estimate result = make_estimate(session, *spec);
        warn_of_unused(result);
        show(session, result);
        return !result.wanted || result.wanted->fits ? exit_code::done : exit_code::no;
    }

private:
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> fields_{{
        {"model.model_name_or_path", "--model"},
        {"method.type", "--method"},
        {"method.r", "--r"},
        {"training.per_device_train_batch_size", "--batch-size"},
        {"objective.max_length", "--max-length"},
        {"model.dtype", "--dtype"},
        {"resources.gpu", "--gpu"},
    }};

    // A model without a spec is taken as it is published: as its config says, else in 16 bits.
    bool dtype_is_open() const { return !input_.has_file() && !values_[5]; }
    static bool is_dtype(std::string_view name) {
        return std::ranges::find(spec::choices::dtype, name) != spec::choices::dtype.end();
    }

    std::vector<spec::Override> overrides() const {
        std::vector<spec::Override> list;
        for (std::size_t i = 0; i < fields_.size(); ++i)
            if (values_[i])
                list.push_back({std::string(fields_[i].first), *values_[i], std::string(fields_[i].second)});
        if (values_[0] == "simple_cnn") list.front().path = "model.type";  // a type, every other model is a name
        if (!input_.has_file()) list.push_back({"metadata.name", "estimate", "--model"});
        if (dtype_is_open() && values_[0] != "simple_cnn") list.push_back({"model.dtype", "bfloat16", "--model"});
        return list;
    }

    Estimate make_estimate(term::Session& session, TrainingSpec spec) const {
        try {
            const ModelShape shape = find_model(spec.model, session.files);
            if (dtype_is_open() && is_dtype(shape.dtype)) spec.model.dtype = shape.dtype;
            return estimate(spec, shape);
        } catch (const Error& error) {
            throw input_.located(error);
        }
    }

    // Flags that were given and change nothing.
    void warn_of_unused(Estimate& result) const {
        if (values_[2] && result.spec.method.type == "full")
            result.warnings.push_back("--r has no effect: method full has no LoRA matrices; add --method lora");
        if (values_[4] && result.shape.family == "simple_cnn")
            result.warnings.push_back("--max-length has no effect: simple_cnn takes images, not tokens");
    }

    void show(term::Session& session, const Estimate& result) const {
        if (output_ != "table") {
            session.out.write(
                term::render(to_json(result), output_ == "json" ? term::Format::json : term::Format::yaml));
            return;
        }
        const std::size_t width = session.out.is_terminal() ? static_cast<std::size_t>(session.out.width()) : 0;
        session.out.write(report(result, width));
        session.out.flush();  // warnings come after the figures they are about
        for (const std::string& warning : result.warnings) session.warn(warning);
    }

    SpecInput input_;
    std::array<std::optional<std::string>, fields_.size()> values_;
    std::string profile_ = "docs";
    std::string output_ = "table";
};

}  // namespace

std::unique_ptr<Subcommand> make_estimate() {
    return std::make_unique<EstimateCommand>();
}

}  // namespace ktrain
