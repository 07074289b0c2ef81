// A log as a person reads it, out of the bytes that a program wrote for a terminal or for a collector.
#include "core/advice/log_text.h"

#include <algorithm>
#include <string>

#include "core/base/escapes.h"
#include "core/base/json.h"
#include "core/base/text.h"

namespace ktrain::advice {
namespace {

// What a terminal shows in the end. A return in the middle of what is said, as of a script with the line ends of
// Windows ("bash\r: No such file"), is no progress bar, and is written out.
std::string shown(std::string_view line) {
    std::string out;
    while (line.ends_with('\r')) line.remove_suffix(1);
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line[at] == '\r' && (line[at + 1] == ':' || line[at + 1] == '\''))
            out += "\\r";
        else if (line[at] == '\r')
            out.clear();
        else
            out += line[at] == '\t' ? ' ' : line[at];
    }
    return out;
}

// The text of a JSON line that is a traceback; empty where there is none.
std::string traceback_in(std::string_view line) {
    if (!trim(line).starts_with('{') || line.find("Traceback (most recent call last)") == std::string_view::npos)
        return {};
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object()) return {};
    for (const auto& [key, value] : json.items())
        if (value.is_string() && value.get_ref<const std::string&>().find("Traceback (most") != std::string::npos)
            return value.get<std::string>();
    return {};
}

}  // namespace

std::string readable_log(std::string_view text) {
    std::string out;
    for (const std::string& raw : split(text, '\n')) {
        const std::string line = shown(has_escapes(raw) ? without_escapes(raw, false) : raw);
        out += line + "\n";
        for (const std::string& inner : split(traceback_in(line), '\n'))
            if (!trim(inner).empty()) out += inner + "\n";
    }
    return out;
}

}  // namespace ktrain::advice
