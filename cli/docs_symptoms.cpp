// The page docs/symptoms.md: what `ktrain diagnose` knows, from the table of symptoms.
#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

#include "cli/help.h"
#include "core/advice/symptoms.h"

namespace ktrain {
namespace {

// In a cell of a table, with "POD" for {pod} and "..." for what a message says.
std::string cell(const std::string& row_text) {
    advice::Words words;
    for (const char* part : {"1", "2", "3", "4"}) words[part] = "...";
    words["more_memory"] = "raise the memory limit";
    for (const char* word : {"account", "claim", "class", "container", "image", "members", "memory", "name",
                             "namespace", "node", "object", "pod", "queue", "root"}) {
        std::string& upper = words[word] = word;
        for (char& letter : upper) letter = static_cast<char>(letter - 'a' + 'A');
    }
    std::string text = advice::fill(row_text, words);
    for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, "\\");
    return text;
}

}  // namespace

std::string symptoms_page() {
    std::string page =
        "What `ktrain diagnose` finds by a message, an exit code or a line of a log, from\n"
        "`templates/symptoms.yaml`. Of a source the first row that fits counts. What it concludes from nodes, claims,\n"
        "quotas and conditions (selectors, taints, sizes, deletions, suspension) has causes of its own, such as\n"
        "`insufficient-gpu`. A trouble that may pass by itself counts after 10 seconds only.\n\n"
        "| cause | shows in | means | remedy |\n|---|---|---|---|\n";
    struct Entry {
        std::string sources;
        const advice::Symptom* row;
    };
    std::vector<Entry> entries;
    std::map<std::pair<std::string, std::string>, std::size_t> known;  // by cause and meaning
    const advice::Symptoms symptoms = advice::Symptoms::built_in();
    for (const advice::Symptom& row : symptoms.rows()) {
        const std::string source(advice::name_of(row.source));
        const auto [at, is_new] = known.try_emplace({row.cause, row.meaning}, entries.size());
        if (is_new)
            entries.push_back({source, &row});
        else if (std::string& sources = entries[at->second].sources; sources.find(source) == std::string::npos)
            sources += ", " + source;
    }
    for (const Entry& entry : entries)
        page += fmt::format("| `{}` | {} | {} | {} |\n", entry.row->cause, entry.sources, cell(entry.row->meaning),
                            cell(entry.row->remedy));
    return page;
}

}  // namespace ktrain
