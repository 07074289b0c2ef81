// What was found before in an old repository, and is not reported again.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/lint/lint.h"

namespace ktrain::lint {

// 16 hexadecimal digits of the rule, the object (or the file, where there is none), the path and the message: lines may
// shift, files may be renamed.
std::string fingerprint(const Diagnostic& finding);

class Baseline {
public:
    // Errors: Error{input} for what is no baseline.
    static Baseline parse(std::string_view text, const std::string& file);
    static Baseline of(const Diagnostics& findings);

    std::string text() const;  // JSON, sorted; the same for the same findings
    // Takes known findings out, as often as each is known; returns how many.
    std::size_t remove_known(Diagnostics& findings) const;
    // What is known of the subjects and rules of a report and was not found any more, as sentences.
    std::vector<std::string> stale(const Report& report) const;

private:
    struct Entry {
        std::string rule, object, path;
        std::size_t count = 0;
    };
    std::map<std::string, Entry> entries_;  // by fingerprint
};

}  // namespace ktrain::lint
