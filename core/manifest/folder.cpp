// Names and marks of the files of a bundle.
#include "core/manifest/folder.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.h"
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
std::string mark(const Plan& plan) {
    return fmt::format("# Written by ktrain generate for the job {}/{}; change the spec, not this file.\n",
                       plan.namespace_, plan.name);
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

bool is_ours(const Plan& plan, const std::string& path, const Files& files) {
    return !files.is_folder(path) && files.read(path).starts_with(mark(plan));
}

// Files of an earlier bundle of this job that the new one does not have.
std::vector<std::string> stale(const Plan& plan, const std::string& folder, const std::vector<File>& bundle,
                               const Files& files) {
    std::vector<std::string> paths;
    for (const std::string& name : files.list(folder)) {
        const std::string path = folder + "/" + name;
        const bool kept = std::ranges::find(bundle, name, &File::name) != bundle.end();
        if (!kept && name.ends_with(".yaml") && is_ours(plan, path, files)) paths.push_back(path);
    }
    return paths;
}

}  // namespace

std::vector<std::string> write_folder(const Plan& plan, const std::string& folder, Files& files) {
    std::vector<File> new_files = bundle(plan);
    files.make_folders(folder);
    for (File& file : new_files) {
        const std::string path = folder + "/" + file.name;
        file.existed = files.exists(path);
        if (file.existed && !is_ours(plan, path, files))
            throw Error(ErrorKind::conflict,
                        fmt::format("{} exists and was not written for the job {}", path, plan.name), {path, 0, 0, ""},
                        "name another folder, or remove the file");
    }
    const auto old_files = stale(plan, folder, new_files, files);
    std::vector<std::string> written;
    try {
        for (const File& file : new_files) {
            files.write(folder + "/" + file.name, file.content);
            written.push_back(folder + "/" + file.name);
        }
    } catch (const Error&) {
        for (std::size_t i = 0; i < written.size(); ++i)
            if (!new_files[i].existed) files.remove(written[i]);
        throw;
    }
    for (const std::string& path : old_files) files.remove(path);
    return written;
}

}  // namespace ktrain
