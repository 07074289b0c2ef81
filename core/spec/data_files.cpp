// Recognises data sets by the names and first bytes of their files.
#include "core/spec/data_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "core/base/file_error.h"
#include "core/base/json.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

struct Ending {
    std::string_view text;
    DataFormat format;
};

constexpr std::array<Ending, 11> endings{{
    {".arrow", DataFormat::columnar},
    {".csv", DataFormat::csv},
    {".feather", DataFormat::columnar},
    {".ipc", DataFormat::columnar},
    {".json", DataFormat::json},
    {".jsonl", DataFormat::jsonl},
    {".ndjson", DataFormat::jsonl},
    {".parquet", DataFormat::columnar},
    {".text", DataFormat::text},
    {".tsv", DataFormat::tsv},
    {".txt", DataFormat::text},
}};
static_assert(std::ranges::is_sorted(endings, {}, &Ending::text));

constexpr std::uint64_t looked_at = 4096;  // bytes of a file that tell its format

constexpr const char* known_formats =
    "give JSON lines (.jsonl), JSON (.json), CSV (.csv, .tsv), text (.txt), Arrow (.arrow), Parquet (.parquet), or a "
    "folder of such files or of datasets.save_to_disk";

// How files and folders of a split begin, and the name of the split.
struct SplitWord {
    std::string_view word, split;
};

constexpr std::array<SplitWord, 7> split_words{{
    {"dev", "validation"},
    {"eval", "validation"},
    {"test", "test"},
    {"train", "train"},
    {"val", "validation"},
    {"valid", "validation"},
    {"validation", "validation"},
}};
static_assert(std::ranges::is_sorted(split_words, {}, &SplitWord::word));

// Metadata beside the data, written by `datasets` and hubs.
constexpr std::array<std::string_view, 4> metadata{"dataset_dict.json", "dataset_info.json", "dataset_infos.json",
                                                   "state.json"};

std::optional<DataFormat> format_of_name(std::string_view name) {
    for (const Ending& ending : endings)
        if (name.ends_with(ending.text) && name.size() > ending.text.size()) return ending.format;
    return std::nullopt;
}

// "yahma/alpaca-cleaned" may be a hub's name: nothing is downloaded here.
std::string remedy_for_absent(const std::string& path) {
    const bool like_hub = !path.starts_with('/') && !path.starts_with('.') && !format_of_name(path);
    if (!like_hub) return "check the path of the data";
    return fmt::format("check the path, or download it first: hf download {} --repo-type dataset --local-dir FOLDER",
                       printable(path));
}

// Of a single file: the first bytes of a columnar file say more than its name.
DataFormat format_of_file(const Files& files, const std::string& path) {
    if (!files.is_file(path)) refuse(path, path + " is no regular file", "data is read from files only");
    const std::string content = files.read_part(path, 0, looked_at);
    if (is_columnar(content)) return DataFormat::columnar;
    if (const auto format = format_of_name(path)) return *format;
    const std::size_t first = content.find_first_not_of(" \t\r\n");
    if (first != content.npos && content[first] == '{') return DataFormat::jsonl;
    if (first != content.npos && content[first] == '[') return DataFormat::json;
    refuse(path, path + " is of no known format", known_formats);
}

std::optional<std::string> split_of_name(std::string_view name) {
    const std::string_view word = name.substr(0, name.find_first_of("-._"));
    const auto row = std::ranges::find(split_words, word, &SplitWord::word);
    if (row == split_words.end()) return std::nullopt;
    return std::string(row->split);
}

// The data files of a folder, sorted; folders in it only where they are named like a split, or "data".
struct Found {
    std::optional<std::string> split;
    std::string path;
};

void collect(const Files& files, const std::string& folder, const std::optional<std::string>& split, int depth,
             std::vector<Found>& found) {
    for (const std::string& name : files.list(folder)) {
        const std::string path = folder + "/" + name;
        const bool ignored = name.starts_with('.') || std::ranges::find(metadata, name) != metadata.end();
        if (ignored) continue;
        const auto named = split ? split : split_of_name(name);
        if (files.is_folder(path)) {
            const bool wanted = !split && (named || name == "data");
            if (wanted && depth < 2) collect(files, path, named, depth + 1, found);  // data/train/, not a ring of links
        } else if (format_of_name(name)) {
            found.push_back({named, path});
        }
    }
}

Json read_metadata(const Files& files, const std::string& path) {
    return parse_json(files.read(path), path);
}

[[noreturn]] void refuse_saved(const std::string& path, const std::string& what) {
    refuse(path, fmt::format("{} {}", path, what), "save the data set again with datasets.save_to_disk");
}

