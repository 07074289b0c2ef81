// Fuzzes commands of containers: reading them ends, and options stand in an entry that there is.
#include <algorithm>

#include "core/lint/launch.h"
#include "tests/fuzz/expect.h"

using namespace ktrain;

// The first byte says whether the text is a shell's script; entries end with a zero byte.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text = fuzz::text_of(data, size);
    if (text.empty()) return 0;
    std::vector<std::string_view> entries;
    if (text[0] == '$') entries = {"/bin/bash", "-c"};
    for (text.remove_prefix(1); !text.empty();) {
        const std::size_t end = std::min(text.find('\0'), text.size());
        entries.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    const auto variables = [](std::string_view name) -> std::optional<std::string> {
        if (name.size() > 1) return std::nullopt;
        return "value of " + std::string(name);
    };
    const lint::Launch launch = lint::read_launch(entries, variables);
    fuzz::expect(launch.commands.size() < 10'000, "commands are bounded");
    for (const auto* options : {&launch.options, &launch.flags}) {
        for (const lint::Option& option : *options)
            fuzz::expect(option.item < entries.size(), "options stand in an entry");
    }
    return 0;
}
