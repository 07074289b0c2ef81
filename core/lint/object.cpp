// Takes parsed streams apart into objects and finds their pod templates.
#include "core/lint/object.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/lint/definition.h"
#include "core/lint/label_index.h"
#include "core/lint/parse_sources.h"
#include "core/lint/pattern.h"
#include "core/lint/spaces.h"
#include "core/lint/workload.h"
#include "core/spec/load.h"

namespace ktrain::lint {
namespace {

// A chain of lists inside lists ends somewhere: documents themselves nest 200 levels at most.
void add_objects(const std::string& file, const Spot& root, Bundle& bundle);

constexpr std::string_view argo_mark = "argo:";

void add_templates(const Spot& from, std::string_view path, bool argo, std::vector<PodTemplate>& templates) {
    if (!from) return;
    if (path.empty()) {
        templates.push_back({from["metadata"], argo ? from : from["spec"], argo});
        return;
    }
    std::size_t dot = path.find('.');
    std::string_view step = path.substr(0, dot);
    std::string_view rest = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    if (step == "*") {
        for (const Spot& member : from.members()) add_templates(member, rest, argo, templates);
    } else if (step.ends_with("[]")) {
        const Spot list = from[step.substr(0, step.size() - 2)];
        for (const Spot& item : list.items()) add_templates(item, rest, argo, templates);
    } else {
        add_templates(step.empty() ? from : from[step], rest, argo, templates);
    }
}

std::shared_ptr<const Definition> definition_of(const Object& object, const KindsByName& definitions) {
    if (definitions.empty()) return nullptr;
    const auto found = definitions.find({std::string(group_of(object.api_version)), object.kind});
    if (found == definitions.end()) return nullptr;
    const auto version = std::ranges::find(found->second, object.api_version,
                                           [](const auto& definition) { return definition->api_version; });
    return version != found->second.end() ? *version : nullptr;
}

Object make_object(const std::string& file, const Spot& root, const Bundle& bundle) {
    Object object;
    object.file = file;
    object.root = root;
    object.api_version = root["apiVersion"].text();
    if (object.api_version.starts_with('/')) object.api_version.erase(0, 1);  // of the group "", as the server reads it
    object.kind = root["kind"].text();
    object.schema = bundle.schemas.find(object.api_version, object.kind);
    object.definition = definition_of(object, bundle.definitions);
    if (!object.schema || object.schema->templates().empty()) return object;
    for (const std::string& written : split(object.schema->templates(), ' ')) {
        const bool argo = written.starts_with(argo_mark);
        const std::string path = argo ? written.substr(argo_mark.size()) : written;
        add_templates(root, path == "." ? "" : path, argo, object.templates);
    }
    return object;
}

void add_objects(const std::string& file, const Spot& root, Bundle& bundle) {
    Spot items = root["items"];
    const std::string_view kind = root["kind"].text();
    const bool list =
        kind.ends_with("List") && root["apiVersion"] && (items.is(yaml::Kind::sequence) || (!items && kind == "List"));
    if (!list || root["spec"]) {
        bundle.objects.push_back(make_object(file, root, bundle));
        return;
    }
    for (const Spot& item : items.items()) add_objects(file, item, bundle);
}

}  // namespace

Spot Spot::operator[](std::string_view name) const {
    Spot member;
    member.path = join_path(path, std::string(name));
    Place here = key_place();
    member.line = here.line;
    member.column = here.column;
    if (!is(yaml::Kind::mapping)) return member;
    for (const yaml::Entry& entry : node->entries) {
        if (entry.key.text != name || entry.value.kind == yaml::Kind::null) continue;
        member.key = &entry.key;
        member.node = &entry.value;
    }
    return member;
}

std::vector<Spot> Spot::items() const {
    std::vector<Spot> result;
    if (!is(yaml::Kind::sequence)) return result;
    result.reserve(node->items.size());
    for (const yaml::Node& item : node->items) {
        if (item.kind == yaml::Kind::null) continue;
        std::size_t index = static_cast<std::size_t>(&item - node->items.data());
        result.push_back({&item, nullptr, join_path(path, index), item.line, item.column});
    }
    return result;
}

std::vector<Spot> Spot::members() const {
    std::vector<Spot> result;
    if (!is(yaml::Kind::mapping)) return result;
    result.reserve(node->entries.size());
    for (const yaml::Entry& entry : node->entries) {
        if (entry.value.kind == yaml::Kind::null) continue;
        std::string name = yaml::key_text(entry.key);
        result.push_back({&entry.value, &entry.key, join_path(path, name), entry.key.line, entry.key.column});
    }
    return result;
}

std::string_view Spot::text() const {
    return node != nullptr && node->is_scalar() ? std::string_view(node->text) : std::string_view();
}

Place Spot::place() const {
    if (node == nullptr) return {"", line, column, path};
    return {"", node->line, node->column, path};
}

Place Spot::key_place() const {
    if (key == nullptr) return place();
    return {"", key->line, key->column, path};
}

bool Object::is_spec() const {
    // Other groups have TrainingJobs too (SageMaker's): only what is nearly ours is taken for ours with a typo.
    constexpr std::array<std::string_view, 1> ours{spec_api_version};
    return spec::is_spec_version(api_version) || (kind == spec_kind && !nearest(api_version, ours).empty());
}

std::string Object::identity() const {
    if (name().empty()) return "";
    const std::size_t slash = api_version.find('/');
    const std::string group = slash == std::string::npos ? "" : api_version.substr(0, slash);
    return group + "/" + kind + "/" + std::string(root["metadata"]["namespace"].text()) + "/" + name();
}

bool Object::is_private(std::string_view path) const {
    if (!root.path.empty()) path.remove_prefix(std::min(path.size(), root.path.size() + 1));
    if (kind == "Secret") {
        const std::string_view field = path.substr(0, path.find_first_of(".["));
        return field == "data" || field == "stringData";
    }
    if (is_spec()) {  // a map by name
        constexpr std::string_view env = "cluster.env";
        return path.starts_with(env) && (path == env || path[env.size()] == '.' || path[env.size()] == '[');
    }
    if (path.ends_with(".env")) return true;  // no list: "env: PASSWORD=..."
    const std::size_t env = path.find(".env[");
    if (env == std::string_view::npos) return false;
    const std::string_view field = path.substr(std::min(path.size(), path.find(']', env) + 1));
    return field != ".name" && !field.starts_with(".valueFrom");
}

std::vector<Spot> PodTemplate::containers() const {
    std::vector<Spot> result;
    const auto add = [&](const Spot& list) {
        for (Spot& container : list.items()) result.push_back(std::move(container));
    };
    if (argo) {
        for (const char* one : {"container", "script"}) {
            if (Spot container = spec[one]) result.push_back(std::move(container));
        }
        add(spec["containerSet"]["containers"]);
        add(spec["initContainers"]);
        add(spec["sidecars"]);
        return result;
    }
    for (const char* list : {"initContainers", "containers", "ephemeralContainers"}) add(spec[list]);
    return result;
}

namespace {

// What a YAML parser accepts and kubectl, which cuts a stream into documents by lines, does not.
void check_separators(const Source& source, Diagnostics& problems) {
    int number = 0;
    for (std::string_view rest = source.text; !rest.empty();) {
        std::size_t end = rest.find_first_of("\r\n");
        std::string_view line = rest.substr(0, end);
        bool crlf = end != std::string_view::npos && rest.substr(end).starts_with("\r\n");
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + (crlf ? 2 : 1));
        ++number;
        if (line.starts_with("--- ")) {
            std::size_t text = line.find_first_not_of(" \t", 3);
            if (text == std::string_view::npos || line[text] == '#') continue;
            problems.push_back({"KT001",
                                Severity::error,
                                {source.file, number, static_cast<int>(text) + 1, ""},
                                "kubectl refuses text behind '---'",
                                "begin the document on the next line",
                                "older versions of kubectl drop such a document without a word"});
        } else if (line.starts_with("%YAML ") || line.starts_with("%TAG ")) {
            problems.push_back({"KT001",
                                Severity::error,
                                {source.file, number, 1, ""},
                                "kubectl refuses directives of YAML: it reads what is above '---' by itself",
                                "remove the line",
                                "Kubernetes reads YAML 1.1, whatever a directive says"});
        }
    }
}

void add_definition(const std::shared_ptr<const Definition>& definition, Bundle& bundle) {
    Definitions& versions = bundle.definitions[{std::string(group_of(definition->api_version)), definition->kind}];
    // A CRD that is there again has the last word, as the one that is applied last.
    std::erase_if(versions, [&](const auto& known) {
        return known->place.file != definition->place.file || known->api_version == definition->api_version;
    });
    versions.push_back(definition);
}

// CRDs that stand among the objects, as a cluster learns them, come after those of the target.
void add_definitions(const std::vector<Source>& sources, Bundle& bundle) {
    if (bundle.target.added != nullptr) {
        for (const auto& definition : bundle.target.added->definitions) add_definition(definition, bundle);
    }
    for (std::size_t i = 0; i < sources.size(); ++i) {
        for (const yaml::Node& document : bundle.streams[i].documents) {
            for (const auto& definition : definitions_in(document, sources[i].file)) add_definition(definition, bundle);
        }
    }
    for (const auto& [name, versions] : bundle.definitions) {
        for (const auto& definition : versions) bundle.schemas.add(definition->table);
    }
}

}  // namespace

