// Sizes of files, and which share of a sample is text.
#include "core/estimate/token_guess.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/spec/data_files.h"

namespace ktrain {
namespace {

// Of English. Source: OpenAI, "What are tokens and how to count them?": a token is about 4 characters.
constexpr double bytes_of_token = 4;
constexpr std::size_t most_sizes = 256, most_samples = 4;  // files
constexpr std::uint64_t sample = 32 << 10;                 // bytes, from the front and from the middle of a file

constexpr std::string_view count_with = "ktrain data stats SPEC -o json | ktrain estimate SPEC --tokens-from -";

// Bytes of a text that were looked at, and those of texts in it.
struct Looked {
    double all = 0, texts = 0;
    bool has_ids = false;  // of tokens
};

// Strings that are values, of JSON that may begin and end anywhere between two rows; an escaped character is one byte.
void look_at_json(std::string_view text, Looked& looked) {
    looked.all += static_cast<double>(text.size());
    for (std::size_t at = text.find('"'); at < text.size(); at = text.find('"', at)) {
        const std::size_t begin = ++at;
        std::size_t bytes = 0;
        for (; at < text.size() && text[at] != '"'; ++at, ++bytes)
            if (text[at] == '\\') at += at + 1 < text.size() && text[at + 1] == 'u' ? 5 : 1;
        const std::string_view content = text.substr(begin, std::min(at, text.size()) - begin);
        const std::size_t next = text.find_first_not_of(" \t\r\n", std::min(at + 1, text.size()));
        const bool key = next != text.npos && text[next] == ':';
        if (key)
            looked.has_ids = looked.has_ids || content == "input_ids";
        else
            looked.texts += static_cast<double>(bytes);
        if (at < text.size()) ++at;
    }
}

bool is_json(DataFormat format) {
    return format == DataFormat::json || format == DataFormat::jsonl;
}

void look_at_file(const Files& files, const std::string& path, DataFormat format, Looked& looked) {
    const std::string front = files.read_part(path, 0, sample);
    if (!is_json(format)) {
        const std::string header = format == DataFormat::text ? "" : front.substr(0, front.find('\n'));
        looked.has_ids = looked.has_ids || header.find("input_ids") != header.npos;
        return;
    }
    look_at_json(front, looked);
    const std::uint64_t middle = files.size(path) / 2;
    if (middle < sample) return;
    const std::string part = files.read_part(path, middle, sample);
    const std::size_t line = part.find('\n');  // no string of JSON has a line end
    if (line != part.npos) look_at_json(std::string_view(part).substr(line), looked);
}

// Every `step`-th file stands for those behind it.
double size_of(const Files& files, const DataSplit& split) {
    const std::size_t step = (split.files.size() + most_sizes - 1) / most_sizes;
    double bytes = 0, counted = 0;
    for (std::size_t i = 0; i < split.files.size(); i += step, ++counted)
        bytes += static_cast<double>(files.size(split.files[i]));
    return bytes / counted * static_cast<double>(split.files.size());
}

TokenGuess guess_split(const DataSplit& split, double held_out, const Files& files) {
    const std::size_t count = split.files.size();
    const std::string name = count == 1 ? split.files.front() : fmt::format("{} files", count);
    if (split.format == DataFormat::columnar) return {0, name + ": columns may be compressed, their size tells little"};
    Looked looked;
    const std::size_t step = (count + most_samples - 1) / most_samples;
    for (std::size_t i = 0; i < count; i += step) look_at_file(files, split.files[i], split.format, looked);
    if (looked.has_ids) return {0, name + ": its rows are ids of tokens (input_ids), no texts"};
    const double share = !is_json(split.format) ? 1 : looked.all > 0 ? looked.texts / looked.all : 0;
    const double bytes = size_of(files, split);
    TokenGuess guess{std::round(bytes * share / bytes_of_token * (1 - held_out)),
                     fmt::format("{} in {}", human_bytes(static_cast<std::uint64_t>(bytes)), name)};
    if (guess.tokens < 1) return {0, name + ": it has no texts where it was looked at"};
    if (share < 1) guess.basis += fmt::format(", {:.0f} % of them texts in a sample", 100 * share);
    guess.basis += fmt::format(", at {} bytes of text a token", bytes_of_token);
    if (held_out > 0) guess.basis += fmt::format(", without the {:.3g} % that are held out", 100 * held_out);
    return guess;
}

}  // namespace

std::optional<TokenGuess> guess_tokens(const std::string& path, double held_out, const Files& files) {
    if (path.empty() || !files.exists(path)) return std::nullopt;
    try {
        const std::vector<DataSplit> splits = find_data(files, path);
        const bool apart = std::ranges::find(splits, "validation", &DataSplit::name) != splits.end();
        return guess_split(split_called(splits, "train", path), apart ? 0 : std::clamp(held_out, 0.0, 1.0), files);
    } catch (const Error&) {
        return std::nullopt;  // what the trainer would refuse is no matter of an estimate
    }
}

bool has_rows(const std::string& path, const Files& files) {
    if (files.is_folder(path)) return true;
    if (!files.is_file(path)) return false;
    try {
        const DataFormat format = find_data(files, path).front().format;
        if (!is_json(format)) return true;
        const std::string front = files.read_part(path, 0, sample);
        return format == DataFormat::jsonl || front.find_first_not_of(" \t\r\n") == front.find('[');
    } catch (const Error&) {
        return false;
    }
}

std::string words_of(const TokenGuess& guess) {
    if (guess.tokens <= 0)
        return fmt::format("the tokens cannot be guessed from {}; count them: {}", guess.basis, count_with);
    return fmt::format("the {:.3g} tokens of an epoch are a GUESS: {}; count them: {}", guess.tokens, guess.basis,
                       count_with);
}

Json to_json(const TokenGuess& guess) {
    return {{"tokens", guess.tokens}, {"basis", guess.basis}, {"count_with", count_with}};
}

}  // namespace ktrain
