// Reads YAML nodes into the fields of a spec and collects every problem with its place.
#pragma once

#include <string>
#include <vector>

#include "core/base/diagnostic.h"
#include "core/base/yaml.h"
#include "core/spec/bound.h"
#include "core/spec/load.h"

namespace ktrain::spec {

// A warning about a field, with its path; the message begins with it.
Diagnostic warning(const std::string& path, const std::string& message, std::string fix);

// What was found wrong in one spec, and where each field was said.
class Report {
public:
    explicit Report(std::string source) : origin_(source), source_(std::move(source)) {}

    // Where nodes come from now: a file, or a flag such as "--set", whose values have no lines.
    void set_source(std::string source, bool has_lines);
    void said(const std::string& path, const yaml::Node& node);
    // The field is back at its default, and so is all below it.
    void unsaid(const std::string& path);

    void error(const yaml::Node& node, const std::string& path, std::string message, std::string fix = "");
    // A warning at a node.
    void note(const yaml::Node& node, const std::string& path, std::string message);
    // About a field as a whole: its place is where it was said, else where the group around it begins.
    void error(const std::string& path, std::string message, std::string fix = "");
    void add(Diagnostic problem);

    bool was_said(const std::string& path) const { return places_.contains(path); }
    const Places& places() const { return places_; }
    // The field, or one below or above it, has an error.
    bool is_bad(const std::string& path) const;
    Diagnostics problems() const;  // by line

private:
    Place place(const yaml::Node& node, const std::string& path) const;

    std::string origin_;  // of the spec as a whole
    std::string source_;
    bool has_lines_ = true;
    Places places_;
    Diagnostics problems_;
};

// Sets the fields that `node` names. A null leaves a field as it is.
void read_group(const yaml::Node& node, const Group& group, const std::string& path, Report& report);
void read_field(const yaml::Node& node, const Bound& bound, const std::string& path, Report& report);
void read_map_entry(const yaml::Node& node, StringMap& map, const std::string& key, const std::string& path,
                    Report& report);

// The remedy for a field that is not in `group`: the nearest name, or the group it belongs to.
std::string unknown_fix(std::string_view name, const Group& group, const std::string& path);

// Required fields that are still empty.
void check_required(const Group& group, const std::string& path, Report& report);

}  // namespace ktrain::spec
