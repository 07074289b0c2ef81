// Finds containers in templates and in what has none, and the values that their commands stand in.
#include "core/lint/runners.h"

#include "core/lint/references.h"

namespace ktrain::lint {
namespace {

std::vector<std::string_view> entries_of(Value container) {
    std::vector<std::string_view> entries;
    for (const char* list : {"command", "args"}) {
        for (const yaml::Node& node : container[list].items()) entries.push_back(node.text);
    }
    return entries;
}

Value entry_of(Value container, std::size_t item) {
    for (const char* list : {"command", "args"}) {
        const std::span<const yaml::Node> items = container[list].items();
        if (item < items.size()) return items[item];
        item -= items.size();
    }
    return container;
}

}  // namespace

void each_container(const Object& object, const Bundle& bundle, const std::function<void(Value, const Launch&)>& use) {
    const bool train_job = object.kind == "TrainJob";
    if (object.templates.empty() && !train_job) return;
    std::unordered_map<const yaml::Node*, const Container*> known;
    for (const PodGroup& group : workload_of(object, bundle).groups) {
        for (const Container& container : group.containers) known.emplace(container.spot.node, &container);
    }
    for (const PodTemplate& pod : object.templates) {
        for (Value container : containers_of(pod)) {
            const auto row = known.find(container.node());
            if (row != known.end())
                use(container, row->second->launch);
            else  // of a template that makes no pods by itself
                use(container, read_launch(entries_of(container), {}));
        }
    }
    if (!object.templates.empty() || !train_job) return;
    const Value spec = Value(object.root)["spec"];
    if (const Value trainer = spec["trainer"]) {
        const auto row = known.find(trainer.node());
        use(trainer, row == known.end() ? Launch{} : row->second->launch);
    }
    for (const char* name : {"dataset", "model"}) {
        if (const Value initializer = spec["initializer"][name]) use(initializer, Launch{});
    }
}

Value RunCommand::holder(const std::string& word) const {
    return script ? script : entry_of(container, command.item_of(word));
}

void each_command(Value container, const Launch& launch, const std::function<void(const RunCommand&)>& use) {
    for (const LaunchedCommand& command : launch.commands) use({command, container, {}});
    const Value source = container["source"];
    const std::vector<std::string_view> entries = entries_of(container);
    if (source.text().empty() || entries.empty() || !base_name(entries.front()).ends_with("sh")) return;
    for (ShellCommand& one : read_shell(source.text(), {})) {
        const LaunchedCommand command{std::move(one.words), 0, true, false, one.piped};
        use({command, container, source});
    }
}

}  // namespace ktrain::lint
