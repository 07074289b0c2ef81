// Merging, shard by shard.
#include "trainer/recipe/merge.h"

#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "core/base/error.h"
#include "core/base/text.h"
#include "trainer/data/mapped_file.h"
#include "trainer/recipe/model_folder.h"
#include "trainer/state/safetensors.h"
#include "trainer/state/weights.h"

namespace ktrain::trainer {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& file, const std::string& message, const std::string& hint) {
    throw Error(ErrorKind::input, message, {file, 0, 0, ""}, hint);
}

void check_base(const std::string& folder) {
    const std::string path = folder + "/config.json";
    if (folder.empty())
        refuse("adapter_config.json", "the adapter names no base", "name the base model's folder with --base");
    if (!real_files().is_folder(folder))
        refuse(folder, folder + " is no folder on this machine", "name the base model's folder with --base");
    const Json config = parse_json(real_files().read(path), path);
    if (config.contains("quantization_config"))
        refuse(path, "the base holds quantised weights: merging into them would spoil them",
               "name the base model in 16 or 32 bits with --base");
}

// The changes of an adapter, each used once.
class Changes {
public:
    explicit Changes(const AdapterFolder& adapter) : adapter_(adapter) {}

    // The tensor as it shall be; the same one where nothing changes it.
    at::Tensor apply(const std::string& name, const at::Tensor& value, const std::string& file) {
        if (const auto whole = adapter_.replaced().find(name); whole != adapter_.replaced().end()) {
            used_.insert(name);
            if (whole->second.sizes() != value.sizes()) other_base(file, name);
            return whole->second.to(value.scalar_type());
        }
        if (!name.ends_with(".weight")) return value;
        const std::string module = name.substr(0, name.size() - std::string_view(".weight").size());
        const auto pair = adapter_.pairs().find(module);
        if (pair == adapter_.pairs().end()) return value;
        used_.insert(module);
        at::Tensor change = pair->second.b_OR.mm(pair->second.a_RI).mul_(pair->second.scale);
        if (adapter_.transposed()) change = change.t();
        if (change.sizes() != value.sizes()) other_base(file, name);
        return value.to(at::kFloat).add(change).to(value.scalar_type());
    }

    void require_all_used(const std::string& base) const {
        for (const auto& [module, pair] : adapter_.pairs())
            if (!used_.contains(module)) other_base(base, module);
        for (const auto& [name, value] : adapter_.replaced())
            if (!used_.contains(name)) other_base(base, name);
    }

private:
    [[noreturn]] static void other_base(const std::string& file, const std::string& name) {
        refuse(file, fmt::format("the adapter is of another base: {} is not there with its shape", printable(name)),
               "name the model that the adapter was trained on with --base");
    }

    const AdapterFolder& adapter_;
    std::set<std::string> used_;
};

void merge_shard(const std::string& from, const std::string& to, Changes& changes) {
    const MappedFile file(from);
    NamedTensors tensors = map_safetensors(file.content(), from);
    for (auto& [name, value] : tensors) value = changes.apply(name, value, from);
    const std::string target = to + "/" + fs::path(from).filename().string();
    real_files().write_pieces(target, safetensors_file("", tensors).pieces());
}

// What stands beside the weights. The tokenizer is taken as a whole: from the adapter where it has one, for training
// may have changed it.
void copy_companions(const std::string& base, const std::string& adapter, const std::string& to) {
    for (const std::string_view name : {std::string_view("README.md"), std::string_view("config.json"),
                                        std::string_view("generation_config.json"), weights_index}) {
        const std::string from = fmt::format("{}/{}", base, name);
        if (real_files().is_file(from)) real_files().write(fmt::format("{}/{}", to, name), real_files().read(from));
    }
    const bool own_tokenizer = real_files().is_file(adapter + "/tokenizer.json");
    for (const auto& file : tokenizer_files(own_tokenizer ? adapter : base))
        real_files().write(to + "/" + file.name, file.text);
}

void remove_folder(const std::string& path) {
    std::error_code ignored;  // the error that led here says more
    fs::remove_all(path, ignored);
}

}  // namespace

void fold_adapter(const AdapterFolder& adapter, const Parameters& parameters, const std::string& base) {
    const c10::NoGradGuard no_grad;
    Changes changes(adapter);
    for (const TensorDecl& declaration : parameters.declarations()) {
        at::Tensor value = parameters.at(declaration.name).value;
        value.copy_(changes.apply(declaration.name, value, base));
    }
    changes.require_all_used(base);
}

int merge_adapter(const MergeRequest& asked, const Host& host) {
    MergeRequest request = asked;
    while (request.output.size() > 1 && request.output.ends_with('/')) request.output.pop_back();
    const AdapterFolder adapter(request.adapter);
    const std::string base = request.base.empty() ? adapter.base() : request.base;
    check_base(base);
    if (real_files().exists(request.output))
        refuse(request.output, request.output + " is there already", "name a folder that is not");
    const std::string temporary = request.output + ".partial";
    if (real_files().exists(temporary))
        refuse(temporary, temporary + " is there already, perhaps of a merge that was killed",
               "remove it, or name another folder");
    real_files().make_folders(temporary);
    try {
        Changes changes(adapter);
        const auto files = weight_files(base);
        for (std::size_t i = 0; i < files.size(); ++i) {
            if (host.stop_signal() != 0) break;
            host.event({{"event", "merge"}, {"file", files[i]}, {"files", i}, {"files_total", files.size()}});
            merge_shard(files[i], temporary, changes);
        }
        if (host.stop_signal() == 0) changes.require_all_used(base);
        copy_companions(base, request.adapter, temporary);
        if (host.stop_signal() == 0) real_files().rename(temporary, request.output);
    } catch (...) {
        remove_folder(temporary);
        throw;
    }
    if (const int signal = host.stop_signal(); signal != 0 && !real_files().exists(request.output)) {
        remove_folder(temporary);
        return signal;
    }
    host.event({{"event", "merged"},
                {"output", request.output},
                {"modules", adapter.pairs().size()},
                {"replaced", adapter.replaced().size()}});
    return 0;
}

}  // namespace ktrain::trainer
