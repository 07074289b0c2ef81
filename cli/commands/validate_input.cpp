// Finds and reads the manifests that `ktrain validate` is given.
#include "cli/commands/validate_input.h"

#include <map>
#include <optional>

#include "core/base/glob.h"
#include "core/base/parallel.h"
#include "core/base/text.h"
#include "core/lint/rule.h"
#include "core/manifest/folder.h"

namespace ktrain {
namespace {

// The path of what lies in the folder, which may be the root.
std::string inside(const std::string& folder, const std::string& name) {
    return folder.ends_with('/') ? folder + name : folder + "/" + name;
}

// Whether the pattern may match something inside of the folder: without "**" it goes as deep as it has slashes.
bool may_match_inside(const std::string& pattern, const std::string& folder) {
    std::vector<std::string> steps = split(pattern, '/');
    const std::size_t depth = split(folder, '/').size();
    if (steps.size() > depth) steps.resize(depth);
    const std::string start = join(steps, "/");
    return start.find("**") != std::string::npos || (start.size() < pattern.size() && glob_matches(start, folder));
}

class Reader {
public:
    Reader(term::Session& session, const Excluded& excluded) : session_(session), excluded_(excluded) {}

    void read(const std::string& path) {
        if (is_glob(path) && path != "-" && !session_.files.exists(path)) return read_glob(path);
        if (!session_.files.is_folder(path)) return files_.push_back({path, false, path == "-" ? "-" : ""});
        if (!read_folder(path)) throw Error(ErrorKind::input, "no *.yaml, *.yml or *.json in " + printable(path));
    }

    // Each file once, under whatever names it is given or found: nothing in it is there twice.
    Sources take(unsigned threads) {
        in_parallel(files_.size(), threads, [&](std::size_t i) {
            if (files_[i].real.empty()) files_[i].real = session_.files.real_path(files_[i].path);
        });
        std::map<std::string_view, std::size_t> seen;
        std::vector<lint::Source> sources;
        sources.reserve(files_.size());
        for (std::size_t i = 0; i < files_.size(); ++i) {
            const auto [row, is_new] = seen.emplace(files_[i].real, sources.size());
            if (is_new) sources.push_back({files_[i].path, "", files_[i].found});
            if (!files_[i].found) sources[row->second].found = false;
        }
        std::vector<std::optional<Error>> errors(sources.size());
        in_parallel(sources.size(), threads, [&](std::size_t i) {
            try {
                sources[i].text = text_of(sources[i].file);
            } catch (const Error& error) {
                errors[i] = error;
            }
        });
        Sources result;
        std::size_t read = 0;  // of many files one list is enough
        for (std::size_t i = 0; i < sources.size(); ++i) {
            if (!errors[i]) {
                if (read != i) sources[read] = std::move(sources[i]);
                ++read;
            } else if (sources[i].found && errors[i]->kind == ErrorKind::input) {
                result.unread.push_back(*errors[i]);
            } else if (!result.failure) {
                result.failure = errors[i];
            }
        }
        sources.resize(read);
        result.read = std::move(sources);
        return result;
    }

    std::size_t count() const { return files_.size(); }

private:
    struct File {
        std::string path;
        bool found;        // not named
        std::string real;  // where it lies; "": not known yet
    };

    std::string text_of(const std::string& path) {
        try {
            if (path != "-") return session_.files.read(path, limits::manifests);
            std::string text = session_.in.read_all(limits::manifests);
            if (!trim(text).empty()) return text;
            throw Error(ErrorKind::input, "nothing came from standard input", {},
                        "see whether the command before the | failed");
        } catch (Error& error) {
            // A file that cannot be read is invalid input here, whatever the reason.
            if (error.kind == ErrorKind::not_found || error.kind == ErrorKind::denied) error.kind = ErrorKind::input;
            throw;
        }
    }

    // Links to files are followed, as the folders of a mounted ConfigMap have them; links to folders are not: they
    // may lead back, or out of what was named. False when there is no manifest.
    bool read_folder(const std::string& folder) {
        const std::string real_folder = session_.files.real_path(folder);
        bool found = false;
        for (const std::string& name : session_.files.list(folder)) {
            if (name.starts_with('.')) continue;
            const std::string path = inside(folder, name), real = inside(real_folder, name);
            const bool manifest = is_manifest_name(name), plain = manifest && session_.files.is_plain_file(path);
            if (!plain && session_.files.is_folder(path)) {
                found |= session_.files.real_path(path) == real && read_folder(path);
            } else if (plain || (manifest && (session_.files.is_file(path) || !session_.files.exists(path)))) {
                if (!excluded_(path)) files_.push_back({path, true, plain ? real : ""});
                found = true;
            }
        }
        return found;
    }

    // Of a pattern that the shell left as it is: quoted, or with "**".
    void read_glob(const std::string& pattern) {
        const std::size_t wild = pattern.find_first_of("*?[");
        const std::size_t slash = pattern.rfind('/', wild);
        const std::string folder = slash == std::string::npos ? "" : pattern.substr(0, slash + 1);
        if (!glob_folder(folder, pattern))
            throw Error(ErrorKind::input, "no file matches " + lint::shown(pattern), {}, "'**' matches any folders");
    }

    bool glob_folder(const std::string& folder, const std::string& pattern) {
        const std::string real_folder = session_.files.real_path(folder.empty() ? "." : folder);
        if (!session_.files.is_folder(folder.empty() ? "." : folder)) return false;
        bool found = false;
        for (const std::string& name : session_.files.list(folder.empty() ? "." : folder)) {
            if (name.starts_with('.')) continue;
            const std::string path = folder + name;
            if (session_.files.is_folder(path)) {
                const bool link = session_.files.real_path(path) != inside(real_folder, name);
                found |= !link && may_match_inside(pattern, path) && glob_folder(path + "/", pattern);
            } else if (glob_matches(pattern, path)) {
                if (!excluded_(path)) files_.push_back({path, true, ""});
                found = true;
            }
        }
        return found;
    }

    term::Session& session_;
    const Excluded& excluded_;
    std::vector<File> files_;
};

}  // namespace

Sources read_sources(term::Session& session, const std::vector<std::string>& paths, const Excluded& excluded,
                     unsigned threads) {
    if (paths.empty() && session.in.is_terminal()) {
        throw Error(ErrorKind::usage, "no file given", {}, "give files or folders, or - for standard input");
    }
    Reader reader(session, excluded);
    if (paths.empty()) reader.read("-");
    for (const std::string& path : paths) reader.read(path);
    constexpr std::size_t few = 64;  // are read faster than threads start
    return reader.take(reader.count() < few ? 1 : threads);
}

}  // namespace ktrain
