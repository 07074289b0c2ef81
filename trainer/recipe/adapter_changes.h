// What an adapter makes of its base's tensors.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "core/base/json.h"
#include "core/model/score_head.h"
#include "core/model/weight_names.h"
#include "trainer/recipe/adapter_folder.h"
#include "trainer/tensors/parameters.h"

namespace ktrain::trainer {

// The model that an adapter is folded into.
struct MergeBase {
    std::string folder;
    Json config;
    std::string root = "model.";  // in front of names; files may lack it
    std::string embedding = "model.embed_tokens.weight";
    bool tied = false;               // head and embedding are one matrix
    std::optional<bool> transposed;  // its linear layers are stored [in, out]; nothing of a family that is not known
    bool scores = false;             // it has a head that scores texts
};

// Families that are not known are taken for llama's kin. Errors: Error{input} for a folder that is not there, and for
// weights in 4 or 8 bits; those of Files and parse_json.
MergeBase open_merge_base(const std::string& folder);

// The changes of an adapter, each used once. `adapter` and `base` must outlive it. Errors of its functions:
// Error{input} when the adapter is not of this base.
class AdapterChanges {
public:
    AdapterChanges(const AdapterFolder& adapter, const MergeBase& base);

    // The tensors of a file as they shall be: W + scale * B A in the type of W, by DoRA with rows of the magnitudes'
    // lengths; what the adapter has whole; and the others as they are.
    NamedTensors apply(const NamedTensors& tensors, const std::string& file);

    // Empty, or the file that has got a head that it did not have: the base's was its embedding, and the adapter has
    // one of them as a whole, or both; or the adapter scores texts, and its head takes the place of that for the next
    // token.
    const std::string& head_file() const { return head_file_; }
    std::string_view new_head() const { return gives_score_ ? score_tensor : token_head; }
    bool gives_score() const { return gives_score_; }

    void require_all_used() const;

private:
    const at::Tensor* replaced(const std::string& name) const;
    std::string full_name(const std::string& name) const;
    at::Tensor apply(const std::string& stored, const at::Tensor& value, const std::string& file);

    const AdapterFolder& adapter_;
    const MergeBase& base_;
    bool gives_score_;
    bool parts_tie_;
    std::set<std::string> used_;
    std::string head_file_;
};

// Folds an adapter into a base whose weights are loaded from `folder`. Errors: as above, and Error{input} for an
// adapter that parts the head from the embedding, which those weights cannot hold.
void fold_adapter(const AdapterFolder& adapter, const std::string& folder, const Parameters& parameters);

}  // namespace ktrain::trainer
