// Finds and reads .ktrain.yaml.
#include "cli/commands/validate_config.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/base/error.h"
#include "core/base/glob.h"
#include "core/base/text.h"
#include "core/lint/families.h"

namespace ktrain {
namespace {

using yaml::Kind;
using yaml::Node;

constexpr std::string_view config_name = ".ktrain.yaml";

// Where something in the file is wrong.
struct Reader {
    const std::string& file;

    [[noreturn]] void refuse(const Node& at, std::string message, std::string hint) const {
        throw Error(ErrorKind::input, std::move(message), {file, at.line, at.column, ""}, std::move(hint));
    }
    std::string text(const Node& node, std::string_view key) const {
        if (!node.is_scalar() || node.kind == Kind::null)
            refuse(node, std::string(key) + " wants a text, got a " + std::string(yaml::name_of(node.kind)), "");
        return node.text;
    }
    // A list of texts, or one.
    std::vector<std::string> texts(const Node& node, std::string_view key) const {
        if (node.kind == Kind::null) return {};
        if (node.is_scalar()) return {node.text};
        if (node.kind != Kind::sequence) refuse(node, std::string(key) + " wants a list of texts", "");
        std::vector<std::string> list;
        for (const Node& item : node.items) list.push_back(text(item, key));
        return list;
    }
    std::vector<std::string> rule_names(const Node& node, std::string_view key) const {
        const std::vector<std::string> names = texts(node, key);
        for (const std::string& name : names) check_rule(node, name);
        return names;
    }
    std::string severity(const Node& node, std::string_view key) const {
        const std::string word = text(node, key);
        constexpr std::array<std::string_view, 3> words{"error", "info", "warning"};
        if (std::find(words.begin(), words.end(), word) == words.end())
            refuse(node, std::string(key) + " must be error, warning or info, got " + lint::shown(word), "");
        return word;
    }
    std::vector<std::pair<std::string, Severity>> severities(const Node& node) const {
        if (node.kind != Kind::mapping) refuse(node, "severity wants a map: {KT028: warning}", "");
        std::vector<std::pair<std::string, Severity>> result;
        for (const yaml::Entry& entry : node.entries) {
            check_rule(entry.key, entry.key.text);
            result.emplace_back(entry.key.text, severity_named(severity(entry.value, entry.key.text)));
        }
        return result;
    }

private:
    void check_rule(const Node& at, const std::string& name) const {
        if (!lint::rules_named(name).empty()) return;
        const std::string near = lint::nearest_rule(name);
        refuse(at, "unknown rule " + lint::shown(name),
               near.empty() ? "see: ktrain validate --explain all" : "did you mean " + near + "?");
    }
};

template <typename Into>
struct Key {
    std::string_view name;
    void (*read)(const Reader& reader, const Node& node, std::string_view name, Into& into);
};

template <typename Into, auto Member>
void read_text(const Reader& reader, const Node& node, std::string_view name, Into& into) {
    into.*Member = reader.text(node, name);
}

template <typename Into, auto Member>
void read_texts(const Reader& reader, const Node& node, std::string_view name, Into& into) {
    into.*Member = reader.texts(node, name);
}

template <typename Into, auto Member>
void read_rules(const Reader& reader, const Node& node, std::string_view name, Into& into) {
    into.*Member = reader.rule_names(node, name);
}

template <typename Into>
void read_severities(const Reader& reader, const Node& node, std::string_view, Into& into) {
    into.severities = reader.severities(node);
}

void read_least(const Reader& reader, const Node& node, std::string_view name, ValidateConfig& config) {
    config.min_severity = reader.severity(node, name);
}

using Override = ConfigOverride;
constexpr std::array override_keys{
    Key<Override>{"paths", read_texts<Override, &Override::paths>},
    Key<Override>{"severity", read_severities<Override>},
    Key<Override>{"skip", read_rules<Override, &Override::skip>},
};

template <typename Into, std::size_t Count>
void read_keys(const Reader& reader, const Node& map, const std::array<Key<Into>, Count>& keys, Into& into) {
    if (map.kind != Kind::mapping)
        reader.refuse(map, "expected a map of settings, got a " + std::string(yaml::name_of(map.kind)), "");
    for (const yaml::Entry& entry : map.entries) {
        const auto known = std::find_if(keys.begin(), keys.end(),
                                        [&](const auto& key) { return key.name == std::string_view(entry.key.text); });
        if (known != keys.end()) {
            known->read(reader, entry.value, known->name, into);
            continue;
        }
        std::vector<std::string> names;
        for (const auto& key : keys) names.emplace_back(key.name);
        const std::string near = nearest(entry.key.text, names);
        reader.refuse(entry.key, "unknown key " + lint::shown(entry.key.text),
                      near.empty() ? "known are " + join(names, ", ") : "did you mean " + near + "?");
    }
}

void read_overrides(const Reader& reader, const Node& node, std::string_view, ValidateConfig& config) {
    if (node.kind != Kind::sequence) reader.refuse(node, "overrides wants a list: [{paths: [...], skip: [...]}]", "");
    for (const Node& item : node.items) {
        ConfigOverride one;
        read_keys(reader, item, override_keys, one);
        if (one.paths.empty()) reader.refuse(item, "an override without paths", "add paths: [GLOB, ...]");
        config.overrides.push_back(std::move(one));
    }
}

using Config = ValidateConfig;
constexpr std::array keys{
    Key<Config>{"baseline", read_text<Config, &Config::baseline>},
    Key<Config>{"crds", read_texts<Config, &Config::crds>},
    Key<Config>{"exclude", read_texts<Config, &Config::exclude>},
    Key<Config>{"kubernetes-version", read_text<Config, &Config::kubernetes_version>},
    Key<Config>{"min-severity", read_least},
    Key<Config>{"only", read_rules<Config, &Config::only>},
    Key<Config>{"overrides", read_overrides},
    Key<Config>{"severity", read_severities<Config>},
    Key<Config>{"skip", read_rules<Config, &Config::skip>},
};

constexpr auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
static_assert(std::is_sorted(keys.begin(), keys.end(), by_name));
static_assert(std::is_sorted(override_keys.begin(), override_keys.end(), by_name));

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "" : path.substr(0, std::max<std::size_t>(slash, 1));
}

}  // namespace

