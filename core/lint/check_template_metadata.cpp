// KT007 in pod templates: labels and annotations that their pods would have, and the labels of nodes that they want.
#include "core/base/api_names.h"
#include "core/base/text.h"
#include "core/lint/known_keys.h"
#include "core/lint/pods.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view rule = "KT007";
constexpr std::size_t max_annotations = 256 * 1024;  // bytes of all keys and values together

void check_key(const Pod& pod, const yaml::Entry& entry, const std::string& what) {
    const std::string key = yaml::key_text(entry.key);
    const std::string problem = qualified_name_problem(key);
    if (const std::optional<NearKey> near = nearly_known(what, key); near && Value(entry.value))
        pod.report.note(rule, entry.value, near->message, near->fix);
    if (problem.empty() || !Value(entry.value)) return;
    pod.report.at_key(rule, entry.value, "the " + what + " key " + shown(key) + " " + problem, "");
}

void check_labels(const Pod& pod, Value labels) {
    for (const yaml::Entry& entry : labels.members()) {
        check_key(pod, entry, "label");
        const std::string_view text = Value(entry.value).text();
        const std::string problem = label_value_problem(text);
        if (!problem.empty())
            pod.report.at(rule, entry.value, "the label value " + shown(text) + " " + problem,
                          "put free text into an annotation");
    }
}

void check_annotations(const Pod& pod, Value annotations) {
    std::size_t size = 0;
    for (const yaml::Entry& entry : annotations.members()) {
        check_key(pod, entry, "annotation");
        size += entry.key.text.size() + entry.value.text.size();
    }
    if (size > max_annotations)
        pod.report.at_key(rule, annotations,
                          "the annotations have " + std::to_string(size) + " bytes, at most 262144 are allowed",
                          "move the data into a ConfigMap");
}

}  // namespace

void check_template_metadata(const Pod& pod) {
    if (!pod.is_pod) {  // that of a Pod is the object's own
        check_labels(pod, pod.metadata["labels"]);
        check_annotations(pod, pod.metadata["annotations"]);
    }
    check_labels(pod, pod.spec["nodeSelector"]);
}

}  // namespace ktrain::lint
