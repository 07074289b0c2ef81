// The settings of `ktrain validate` that a repository keeps in .ktrain.yaml.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/term/session.h"
#include "core/lint/lint.h"

namespace ktrain {

// What holds for some files only.
struct ConfigOverride {
    std::vector<std::string> paths;  // globs, from the folder of the file
    std::vector<std::string> skip;
    std::vector<std::pair<std::string, Severity>> severities;
};

struct ValidateConfig {
    std::string file;    // empty: there is none
    std::string folder;  // the real path of its folder
    std::optional<std::string> kubernetes_version, min_severity, baseline;
    std::vector<std::string> only, skip, exclude, crds;
    std::vector<std::pair<std::string, Severity>> severities;
    std::vector<ConfigOverride> overrides;

    // Whether a glob of the list matches the file.
    bool covers(const std::vector<std::string>& globs, const std::string& path, const Files& files) const;
    // A path that the file names, for the current folder.
    std::string path(const std::string& written) const;
    std::vector<std::string> crd_paths() const;
};

Severity severity_named(std::string_view word);

// Reads the file. Errors: Error{input} with the place, for unknown keys with the nearest.
ValidateConfig read_config(const term::Session& session, const std::string& file);
// Reads the .ktrain.yaml of the current folder or of the nearest one above it, up to the root of the repository.
ValidateConfig find_config(const term::Session& session);
// Leaves out and re-levels findings as the overrides say.
void apply_overrides(const ValidateConfig& config, const Files& files, Diagnostics& findings);

}  // namespace ktrain