Bundle read_bundle(const std::vector<Source>& sources, const Target& target, unsigned threads) {
    Bundle bundle;
    bundle.target = target;
    bundle.patterns = std::make_shared<Patterns>();
    bundle.last = std::make_shared<PerThread<LastWorkload>>();
    bundle.streams = parse_sources(sources, threads);  // objects point into them
    in_parallel(sources.size(), threads, [&](std::size_t i) {
        if (bundle.streams[i].problems.empty()) check_separators(sources[i], bundle.streams[i].problems);
    });
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const Source& source = sources[i];
        yaml::Stream& stream = bundle.streams[i];
        bundle.texts.emplace(source.file, source.text);
        for (Diagnostic& problem : stream.problems) {
            problem.excerpt = Excerpt::key;
            bundle.problems.push_back(problem);
        }
    }
    add_definitions(sources, bundle);
    for (std::size_t i = 0; i < sources.size(); ++i) {
        for (const yaml::Node& document : bundle.streams[i].documents) {
            const Spot root{&document, nullptr, "", document.line, document.column};
            add_objects(sources[i].file, root, bundle);
        }
    }
    if (target.added != nullptr)
        bundle.problems.insert(bundle.problems.end(), target.added->problems.begin(), target.added->problems.end());
    for (const Object& object : bundle.objects)
        bundle.first.emplace(object.identity(), static_cast<std::size_t>(&object - bundle.objects.data()));
    bundle.index = Index(bundle.objects);
    bundle.spaces = std::make_shared<Spaces>(bundle);
    bundle.labels = std::make_shared<LabelIndex>(bundle);
    return bundle;
}

bool is_extended_resource(std::string_view name) {
    std::size_t slash = name.find('/');
    if (slash == std::string_view::npos) return false;
    return name.find("kubernetes.io/") == std::string_view::npos && !name.starts_with("requests.");
}

bool is_gpu_resource(std::string_view name) {
    return name == "nvidia.com/gpu" || name == "nvidia.com/gpu.shared" || name.starts_with("nvidia.com/mig-") ||
           name == "amd.com/gpu" || name.starts_with("gpu.intel.com/");
}

}  // namespace ktrain::lint
