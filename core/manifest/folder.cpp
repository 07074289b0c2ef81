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
    bool replaces = false;  // a file of an earlier bundle
};

// The first line of each file tells whose it is.
constexpr std::string_view mark_start = "# Written by ktrain generate for the job ";

// The name of a file until it takes its place.
std::string new_name(const std::string& place) {
    return place + ".ktrain-new";
}

// The name of the file that it replaces, until all have taken their places.
std::string old_name(const std::string& place) {
    return place + ".ktrain-old";
}

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

// The way back of write_all(): the old files are in their places again, with all that they had, and nothing new is
// left. It takes no space. What cannot be undone is added to the hint: the error that made it necessary is the one that
// matters.
void undo(const std::vector<File>& bundle, const std::vector<std::string>& places, std::size_t begun, Files& files,
          Error& error) {
    std::vector<std::string> stuck;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const std::string& place = places[i];
        try {
            files.remove(new_name(place));
            if (i >= begun) continue;
            if (!bundle[i].replaces)
                files.remove(place);
            else if (files.exists(old_name(place)))
                files.rename(old_name(place), place);
        } catch (const Error&) {
            stuck.push_back(i < begun ? place : new_name(place));
        }
    }
    if (!stuck.empty()) error.hint = fmt::format("new and not put back: {}; generate again", fmt::join(stuck, ", "));
}

// All are written beside their places before the first takes its place: a full disk leaves the old bundle as it was.
void write_all(const std::vector<File>& bundle, const std::string& folder, Files& files, FolderChange& change) {
    std::vector<std::string> places;
    std::size_t begun = 0;  // of those that take their places
    try {
        for (const File& file : bundle) {
            places.push_back(files.real_path(folder + "/" + file.name));  // a link keeps pointing to what it names
            files.write(new_name(places.back()), file.content);
            files.remove(old_name(places.back()));  // of a call that was killed
        }
        while (begun < bundle.size()) {
            const std::string& place = places[begun];
            if (bundle[begun++].replaces) files.rename(place, old_name(place));
            files.rename(new_name(place), place);
        }
    } catch (Error& error) {
        undo(bundle, places, begun, files, error);
        throw;
    }
    for (const std::string& place : places) files.remove(old_name(place));
    for (const File& file : bundle) change.written.push_back(folder + "/" + file.name);
}

}  // namespace

FolderChange write_folder(const Plan& plan, const std::string& folder, Files& files) {
    std::vector<File> new_files = bundle(plan);
    files.make_folders(folder);
    for (File& file : new_files) {
        const std::string path = folder + "/" + file.name;
        if (!files.exists(path)) continue;
        if (!is_ours(path, files))
            throw Error(ErrorKind::conflict, fmt::format("{} exists and was not written by ktrain generate", path),
                        {path, 0, 0, ""}, "name another folder, or remove the file");
        file.replaces = true;
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
