// Atomic writing, checking and removing of checkpoint folders.
#include "trainer/state/checkpoint.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <future>

#include "core/base/error.h"
#include "core/base/remove_folder.h"
#include "trainer/data/checksum.h"
#include "trainer/state/file_names.h"

namespace ktrain::trainer {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "checkpoint-", partial = ".partial";
constexpr std::string_view aside = "superseded-";  // what the run has turned away from
constexpr std::uint64_t max_file = std::uint64_t{1} << 40;

// The number of "checkpoint-500"; nothing for other names.
std::optional<std::int64_t> step_of(std::string_view name, std::string_view before = prefix) {
    if (!name.starts_with(before)) return std::nullopt;
    name.remove_prefix(before.size());
    std::int64_t step = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), step);
    if (error != std::errc() || end != name.data() + name.size() || step < 0) return std::nullopt;
    return step;
}

// Makes the names in a folder survive a power cut; file systems that cannot are left alone.
void sync_folder(const std::string& path) {
    const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return;
    ::fsync(folder);
    ::close(folder);
}

void rename(const std::string& from, const std::string& to) {
    std::error_code code;
    fs::rename(from, to, code);
    if (code)
        throw Error(ErrorKind::failed, fmt::format("cannot rename {} to {}: {}", from, to, code.message()),
                    {to, 0, 0, ""}, "check the permissions of the output folder");
}

// Whether a file's name in a folder, perhaps in one below, may be of a file elsewhere.
bool leads_out(const fs::path& name) {
    return name.is_absolute() || std::ranges::find(name, fs::path("..")) != name.end();
}

// What is wrong with a file of a manifest, or nothing. Read piece by piece: it may be as large as the memory.
std::string problem_of(const std::string& folder, const std::string& name, const Json& record) {
    if (leads_out(name)) return "its manifest.json names a file elsewhere";
    std::ifstream file(folder + "/" + name, std::ios::binary);
    if (!file) return fmt::format("{} is missing, or cannot be read", name);
    std::vector<char> piece(std::size_t{1} << 20);
    std::uint64_t size = 0;
    const std::string_view kind = record.contains(checkpoint_checksum) ? checkpoint_checksum : "sha256";  // older ones
    Checksum checksum(kind);
    while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0) {
        checksum.add({piece.data(), static_cast<std::size_t>(file.gcount())});
        size += static_cast<std::uint64_t>(file.gcount());
    }
    if (at_path(record, {"size"}) != size) return name + " has another size than in manifest.json";
    if (string_or(record, std::string(kind)) != checksum.hex())
        return name + " is damaged: its checksum is not that of manifest.json";
    return "";
}

}  // namespace

std::vector<std::string_view> CheckpointFile::pieces() const {
    std::vector<std::string_view> pieces{text};
    pieces.insert(pieces.end(), memory.begin(), memory.end());
    return pieces;
}

Json describe_files(const std::vector<CheckpointFile>& files, std::string_view checksum) {
    Json json = Json::object();
    for (const auto& file : files) {
        std::uint64_t size = 0;
        Checksum sum(checksum);
        for (const std::string_view piece : file.pieces()) {
            size += piece.size();
            sum.add(piece);
        }
        json[file.name] = {{"size", size}, {checksum, sum.hex()}};
    }
    return json;
}

// Hashing may take as long as writing on a fast disk: both go on at once.
Json write_files(Files& files, const std::string& folder, const std::vector<CheckpointFile>& content,
                 std::string_view checksum) {
    auto described = std::async(std::launch::async, [&] { return describe_files(content, checksum); });
    for (const auto& file : content) {
        const std::string path = folder + "/" + file.name;
        if (file.name.find('/') != std::string::npos) files.make_folders(fs::path(path).parent_path().string());
        files.write_pieces(path, file.pieces());
    }
    return described.get();
}

std::string Checkpoints::path_of(std::int64_t step) const {
    return fmt::format("{}/{}{}", output_dir_, prefix, step);
}

std::vector<std::int64_t> Checkpoints::steps() const {
    std::vector<std::int64_t> steps;
    if (!files_.is_folder(output_dir_)) return steps;
    for (const auto& name : files_.list(output_dir_))
        if (const auto step = step_of(name)) steps.push_back(*step);
    std::ranges::sort(steps);
    return steps;
}

