// Merging, shard by shard.
#include "trainer/recipe/merge.h"

#include <fmt/format.h>

#include <filesystem>

#include "core/base/file_error.h"
#include "trainer/data/new_folder.h"
#include "trainer/recipe/adapter_changes.h"
#include "trainer/recipe/base_model.h"
#include "trainer/recipe/score_heads.h"
#include "trainer/state/safetensors.h"
#include "trainer/state/weights.h"

namespace ktrain::trainer {
namespace {

namespace fs = std::filesystem;

// What all shards hold together, as their index says it.
struct Totals {
    std::uint64_t bytes = 0;
    std::int64_t parameters = 0;
};

void merge_shard(const std::string& from, const std::string& to, AdapterChanges& changes, Totals& totals) {
    const MappedFile file(from);
    NamedTensors tensors;
    for (const NamedTensor& tensor : map_safetensors(file.content(), from)) {
        for (NamedTensor& changed : changes.apply({tensor}, from)) tensors.push_back(std::move(changed));
        // What was read has been copied, or is read again when it is written.
        file.release({static_cast<const char*>(tensor.value.const_data_ptr()), tensor.value.nbytes()});
    }
    if (tensors.empty()) return;  // of a head alone that has given way
    for (const auto& tensor : tensors) {
        totals.bytes += tensor.value.nbytes();
        totals.parameters += tensor.value.numel();
    }
    const std::string target = to + "/" + fs::path(from).filename().string();
    real_files().write_pieces(target, safetensors_file("", tensors).pieces());
}

// With the new head, where there is one.
Json new_config(const MergeBase& base, const AdapterFolder& adapter, const AdapterChanges& changes) {
    if (changes.gives_score())
        return with_score_head(base.config, string_or(base.config, "model_type"), adapter_head(adapter));
    Json config = base.config;
    config["tie_word_embeddings"] = false;
    return config;
}

// What stands beside the weights. The tokenizer is taken as a whole: from the adapter where it has one, for training
// may have changed it.
void copy_companions(const MergeBase& base, const std::string& adapter, const AdapterChanges& changes,
                     const Json& config, const Totals& totals, const std::string& to) {
    const bool new_head = !changes.head_file().empty();
    for (const std::string_view name : {std::string_view("README.md"), std::string_view("config.json"),
                                        std::string_view("generation_config.json"), weights_index}) {
        const std::string from = fmt::format("{}/{}", base.folder, name);
        if (!real_files().is_file(from)) continue;
        std::string text = real_files().read(from);
        if (new_head && name.ends_with(".json")) {
            Json json = parse_json(text, from);
            if (name == "config.json") json = config;
            if (name == weights_index) {
                json["weight_map"].erase(std::string(token_head));
                json["weight_map"][std::string(changes.new_head())] = changes.head_file();
                json["metadata"] = {{"total_parameters", totals.parameters}, {"total_size", totals.bytes}};
            }
            text = to_pretty(json);
        }
        real_files().write(fmt::format("{}/{}", to, name), text);
    }
    const bool own_tokenizer = real_files().is_file(adapter + "/tokenizer.json");
    write_files(real_files(), to, tokenizer_files(own_tokenizer ? adapter : base.folder), "sha256");
}

}  // namespace

int merge_adapter(const MergeRequest& request, const Host& host) {
    const AdapterFolder adapter(request.adapter);
    const MergeBase base =
        open_merge_base(request.base.empty() ? adapter.config().base_model_name_or_path : request.base);
    require_base({request.adapter, base.folder, "name the model that the adapter was trained on with --base"}, host);
    AdapterChanges changes(adapter, base);
    const Json config = new_config(base, adapter, changes);  // before the work, for it may be refused
    NewFolder output(request.output);
    Totals totals;
    if (changes.gives_score() && !real_files().is_file(request.adapter + "/" + std::string(head_file_name)))
        host.warn("the adapter does not name its labels: they are called LABEL_0 and so on");
    const auto files = weight_files(base.folder);
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (const int signal = host.stop_signal(); signal != 0) return signal;
        host.event({{"event", "merge"}, {"file", files[i]}, {"files", i}, {"files_total", files.size()}});
        merge_shard(files[i], output.path(), changes, totals);
    }
    if (const int signal = host.stop_signal(); signal != 0) return signal;
    changes.require_all_used();
    copy_companions(base, request.adapter, changes, config, totals, output.path());
    output.finish();
    host.event({{"event", "merged"},
                {"output", output.target()},
                {"modules", adapter.pairs().size()},
                {"replaced", adapter.replaced().size()}});
    return 0;
}

}  // namespace ktrain::trainer
