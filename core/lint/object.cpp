// Takes parsed streams apart into objects and finds their pod templates.
#include "core/lint/object.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/base/parallel.h"
#include "core/base/text.h"
#include "core/lint/parse_sources.h"
#include "core/lint/pattern.h"
#include "core/spec/load.h"

namespace ktrain::lint {
namespace {

// A chain of lists inside lists ends somewhere: documents themselves nest 200 levels at most.
void add_objects(const std::string& file, const Spot& root, const Schemas& schemas, std::vector<Object>& objects);

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

Object make_object(const std::string& file, const Spot& root, const Schemas& schemas) {
    Object object;
    object.file = file;
    object.root = root;
    object.api_version = root["apiVersion"].text();
    object.kind = root["kind"].text();
    object.schema = schemas.find(object.api_version, object.kind);
    if (!object.schema || object.schema->templates().empty()) return object;
    for (const std::string& written : split(object.schema->templates(), ' ')) {
        const bool argo = written.starts_with(argo_mark);
        const std::string path = argo ? written.substr(argo_mark.size()) : written;
        add_templates(root, path == "." ? "" : path, argo, object.templates);
    }
    return object;
}

void add_objects(const std::string& file, const Spot& root, const Schemas& schemas, std::vector<Object>& objects) {
    Spot items = root["items"];
    const std::string_view kind = root["kind"].text();
    const bool list =
        kind.ends_with("List") && root["apiVersion"] && (items.is(yaml::Kind::sequence) || (!items && kind == "List"));
    if (!list || root["spec"]) {
        objects.push_back(make_object(file, root, schemas));
        return;
    }
    for (const Spot& item : items.items()) add_objects(file, item, schemas, objects);
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
    const auto has = [&](std::string_view word) {
        return ::memmem(source.text.data(), source.text.size(), word.data(), word.size()) != nullptr;
    };
    if (!has("--- ") && !has("%YAML")) return;  // almost always
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
        } else if (line.starts_with("%YAML") && line.find("1.1") == std::string_view::npos) {
            problems.push_back({"KT001",
                                Severity::warning,
                                {source.file, number, 1, ""},
                                "Kubernetes reads YAML 1.1 and refuses this directive",
                                "remove the line",
                                "yes, on, 0777 and 1_000 are no strings in YAML 1.1"});
        }
    }
}

}  // namespace

Bundle read_bundle(const std::vector<Source>& sources, const Target& target, unsigned threads) {
    Bundle bundle;
    bundle.target = target;
    bundle.patterns = std::make_shared<Patterns>();
    bundle.streams = parse_sources(sources, threads);  // objects point into them
    in_parallel(sources.size(), threads, [&](std::size_t i) {
        if (bundle.streams[i].problems.empty()) check_separators(sources[i], bundle.streams[i].problems);
    });
    std::size_t documents = 0;
    for (const yaml::Stream& stream : bundle.streams) documents += stream.documents.size();
    bundle.objects.reserve(documents);
    bundle.first.reserve(documents);
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const Source& source = sources[i];
        yaml::Stream& stream = bundle.streams[i];
        for (Diagnostic& problem : stream.problems) {
            problem.excerpt = Excerpt::key;
            bundle.problems.push_back(problem);
        }
        for (const yaml::Node& document : stream.documents) {
            const Spot root{&document, nullptr, "", document.line, document.column};
            add_objects(source.file, root, bundle.schemas, bundle.objects);
        }
    }
    for (const Object& object : bundle.objects)
        bundle.first.emplace(object.identity(), static_cast<std::size_t>(&object - bundle.objects.data()));
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
