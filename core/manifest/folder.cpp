// Names and marks of the files of a bundle.
#include "core/manifest/folder.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/names.h"
#include "core/base/yaml.h"

namespace ktrain {
namespace {

struct File {
    std::string name;
    std::string content;
    bool existed = false;
};

// The first line of each file tells whose it is.
constexpr std::string_view mark_start = "# Written by ktrain generate for the job ";

std::string mark(const Plan& plan) {
    return fmt::format("{}{}/{}; change the spec, not this file.\n", mark_start, plan.namespace_, plan.name);
}

std::vector<File> bundle(const Plan& plan) {
    std::vector<File> bundle;
    const auto objects = render(plan);
    for (const Object& object : objects) {
        const std::string kind = string_or(object, "kind");
        const bool alone = std::ranges::count(objects, kind, [](const Object& o) { return string_or(o, "kind"); }) == 1;
        const std::string suffix = alone ? "" : "-" + string_or(object["metadata"], "name");
        bundle.push_back(
            {fmt::format("{:02}-{}{}.yaml", bundle.size(), lower(kind), suffix), mark(plan) + yaml::emit(object)});
    }
    return bundle;
}

// Written by an earlier generate, for whatever job. What cannot be read is somebody else's.
bool is_ours(const std::string& path, const Files& files) {
    try {
        return files.is_file(path) && files.read(path, limits::manifests).starts_with(mark_start);
    } catch (const Error&) {
        return false;
    }
}

// Sorts what the folder has besides the new bundle.
void look_around(const std::string& folder, const std::vector<File>& bundle, const Files& files, FolderChange& change) {
    for (const std::string& name : files.list(folder)) {
        const std::string path = folder + "/" + name;
        const bool kept = std::ranges::find(bundle, name, &File::name) != bundle.end();
        if (kept || !is_manifest_name(name) || files.is_folder(path)) continue;
        (is_ours(path, files) ? change.removed : change.foreign).push_back(path);
    }
}

// All are written beside their places before the first takes its place: a full disk leaves the old bundle as it was.
void write_all(const std::vector<File>& bundle, const std::string& folder, Files& files, FolderChange& change) {
    std::vector<std::string> places, unplaced;
    try {
        for (const File& file : bundle) {
            places.push_back(files.real_path(folder + "/" + file.name));  // a link keeps pointing to what it names
            unplaced.push_back(places.back() + ".ktrain-new");
            files.write(unplaced.back(), file.content);
        }
        for (std::size_t i = 0; i < bundle.size(); ++i) {
            files.rename(unplaced[i], places[i]);
            change.written.push_back(folder + "/" + bundle[i].name);
        }
    } catch (const Error&) {
        for (std::size_t i = 0; i < unplaced.size(); ++i) {
            files.remove(unplaced[i]);
            if (i < change.written.size() && !bundle[i].existed) files.remove(places[i]);
        }
        throw;
    }
}

}  // namespace

FolderChange write_folder(const Plan& plan, const std::string& folder, Files& files) {
    std::vector<File> new_files = bundle(plan);
    files.make_folders(folder);
    for (File& file : new_files) {
        const std::string path = folder + "/" + file.name;
        file.existed = files.exists(path);
        if (file.existed && !is_ours(path, files))
            throw Error(ErrorKind::conflict, fmt::format("{} exists and was not written by ktrain generate", path),
                        {path, 0, 0, ""}, "name another folder, or remove the file");
    }
    FolderChange change;
    look_around(folder, new_files, files, change);
    write_all(new_files, folder, files, change);
    for (const std::string& path : change.removed) files.remove(path);
    return change;
}

bool is_manifest_name(std::string_view name) {
    return name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json");
}

}  // namespace ktrain