std::vector<std::string> Checkpoints::places() const {
    std::vector<std::int64_t> numbers;
    if (files_.is_folder(output_dir_))
        for (const auto& name : files_.list(output_dir_))
            if (const auto number = step_of(name, aside)) numbers.push_back(*number);
    std::ranges::sort(numbers, std::ranges::greater());
    std::vector<std::string> places{output_dir_};
    for (const std::int64_t number : numbers) places.push_back(fmt::format("{}/{}{}", output_dir_, aside, number));
    return places;
}

std::string Checkpoints::save(std::int64_t step, const std::vector<CheckpointFile>& content, const Keep& keep) {
    const std::string path = path_of(step), temporary = path + std::string(partial);
    remove_folder(temporary);
    try {
        files_.make_folders(temporary);
        const Json json = {
            {"format", 1}, {"step", step}, {"files", write_files(files_, temporary, content, checkpoint_checksum)}};
        files_.write(temporary + "/" + std::string(manifest_file), to_pretty(json));
        sync_folder(temporary);
    } catch (...) {
        remove_folder(temporary);
        throw;
    }
    put_in_place(step);
    remove_old(step, keep);
    return path;
}

void Checkpoints::remove_old(std::int64_t step, const Keep& keep) {
    std::vector<std::int64_t> old = steps();
    std::erase(old, step);
    for (auto left = static_cast<std::int64_t>(old.size()); const std::int64_t other : old)
        if (keep.newest > 0 && left-- >= keep.newest && path_of(other) != keep.best) remove_folder(path_of(other));
}

// Of the two folders one is whole at every moment: the new one until it has taken its place. So it is not removed when
// that fails.
void Checkpoints::put_in_place(std::int64_t step) {
    const std::string path = path_of(step);
    remove_folder(path);  // only there when a run was interrupted at this very step
    rename(path + std::string(partial), path);
    sync_folder(output_dir_);
}

std::string Checkpoints::problem(const std::string& folder) const {
    const std::string list = folder + "/" + std::string(manifest_file);
    if (!files_.exists(list)) return "it has no manifest.json";
    try {
        const Json json = parse_json(files_.read(list), list);
        const Json& files = at_path(json, {"files"});
        if (!files.is_object() || files.empty()) return "its manifest.json lists no files";
        std::vector<std::future<std::string>> problems;  // of all files at once: fast disks are read in parallel
        for (const auto& [name, record] : files.items())
            problems.push_back(std::async(std::launch::async, problem_of, folder, name, record));
        for (auto& problem : problems)
            if (std::string wrong = problem.get(); !wrong.empty()) return wrong;
    } catch (const Error& error) {
        return error.message;
    }
    return "";
}

std::optional<std::string> Checkpoints::newest(const std::function<void(const std::string&)>& warn) const {
    const std::vector<std::int64_t> all = steps();
    for (auto step = all.rbegin(); step != all.rend(); ++step) {
        const std::string folder = path_of(*step);
        const std::string wrong = problem(folder);
        if (wrong.empty()) return folder;
        warn(fmt::format("{} is not used: {}", folder, wrong));
    }
    return std::nullopt;
}

std::string Checkpoints::supersede(const std::string& folder, std::int64_t step) {
    std::error_code ignored;  // one of them is not there: they are not the same
    const bool is_ours = fs::equivalent(folder, path_of(step), ignored);
    std::vector<std::int64_t> stray = steps();
    if (is_ours) std::erase_if(stray, [&](std::int64_t other) { return other <= step; });
    if (stray.empty()) return "";
    int number = 1;
    while (files_.exists(fmt::format("{}/{}{}", output_dir_, aside, number))) ++number;
    const std::string target = fmt::format("{}/{}{}", output_dir_, aside, number);
    files_.make_folders(target);
    const std::string metrics = output_dir_ + "/metrics.jsonl";
    if (files_.exists(metrics)) files_.write(target + "/metrics.jsonl", files_.read(metrics, max_file));
    if (!is_ours) files_.remove(metrics);
    for (const std::int64_t other : stray) rename(path_of(other), fmt::format("{}/{}{}", target, prefix, other));
    sync_folder(target);
    sync_folder(output_dir_);
    return target;
}

void Checkpoints::finish_partial() {
    if (!files_.is_folder(output_dir_)) return;
    for (const auto& name : files_.list(output_dir_)) {
        if (!name.ends_with(partial)) continue;
        const auto step = step_of(std::string_view(name).substr(0, name.size() - partial.size()));
        if (!step) continue;
        const std::string temporary = output_dir_ + "/" + name;
        if (problem(temporary).empty())
            put_in_place(*step);
        else
            remove_folder(temporary);
    }
}

}  // namespace ktrain::trainer
