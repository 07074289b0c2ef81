// Puts settings together, reads, checks, mends and shows.
#include "cli/commands/validate_run.h"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <span>

#include "cli/commands/validate_cluster.h"
#include "cli/commands/validate_config.h"
#include "cli/commands/validate_formats.h"
#include "cli/commands/validate_input.h"
#include "cli/commands/validate_mend.h"
#include "cli/term/output.h"
#include "core/base/exit_code.h"

namespace ktrain {
namespace {

// glibc lets a thread ask the kernel for each few pages, which stops the others.
void take_memory_by_megabytes() {
    ::mallopt(M_TOP_PAD, 4 << 20);
}

class Validation {
public:
    Validation(term::Session& session, ValidateOptions options, kube::KubeClient* client)
        : session_(session), o_(std::move(options)), client_(client) {}

    // What could not be read is told in the end, whatever the end is.
    int run() {
        int code = exit_code::done;
        try {
            code = check_all();
        } catch (const std::exception&) {
            tell(unread_);
            throw;
        }
        if (unread_.empty()) return code;
        session_.out.flush();
        tell(std::span(unread_).first(unread_.size() - 1));
        throw unread_.back();
    }

private:
    void tell(std::span<const Error> errors) {
        for (const Error& error : errors) session_.err.write(term::render_error(error, session_.err_color()));
    }

    int check_all() {
        complete();
        read_crds();
        const std::optional<lint::Baseline> known = baseline();
        // What is known is left as it is, too.
        const lint::CheckSources check = [&](const std::vector<lint::Source>& sources) {
            lint::Report report = checked(sources);
            if (known) known->remove_known(report.findings);
            return report;
        };
        std::vector<lint::Source> sources = read(
            o_.paths, [&](const std::string& path) { return config_.covers(config_.exclude, path, session_.files); });
        if (client_ != nullptr) ask_cluster(session_, *client_, sources, target_);
        if (o_.diff) return show_diff(session_, std::move(sources), check, named_rules());
        lint::Report report;
        if (o_.fix) {
            lint::Fixed fixed = mend(session_, std::move(sources), check, named_rules());
            sources = std::move(fixed.sources);
            report = known ? checked(sources) : std::move(fixed.report);
        } else {
            report = checked(sources);
        }
        if (report.objects == 0 && report.findings.empty())
            session_.note("no Kubernetes object in " + printable(describe_paths()));
        if (o_.write_baseline) return write_baseline(report);
        if (known) leave_out_known(*known, report);
        // Mended text of standard input goes to standard output.
        const bool text_goes_out = o_.fix && reads_standard_input();
        write_findings(o_.output, {report, sources, session_}, text_goes_out ? session_.err : session_.out);
        return report.count(Severity::error) + report.count(Severity::warning) == 0 ? exit_code::done : exit_code::no;
    }

    // Flags win over the file.
    void complete() {
        if (o_.jobs < 0 || o_.jobs > 1024)
            throw Error(ErrorKind::usage, "--jobs must be 0 to 1024, got " + std::to_string(o_.jobs));
        if (o_.fix && o_.diff)
            throw Error(ErrorKind::usage, "--fix and --diff exclude each other", {}, "give one of them");
        if (o_.diff && o_.write_baseline)
            throw Error(ErrorKind::usage, "--diff and --write-baseline exclude each other", {}, "give one of them");
        if (o_.budget < 0) throw Error(ErrorKind::usage, "--budget must not be negative");
        if (reads_standard_input() && std::ranges::find(o_.crds, "-") != o_.crds.end())
            throw Error(ErrorKind::usage, "standard input cannot be both the CRDs and the files", {},
                        "name one of them");
        lint::check({}, o_.selection);  // names of rules are checked before any file is read
        if (o_.config) {
            config_ = read_config(session_, *o_.config);
        } else if (!o_.no_config) {
            config_ = find_config(session_);
        }
        if (o_.selection.only.empty()) {
            o_.selection.only = config_.only;
            if (o_.selection.skip.empty()) o_.selection.skip = config_.skip;
        }
        o_.selection.severities = config_.severities;
        if (o_.crds.empty()) o_.crds = config_.crd_paths();
        if (!o_.versions && client_ == nullptr) o_.versions = config_.kubernetes_version;
        if (o_.versions) target_.minors = lint::Minors::parse(*o_.versions);
        target_.chosen = o_.versions.has_value();
        target_.closed = o_.closed;
        if (o_.budget > 0) target_.budget = o_.budget;
        least_ = severity_named(o_.min_severity.value_or(config_.min_severity.value_or("info")));
        if (!o_.baseline && config_.baseline) o_.baseline = config_.path(*config_.baseline);
        o_.selection.subjects = o_.baseline.has_value();
        o_.selection.changes = o_.fix || o_.diff || shows_changes(o_.output);
        threads_ = o_.jobs == 0 ? usable_cpus() : static_cast<unsigned>(o_.jobs);
        if (threads_ > 1) take_memory_by_megabytes();
    }

