// Fuzzes mending: what is written parses, is not touched again, and has every comment that was there.
#include <algorithm>

#include "core/base/lines.h"
#include "core/base/text.h"
#include "core/base/yaml.h"
#include "core/lint/fix.h"
#include "tests/fuzz/expect.h"

using namespace ktrain;

namespace {

// Lines that are nothing but a comment, or may be: of a block they are text, which stays as well.
std::size_t comments(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = text.find('#'); at != std::string_view::npos; at = text.find('#', at + 1)) {
        const std::size_t end = text.substr(0, at).find_last_not_of(" \t");
        count += at == 0 || end == std::string_view::npos || text[end] == '\n' || text[end] == '\r' ? 1 : 0;
    }
    return count;
}

// Whether the words of each of those lines still stand somewhere: of a block that became a text in quotes, behind "\n".
bool words_stay(std::string_view before, std::string_view after) {
    while (!before.empty()) {
        const std::string_view line = trim(without_end(take_line(before)));
        if (line.starts_with('#') && after.find(line) == std::string_view::npos) return false;
    }
    return true;
}

bool is_broken(const std::string& text) {
    for (const Diagnostic& problem : yaml::parse(text, "input").problems)
        if (problem.rule == "KT001") return true;
    return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string before(fuzz::text_of(data, size));
    const lint::CheckSources check = [](const std::vector<lint::Source>& sources) { return lint::check(sources); };
    const lint::Fixed once = lint::fix({{"input", before}}, check);
    const std::string& after = once.sources.front().text;
    if (after == before) return 0;
    fuzz::expect(!is_broken(after), "what is mended parses");
    // A block that moves into a map on one line is a text in quotes there.
    const bool kept = std::ranges::count(after, '#') >= std::ranges::count(before, '#');
    fuzz::expect(kept || comments(after) >= comments(before) || words_stay(before, after), "comments stay");
    fuzz::expect(lint::fix(once.sources, check).sources.front().text == after, "what is mended is not touched again");
    return 0;
}