bool ValidateConfig::covers(const std::vector<std::string>& globs, const std::string& path, const Files& files) const {
    if (globs.empty() || path == "-") return false;
    std::string_view real = path;
    const std::string full = files.real_path(path);
    if (!folder.empty() && full.starts_with(folder + "/")) real = std::string_view(full).substr(folder.size() + 1);
    return std::any_of(globs.begin(), globs.end(), [&](std::string_view glob) {
        if (glob.ends_with('/')) glob.remove_suffix(1);
        // The file, or a folder that it is in.
        for (std::size_t end = real.find('/'); end != std::string_view::npos; end = real.find('/', end + 1))
            if (glob_matches(glob, real.substr(0, end))) return true;
        return glob_matches(glob, real);
    });
}

std::string ValidateConfig::path(const std::string& written) const {
    if (written.starts_with('/')) return written;
    const std::string here = folder_of(file);
    return here.empty() ? written : here + "/" + written;
}

std::vector<std::string> ValidateConfig::crd_paths() const {
    std::vector<std::string> paths;
    for (const std::string& written : crds) paths.push_back(path(written));
    return paths;
}

Severity severity_named(std::string_view word) {
    return word == "error" ? Severity::error : word == "warning" ? Severity::warning : Severity::info;
}

ValidateConfig read_config(const term::Session& session, const std::string& file) {
    ValidateConfig config;
    config.file = file;
    config.folder = folder_of(session.files.real_path(file));
    const std::string text = session.files.read(file, limits::spec);
    const yaml::Stream stream = yaml::parse(text, file);
    if (stream.documents.empty() && stream.problems.empty()) return config;  // comments alone
    read_keys(Reader{config.file}, yaml::parse_one(text, file), keys, config);
    return config;
}

ValidateConfig find_config(const term::Session& session) {
    const std::string here = session.files.real_path(".");
    for (std::string folder = here; !folder.empty(); folder = folder == "/" ? "" : folder_of(folder)) {
        const std::string base = folder == "/" ? "/" : folder + "/";
        const std::string file = folder == here ? std::string(config_name) : base + std::string(config_name);
        if (session.files.is_file(file)) return read_config(session, file);
        if (session.files.exists(base + ".git")) break;
    }
    return {};
}

void apply_overrides(const ValidateConfig& config, const Files& files, Diagnostics& findings) {
    for (const ConfigOverride& one : config.overrides) {
        std::map<std::string, bool> covered;
        std::set<std::string_view> skipped;
        for (const std::string& name : one.skip)
            for (std::string_view id : lint::rules_named(name)) skipped.insert(id);
        std::map<std::string_view, Severity> chosen;
        for (const auto& [name, severity] : one.severities)
            for (std::string_view id : lint::rules_named(name)) chosen[id] = severity;
        std::erase_if(findings, [&](Diagnostic& finding) {
            const auto [row, added] = covered.emplace(finding.where.file, false);
            if (added) row->second = config.covers(one.paths, finding.where.file, files);
            if (!row->second) return false;
            const auto severity = chosen.find(finding.rule);
            if (severity != chosen.end()) finding.severity = severity->second;
            return skipped.contains(finding.rule);
        });
    }
}

}  // namespace ktrain