    // Excluded files are read, too: they say what objects must be, and are not checked here.
    void read_crds() {
        if (o_.crds.empty()) return;
        const std::vector<lint::Source> sources = read(o_.crds, [](const auto&) { return false; });
        if (!unread_.empty()) {
            const Error last = unread_.back();
            unread_.pop_back();
            throw last;
        }
        if (!lint::add_crds(target_, sources, threads_))
            throw Error(
                ErrorKind::input,
                "no CustomResourceDefinition with a version that is served in " + printable(join(o_.crds, ", ")), {},
                "see those of a cluster: kubectl get crd NAME -o yaml");
    }

    std::vector<lint::Source> read(const std::vector<std::string>& paths, const Excluded& excluded) {
        Sources sources = read_sources(session_, paths, excluded, threads_);
        unread_ = std::move(sources.unread);
        if (sources.failure) throw *sources.failure;
        return std::move(sources.read);
    }

    lint::Report checked(const std::vector<lint::Source>& sources) const {
        lint::Report report = lint::check(sources, o_.selection, target_, threads_);
        apply_overrides(config_, session_.files, report.findings);
        std::erase_if(report.findings, [&](const Diagnostic& d) { return d.severity < least_; });
        return report;
    }

    // Of --only a list may be one word.
    std::vector<std::string> named_rules() const {
        std::vector<std::string> names;
        for (const std::string& list : o_.selection.only)
            for (const std::string& name : split(list, ',')) names.emplace_back(trim(name));
        return names;
    }

    int write_baseline(const lint::Report& report) {
        session_.files.write(*o_.write_baseline, lint::Baseline::of(report.findings).text());
        session_.note(fmt::format("{} finding{} written to {}", report.findings.size(),
                                  report.findings.size() == 1 ? "" : "s", *o_.write_baseline));
        return exit_code::done;
    }

    std::optional<lint::Baseline> baseline() const {
        if (!o_.baseline) return std::nullopt;
        return lint::Baseline::parse(session_.files.read(*o_.baseline), *o_.baseline);
    }

    void leave_out_known(const lint::Baseline& baseline, lint::Report& report) {
        for (const std::string& entry : baseline.stale(report))
            session_.note("info: the baseline knows what is found no more: " + printable(entry));
        report.known = baseline.remove_known(report.findings);
    }

    bool reads_standard_input() const {
        return o_.paths.empty() || std::find(o_.paths.begin(), o_.paths.end(), "-") != o_.paths.end();
    }

    std::string describe_paths() const {
        const bool standard_input = o_.paths.empty() || o_.paths == std::vector<std::string>{"-"};
        return standard_input ? "standard input" : join(o_.paths, ", ");
    }

    term::Session& session_;
    ValidateOptions o_;
    kube::KubeClient* client_;
    ValidateConfig config_;
    lint::Target target_;
    Severity least_ = Severity::info;
    std::vector<Error> unread_;
    unsigned threads_ = 1;
};

}  // namespace

int run_validate(term::Session& session, ValidateOptions options, kube::KubeClient* client) {
    return Validation(session, std::move(options), client).run();
}

}  // namespace ktrain
