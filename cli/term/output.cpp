// Rendering of tables, data, errors and findings.
#include "cli/term/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cwchar>
#include <numeric>

#include "core/base/text.h"
#include "core/base/yaml.h"

namespace ktrain::term {
namespace {

Ink color_of(Severity severity) {
    return severity == Severity::error ? Ink::red : severity == Severity::warning ? Ink::yellow : Ink::blue;
}

Json place_json(const Place& where) {
    Json json = Json::object();
    // YAML is UTF-8; names of files need not be.
    if (!where.file.empty()) json["file"] = valid_utf8(where.file) ? std::string(where.file) : printable(where.file);
    if (where.line > 0) json["line"] = where.line;
    if (where.column > 0) json["column"] = where.column;
    if (!where.path.empty()) json["path"] = where.path;
    return json;
}

// Takes from the columns what the lines are too wide: first from the last column, which tells most at its beginning,
// then from what stands between them, then from the widest ones, and from the first, the name, at last. Returns the
// gap.
std::size_t fit(std::vector<std::size_t>& widths, std::size_t max_width) {
    constexpr std::size_t wide_gap = 3, narrow_gap = 2, least_gap = 1, least = 8;
    const auto over = [&](std::size_t gap) {
        const std::size_t total = std::accumulate(widths.begin(), widths.end(), gap * (widths.size() - 1));
        return total > max_width ? total - max_width : 0;
    };
    if (max_width == 0 || over(wide_gap) == 0) return wide_gap;
    const auto shrink = [&](std::size_t& width, std::size_t gap) {
        if (width > least) width = std::max(least, width - std::min(width, over(gap)));
    };
    shrink(widths.back(), wide_gap);
    if (over(wide_gap) == 0) return wide_gap;
    for (std::size_t i = 1; i + 1 < widths.size() && over(narrow_gap) > 0; ++i)
        shrink(*std::max_element(widths.begin() + 1, widths.end() - 1), narrow_gap);
    if (over(narrow_gap) == 0) return narrow_gap;
    shrink(widths.front(), least_gap);
    return least_gap;
}

}  // namespace

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] == '\x1b') {  // a colour of ink()
            i = std::min(text.find('m', i), text.size() - 1) + 1;
            continue;
        }
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        char32_t point = lead < 0x80 ? lead : lead & (0x7Fu >> length);
        for (std::size_t k = 1; k < length && i + k < text.size(); ++k)
            point = (point << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3Fu);
        const bool wide = (point >= 0x1100 && point <= 0x115F) || (point >= 0x2E80 && point <= 0xA4CF) ||
                          (point >= 0xAC00 && point <= 0xD7A3) || (point >= 0xF900 && point <= 0xFAFF) ||
                          (point >= 0xFE30 && point <= 0xFE6F) || (point >= 0xFF00 && point <= 0xFF60) ||
                          (point >= 0x1F300 && point <= 0x1FAFF);
        width += wide ? 2 : 1;
        i += length;
    }
    return width;
}

std::string cut(const std::string& text, std::size_t width) {
    if (display_width(text) <= width) return text;
    std::string start = text;
    while (!start.empty() && display_width(start) + 1 > width) {
        do start.pop_back();
        while (!start.empty() && (static_cast<unsigned char>(start.back()) & 0xC0) == 0x80);
        // A lead byte without its tail must go as well.
        if (!start.empty() && static_cast<unsigned char>(start.back()) >= 0xC0) start.pop_back();
    }
    return start + "…";
}

std::string ink(std::string_view text, Ink color, bool enabled) {
    if (!enabled || color == Ink::plain) return std::string(text);
    constexpr std::string_view codes[] = {"", "1", "2", "31", "32", "33", "34"};
    return fmt::format("\x1b[{}m{}\x1b[0m", codes[static_cast<int>(color)], text);
}

Table::Table(std::vector<std::string> headers) : headers_(std::move(headers)), aligns_(headers_.size(), Align::left) {}

void Table::align(std::size_t column, Align align) {
    aligns_.at(column) = align;
}

void Table::row(std::vector<std::string> cells) {
    cells.resize(headers_.size());
    for (auto& cell : cells) cell = printable(cell);
    rows_.push_back(std::move(cells));
}

std::vector<std::size_t> Table::widths() const {
    std::vector<std::size_t> out;
    for (const auto& header : headers_) out.push_back(display_width(header));
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) out[i] = std::max(out[i], display_width(row[i]));
    return out;
}

std::string Table::text(std::size_t max_width) const {
    std::vector<std::size_t> widths = this->widths();
    const std::size_t gap = fit(widths, max_width);
    std::string text;
    const auto add = [&](const std::vector<std::string>& cells) {
        std::string line;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const std::string cell = cut(cells[i], widths[i]);
            const std::string pad(widths[i] - display_width(cell), ' ');
            line += aligns_[i] == Align::right ? pad + cell : cell + pad;
            if (i + 1 < cells.size()) line.append(gap, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    };
    add(headers_);
    for (const auto& row : rows_) add(row);
    return text;
}

std::string render(const Json& value, Format format) {
    return format == Format::yaml ? yaml::emit(value) : to_pretty(value);
}

std::string render_error(const Error& error, bool color) {
    const bool bug = error.kind == ErrorKind::bug;
    std::string text = ink(bug ? "bug:" : "error:", Ink::red, color) + " " + printable(error.message, true) + "\n";
    const std::string place = to_string(error.where);
    // The message of a file error names the path already.
    if (!place.empty() && error.message.find(place) == std::string::npos) text += "  at " + printable(place) + "\n";
    if (!error.hint.empty()) text += "  " + ink("hint:", Ink::blue, color) + " " + printable(error.hint, true) + "\n";
    return text;
}

std::string render_diagnostics(const Diagnostics& diagnostics, bool color) {
    Diagnostics sorted = diagnostics;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Diagnostic& a, const Diagnostic& b) { return a.severity < b.severity; });
    std::string text;
    std::size_t errors = 0;
    std::size_t warnings = 0;
    for (const auto& d : sorted) {
        errors += d.severity == Severity::error;
        warnings += d.severity == Severity::warning;
        text += ink(to_string(d.severity) + ":", color_of(d.severity), color) + " ";
        if (!d.rule.empty()) text.append(d.rule) += " ";
        text += printable(d.message) + "\n";
        const std::string place = to_string(d.where);
        if (!place.empty()) text += "  at " + printable(place) + "\n";
        if (!d.fix.empty()) text += "  " + ink("hint:", Ink::blue, color) + " " + printable(d.fix) + "\n";
    }
    if (sorted.size() > 1)
        text += fmt::format("{} error{}, {} warning{}\n", errors, errors == 1 ? "" : "s", warnings,
                            warnings == 1 ? "" : "s");
    return text;
}

Json to_json(const Diagnostic& diagnostic) {
    Json json = Json::object();
    if (!diagnostic.rule.empty()) json["rule"] = diagnostic.rule;
    json["severity"] = to_string(diagnostic.severity);
    json["message"] = diagnostic.message;
    json["where"] = place_json(diagnostic.where);
    if (!diagnostic.fix.empty()) json["fix"] = diagnostic.fix;
    if (!diagnostic.why.empty()) json["why"] = diagnostic.why;
    return json;
}

Json to_json(const Error& error) {
    Json json = {{"message", error.message}, {"where", place_json(error.where)}};
    if (!error.hint.empty()) json["hint"] = error.hint;
    return json;
}

}  // namespace ktrain::term
