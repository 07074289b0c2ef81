// Writes a spec: the resolved form, what differs from the defaults, and its digest.
#include "core/spec/emit.h"

#include <cmath>

#include "core/base/digest.h"
#include "core/base/text.h"
#include "core/base/yaml.h"
#include "core/spec/load.h"

namespace ktrain::spec {
namespace {

// Whole numbers are written without a fraction; 2^53 is where doubles stop being exact.
Json number_json(double value) {
    if (std::trunc(value) == value && std::abs(value) < 9007199254740992.0) return static_cast<std::int64_t>(value);
    return value;
}

struct LeafToJson {
    Json operator()(const std::string* text) const { return *text; }
    Json operator()(const std::int64_t* number) const { return *number; }
    Json operator()(const double* number) const { return number_json(*number); }
    Json operator()(const bool* flag) const { return *flag; }
    Json operator()(const std::vector<std::string>* texts) const { return *texts; }
    Json operator()(const std::vector<double>* numbers) const {
        Json list = Json::array();
        for (const double number : *numbers) list.push_back(number_json(number));
        return list;
    }
    Json operator()(const StringMap* map) const { return *map; }
    Json operator()(const Group& group) const { return group_json(group); }
    Json operator()(const std::shared_ptr<Records>& records) const {
        Json list = Json::array();
        for (std::size_t i = 0; i < records->size(); ++i) list.push_back(group_json(records->at(i)));
        return list;
    }
};

Json minimal_records(Records& records) {
    const Group blank = records.blank();
    Json list = Json::array();
    for (std::size_t i = 0; i < records.size(); ++i) list.push_back(group_json(records.at(i), &blank));
    return list;
}

// The place of a key in flow style ends at any of these, so a text with one of them is quoted.
std::string flow_word(const Json& value) {
    if (value.is_string() && value.get<std::string>().find_first_of(",[]{}\"'#:") != std::string::npos)
        return value.dump();
    return std::string(trim(yaml::emit(value)));
}

Json document(const Group& group, const Group* defaults) {
    Json json = {{"apiVersion", spec_api_version}, {"kind", spec_kind}};
    json.update(group_json(group, defaults));
    return json;
}

}  // namespace

Json leaf_json(const Bound& bound) {
    return std::visit(LeafToJson{}, bound.value);
}

Json group_json(const Group& group, const Group* defaults) {
    Json json = Json::object();
    for (std::size_t i = 0; i < group.size(); ++i) {
        const Bound& bound = group[i];
        const Bound* standard = defaults ? &(*defaults)[i] : nullptr;
        Json value;
        if (bound.group())
            value = group_json(*bound.group(), standard ? standard->group() : nullptr);
        else if (bound.records() && defaults)
            value = minimal_records(*bound.records());
        else
            value = leaf_json(bound);
        const bool nothing = value.is_structured() ? value.empty() : value == "";
        if (nothing || (standard && bound.is_leaf() && value == leaf_json(*standard))) continue;
        json[std::string(bound.field.name)] = std::move(value);
    }
    return json;
}

std::string flow_text(const Json& value) {
    if (!value.is_structured()) return flow_word(value);
    std::string text;
    for (const auto& [key, item] : value.items()) {
        if (!text.empty()) text += ", ";
        text += value.is_object() ? flow_word(key) + ": " + flow_text(item) : flow_text(item);
    }
    return value.is_object() ? "{" + text + "}" : "[" + text + "]";
}

Json to_json(const TrainingSpec& spec) {
    TrainingSpec copy = spec;
    return document(bind(copy), nullptr);
}

Json to_json_minimal(const TrainingSpec& spec) {
    TrainingSpec copy = spec;
    TrainingSpec standard;
    const Group defaults = bind(standard);
    return document(bind(copy), &defaults);
}

std::string digest(const TrainingSpec& spec) {
    // nlohmann::json sorts keys, so that the order of fields in the program does not matter.
    return sha256(nlohmann::json(to_json(spec)).dump());
}

}  // namespace ktrain::spec
