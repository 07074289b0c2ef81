// The FILE argument and the --set flags of the commands that read a spec.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/term/flags.h"
#include "cli/term/session.h"
#include "core/base/diagnostic.h"
#include "core/base/error.h"
#include "core/spec/load.h"

namespace ktrain {

// The values of --set PATH=VALUE. Errors: Error{usage} for one without a path.
std::vector<spec::Override> parse_sets(const std::vector<std::string>& texts);

class SpecInput {
public:
    // `required`: FILE must be given.
    void declare(term::Flags& flags, bool required = true);
    // --set alone, for commands whose arguments are others.
    void declare_sets(term::Flags& flags);
    bool has_file() const { return !arguments_.empty(); }
    // Reads `path` as if it had been the argument. Errors: Error{usage} when there is one already.
    void use_file(const std::string& path);

    // Reads FILE ("-" is standard input), or defaults alone without one; `overrides` win over --set. All problems are
    // shown on stderr; nothing is returned when they are errors, and the exit code is exit_code::invalid.
    std::optional<TrainingSpec> read(term::Session& session, const std::vector<spec::Override>& overrides = {});

    // The argument, or empty.
    std::string path() const { return has_file() ? arguments_[0] : ""; }
    const std::vector<std::string>& sets() const { return sets_; }
    // The same for a document that has been read already; `file` is its name in messages.
    std::optional<TrainingSpec> read_document(term::Session& session, yaml::Node document, const std::string& file,
                                              const std::vector<spec::Override>& overrides = {});

    // Whether the file, --set or another flag says the field.
    bool said(const std::string& path) const { return places_.contains(path); }
    // Where only the path in the spec is known, adds its line in the file, or the flag that set it.
    Place place(Place where) const;
    Error located(Error error) const;
    Diagnostics located(Diagnostics diagnostics) const;

private:
    std::vector<spec::Override> after_sets(const std::vector<spec::Override>& overrides) const;
    std::optional<TrainingSpec> usable(term::Session& session, spec::Loaded loaded);

    std::vector<std::string> arguments_;
    std::vector<std::string> sets_;
    spec::Places places_;
};

}  // namespace ktrain