// A name in metadata must not lead out of its folder.
bool plain_name(const Json& name) {
    if (!name.is_string()) return false;
    const auto& text = name.get_ref<const std::string&>();
    return !text.empty() && text.find('/') == text.npos && text != "." && text != "..";
}

DataSplit saved_split(const Files& files, const std::string& folder, const std::string& name) {
    const std::string state = folder + "/state.json";
    if (!files.exists(state)) refuse_saved(folder, "has no state.json");
    const Json content = read_metadata(files, state);
    const Json& listed = at_path(content, {"_data_files"});
    if (!listed.is_array() || listed.empty()) refuse_saved(state, "lists no data files");
    DataSplit split{name, DataFormat::columnar, {}};
    for (const Json& item : listed) {
        const Json& file = at_path(item, {"filename"});
        if (!plain_name(file)) refuse_saved(state, "has a data file without a plain name");
        split.files.push_back(folder + "/" + file.get<std::string>());
    }
    return split;
}

std::vector<DataSplit> saved_splits(const Files& files, const std::string& folder) {
    const std::string dict = folder + "/dataset_dict.json";
    const Json content = read_metadata(files, dict);
    const Json& names = at_path(content, {"splits"});
    if (!names.is_array() || names.empty()) refuse_saved(dict, "lists no splits");
    std::vector<DataSplit> splits;
    for (const Json& name : names) {
        if (!plain_name(name)) refuse_saved(dict, "has a split without a plain name");
        splits.push_back(saved_split(files, folder + "/" + name.get<std::string>(), name.get<std::string>()));
    }
    return splits;
}

std::vector<DataSplit> folder_splits(const Files& files, const std::string& folder) {
    std::vector<Found> found;
    collect(files, folder, std::nullopt, 0, found);
    if (found.empty()) refuse(folder, folder + " holds no data files", known_formats);
    const bool named = std::ranges::any_of(found, [](const Found& file) { return file.split.has_value(); });
    std::map<std::string, DataSplit> splits;
    for (const Found& file : found) {
        if (named && !file.split) continue;  // a README.txt beside train.jsonl
        DataSplit& split = splits[file.split.value_or("train")];
        const DataFormat format = *format_of_name(file.path);
        if (split.files.empty()) split = {file.split.value_or("train"), format, {}};
        if (split.format != format)
            refuse(folder, fmt::format("{} and {} are of two formats", split.files.back(), file.path),
                   "give the files of one format, or a single file");
        split.files.push_back(file.path);
    }
    std::vector<DataSplit> all;
    for (auto& [name, split] : splits) all.push_back(std::move(split));
    return all;
}

int rank(const DataSplit& split) {
    constexpr std::array<std::string_view, 3> first{"train", "validation", "test"};
    return static_cast<int>(std::ranges::find(first, split.name) - first.begin());
}

}  // namespace

bool is_columnar(std::string_view content) {
    constexpr std::array<std::string_view, 3> beginnings{"ARROW1", "PAR1", "\xFF\xFF\xFF\xFF"};
    return std::ranges::any_of(beginnings, [&](std::string_view one) { return content.starts_with(one); });
}

std::vector<DataSplit> find_data(const Files& files, const std::string& given) {
    const std::string path = given.substr(0, std::max<std::size_t>(given.find_last_not_of('/') + 1, 1));
    if (path.empty()) refuse(path, "no path of data is given", known_formats);
    if (!files.exists(path)) refuse(path, path + " does not exist", remedy_for_absent(path));
    if (!files.is_folder(path)) return {{"train", format_of_file(files, path), {path}}};
    std::vector<DataSplit> splits = files.exists(path + "/dataset_dict.json") ? saved_splits(files, path)
                                    : files.exists(path + "/state.json")
                                        ? std::vector<DataSplit>{saved_split(files, path, "train")}
                                        : folder_splits(files, path);
    std::ranges::stable_sort(splits, {}, rank);
    return splits;
}

const DataSplit& split_called(const std::vector<DataSplit>& splits, const std::string& name, const std::string& path) {
    const auto split = std::ranges::find(splits, name, &DataSplit::name);
    if (split != splits.end()) return *split;
    std::vector<std::string> names;
    for (const DataSplit& other : splits) names.push_back(other.name);
    refuse(path, fmt::format("{} has no split {}; it has {}", path, name, join(names, ", ")),
           "name one of the splits that are there");
}

const DataSplit& evaluation_split(const std::vector<DataSplit>& splits, const std::string& path) {
    for (const std::string_view name : {"validation", "test"}) {
        const auto split = std::ranges::find(splits, name, &DataSplit::name);
        if (split != splits.end()) return *split;
    }
    return splits.size() == 1 ? splits.front() : split_called(splits, "validation", path);
}

}  // namespace ktrain
