// The handbook's names of fields and what they are called here.
#include "core/spec/aliases.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/spec/foreign.h"

namespace ktrain::spec {
namespace {

constexpr std::array table{
    Alias{"data.data_dir", "data.dataset_path"},
    Alias{"data.num_workers", "training.dataloader_num_workers"},
    Alias{"logging.log_interval", "training.logging_steps"},
    Alias{"logging.save_checkpoint", "checkpoint.save_strategy", "steps"},
    Alias{"logging.wandb_project", "monitoring.wandb_project"},
    Alias{"lora.lora_alpha", "method.lora_alpha"},
    Alias{"lora.lora_dropout", "method.lora_dropout"},
    Alias{"lora.lora_r", "method.r"},
    Alias{"lora.r", "method.r"},
    Alias{"lora.target_modules", "method.target_modules"},
    Alias{"model.model_name", "model.model_name_or_path"},
    Alias{"training.batch_size", "training.per_device_train_batch_size"},
    Alias{"training.epochs", "training.num_train_epochs"},
    Alias{"training.max_seq_length", "objective.max_length"},
    Alias{"training.val_split", "data.validation_split"},
    Alias{"training.validation_split", "data.validation_split"},
};
static_assert(std::is_sorted(table.begin(), table.end(),
                             [](const Alias& a, const Alias& b) { return a.written < b.written; }));

const Alias* find_alias(std::string_view group, std::string_view key) {
    for (const Alias& alias : table)
        if (alias.written.substr(0, alias.written.find('.')) == group &&
            alias.written.substr(alias.written.find('.') + 1) == key)
            return &alias;
    return nullptr;
}

yaml::Node& value_of(yaml::Node& mapping, std::string_view key, const yaml::Node& place) {
    for (yaml::Entry& entry : mapping.entries)
        if (entry.key.text == key) return entry.value;
    yaml::Entry entry;
    entry.key.kind = yaml::Kind::string;
    entry.key.text = key;
    entry.value.kind = yaml::Kind::mapping;
    entry.key.line = entry.value.line = place.line;
    entry.key.column = entry.value.column = place.column;
    mapping.entries.push_back(std::move(entry));
    return mapping.entries.back().value;
}

struct Moved {
    const Alias* alias;
    yaml::Entry entry;
};

// True when the entry is one that sets nothing here, which is said.
bool passes_over(std::string_view group, const yaml::Entry& entry, Report& report) {
    const ForeignField* foreign = find_foreign(entry.key.text);
    if (foreign == nullptr || foreign->group != group) return false;
    const std::string path = fmt::format("{}.{}", group, foreign->name);
    if (asks_nothing(*foreign, entry.value.text))
        report.note(entry.key, path, fmt::format("{} has no effect: {}", path, foreign->why));
    else
        report.error(entry.value, path, fmt::format("{} can only be {}: {}", path, foreign->accepted, foreign->why),
                     fmt::format("leave out {}", foreign->name));
    return true;
}

// Takes the entries that have another name here, or none, out of their groups.
std::vector<Moved> take_aliased(yaml::Node& document, Report& report) {
    std::vector<Moved> moved;
    for (yaml::Entry& group : document.entries) {
        SmallList<yaml::Entry, true> rest;
        for (yaml::Entry& entry : group.value.entries) {
            if (const Alias* alias = find_alias(group.key.text, entry.key.text))
                moved.push_back({alias, std::move(entry)});
            else if (!passes_over(group.key.text, entry, report))
                rest.push_back(std::move(entry));
        }
        group.value.entries = std::move(rest);
    }
    return moved;
}

// A group of the handbook only: what no alias took is unknown.
void drop_group(yaml::Node& document, std::string_view name, Report& report) {
    const auto group = std::find_if(document.entries.begin(), document.entries.end(), [&](const yaml::Entry& entry) {
        return entry.key.text == name && entry.value.kind == yaml::Kind::mapping;
    });
    if (group == document.entries.end()) return;
    std::vector<std::string_view> keys;
    for (const Alias& alias : table)
        if (alias.written.starts_with(name) && alias.written[name.size()] == '.')
            keys.push_back(alias.written.substr(name.size() + 1));
    for (const yaml::Entry& entry : group->value.entries) {
        const std::string near = nearest(entry.key.text, keys);
        const std::string path = join_path(std::string(name), entry.key.text);
        report.error(entry.key, path, "unknown field " + printable(path.substr(0, 120)),
                     near.empty() ? "see: ktrain init --explain spec" : "did you mean " + near + "?");
    }
    document.entries.erase(group);
}

// A group "lora" says the method as well: qlora where the base is held in 4 bits.
void add_method(yaml::Node& document, const yaml::Node& place) {
    yaml::Node& method = value_of(document, "method", place);
    if (method.kind != yaml::Kind::mapping || method.find("type")) return;
    const yaml::Node* quantization = document.find("quantization");
    const yaml::Node* four = quantization == nullptr ? nullptr : quantization->find("load_in_4bit");
    const bool in_4bit = four != nullptr && four->kind == yaml::Kind::boolean && yaml::to_json(*four).get<bool>();
    yaml::Node& type = value_of(method, "type", place);
    type.kind = yaml::Kind::string;
    type.text = in_4bit ? "qlora" : "lora";
}

}  // namespace

std::span<const Alias> aliases() {
    return table;
}

void apply_aliases(yaml::Node& document, Report& report) {
    std::vector<Moved> taken = take_aliased(document, report);
    const auto of_lora =
        std::ranges::find_if(taken, [](const Moved& moved) { return moved.alias->written.starts_with("lora."); });
    if (of_lora != taken.end()) add_method(document, of_lora->entry.key);
    drop_group(document, "logging", report);
    drop_group(document, "lora", report);
    for (Moved& moved : taken) {
        const std::string_view path = moved.alias->meant;
        const std::string_view key = path.substr(path.find('.') + 1);
        yaml::Node& group = value_of(document, path.substr(0, path.find('.')), moved.entry.key);
        if (group.kind == yaml::Kind::null) {
            group.kind = yaml::Kind::mapping;
            group.text = "";
        }
        if (group.kind != yaml::Kind::mapping) continue;  // the group itself is reported
        if (group.find(key)) {
            report.error(moved.entry.key, std::string(moved.alias->written),
                         fmt::format("{} is another name of {}, which is there too", moved.alias->written, path),
                         "remove one of them");
            continue;
        }
        yaml::Node& value = moved.entry.value;
        if (!moved.alias->yes.empty() && value.kind == yaml::Kind::boolean && yaml::to_json(value).get<bool>()) {
            value.kind = yaml::Kind::string;
            value.text = moved.alias->yes;
        }
        moved.entry.key.text = key;
        group.entries.push_back(std::move(moved.entry));
    }
}

std::string_view meant_by(std::string_view leaf) {
    for (const Alias& alias : table)
        if (alias.written.substr(alias.written.find('.') + 1) == leaf) return alias.meant;
    return {};
}

}  // namespace ktrain::spec
