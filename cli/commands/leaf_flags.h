// Fields of the spec as flags: --learning_rate, --lora_alpha, and the names that the handbook's scripts have for them.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/term/flags.h"
#include "cli/term/session.h"
#include "core/spec/load.h"

namespace ktrain {

class LeafFlags {
public:
    // One flag for every leaf of the spec that has a name of its own. Help has those whose path begins with one of
    // `shown`, or all; a command that few of them matter to still takes the command line of a run.
    void declare(term::Flags& flags, std::span<const std::string_view> shown = {});
    // What the flags that were given set. A name of a folder that is there becomes its path; flags of LoRA mean
    // method.type lora unless the spec says otherwise; what has no effect here is said once on stderr.
    // Errors: Error{usage} for a flag whose value asks for what is not there.
    std::vector<spec::Override> overrides(const term::Session& session) const;
    // Whether the leaf of this name was given, by whatever flag.
    bool given(const std::string& path) const;

private:
    struct Leaf {
        std::string path, name;  // the path is empty for a flag without a field
        std::optional<std::string> value;
    };
    void add(term::Flags& flags, const std::string& name, const std::string& path, const std::string& help, bool hidden,
             bool is_switch);

    std::deque<Leaf> leaves_;  // flags keep pointers into it
};

}  // namespace ktrain
