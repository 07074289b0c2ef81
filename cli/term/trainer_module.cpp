// Loading of ktrain_trainer.so and calls through its C interface.
#include "cli/term/trainer_module.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>

#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"
#include "core/run/trainer_api.h"

namespace ktrain::term {
namespace {

constexpr std::string_view file_name = "ktrain_trainer.so";
constexpr std::string_view how_to_get =
    "build it with scripts/setup and cmake -DKTRAIN_TRAINER=ON, or run the container image";

// What crosses the border as the context of the callbacks.
struct Call {
    const std::function<void(const Json&)>& on_event;
    const std::function<int()>& stop_signal;
    std::exception_ptr failure;
};

void forward_event(void* context, const char* text) noexcept {
    auto& call = *static_cast<Call*>(context);
    if (call.failure) return;
    try {
        call.on_event(Json::parse(text));
    } catch (...) {
        call.failure = std::current_exception();
    }
}

int forward_stop(void* context) noexcept {
    auto& call = *static_cast<Call*>(context);
    return call.failure ? SIGTERM : call.stop_signal();
}

Error to_error(const std::string& text) {
    const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    const Json& where = at_path(json, {"where"});
    const auto number = [&](const char* key) {
        const Json& value = at_path(where, {key});
        return value.is_number_integer() ? value.get<int>() : 0;
    };
    return {error_kind(string_or(json, "kind")),
            string_or(json, "message", "the trainer module failed without a message"),
            {string_or(where, "file"), number("line"), number("column"), string_or(where, "path")},
            string_or(json, "hint")};
}

std::string executable() {
    std::error_code code;
    return std::filesystem::read_symlink("/proc/self/exe", code).string();
}

// libgomp reads its settings when libtorch is loaded. Waiting threads that spin lose whole time slices wherever the
// CPUs are shared, as in a pod.
void settle_threads(const Env& env) {
    if (!env.get("OMP_WAIT_POLICY")) ::setenv("OMP_WAIT_POLICY", "passive", 0);
}

}  // namespace

std::vector<std::string> TrainerModule::candidates(const Env& env) {
    if (const auto named = env.get("KTRAIN_TRAINER_MODULE"); named && !named->empty()) return {*named};
    std::vector<std::string> paths;
    if (const std::filesystem::path exe = executable(); exe.has_parent_path())
        paths.push_back((exe.parent_path().parent_path() / "lib/ktrain" / file_name).string());
    paths.emplace_back(KTRAIN_INSTALL_MODULE);
    return paths;
}

TrainerModule TrainerModule::load(const Env& env, const Files& files) {
    const auto paths = candidates(env);
    const auto found = std::ranges::find_if(paths, [&](const std::string& path) { return files.exists(path); });
    if (found == paths.end())
        throw Error(ErrorKind::not_found,
                    fmt::format("the trainer module is not installed: no {}", join(paths, ", no ")), {},
                    std::string(how_to_get));
    const std::string path = std::filesystem::absolute(*found).string();  // a bare name would be searched for
    settle_threads(env);
    void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr)
        throw Error(ErrorKind::failed, fmt::format("cannot load {}: {}", path, ::dlerror()), {path, 0, 0, ""},
                    std::string(how_to_get));
    const auto entry = reinterpret_cast<ktrain_trainer_entry>(::dlsym(library, KTRAIN_TRAINER_ENTRY));
    const struct ktrain_trainer_api* api = entry == nullptr ? nullptr : entry();
    if (api == nullptr)
        throw Error(ErrorKind::failed, path + " is no trainer module of ktrain", {path, 0, 0, ""},
                    "unset KTRAIN_TRAINER_MODULE, or point it to ktrain_trainer.so");
    if (api->version != KTRAIN_TRAINER_API_VERSION)
        throw Error(ErrorKind::failed,
                    fmt::format("{} speaks version {} of the module interface, this program version {}", path,
                                api->version, KTRAIN_TRAINER_API_VERSION),
                    {path, 0, 0, ""}, "install program and module of the same release");
    return {path, api};
}

Json TrainerModule::describe() const {
    const std::unique_ptr<const char, void (*)(const char*)> text(api_->describe(), api_->release);
    return text ? Json::parse(text.get(), nullptr, /*allow_exceptions=*/false) : Json();
}

int TrainerModule::run(const Json& request, const std::function<void(const Json&)>& on_event,
                       const std::function<int()>& stop_signal) const {
    Call call{on_event, stop_signal, nullptr};
    const ktrain_host host{&call, forward_event, forward_stop};
    const char* error = nullptr;
    const int code = api_->run(request.dump().c_str(), &host, &error);
    const std::unique_ptr<const char, void (*)(const char*)> text(error, api_->release);
    if (call.failure) std::rethrow_exception(call.failure);
    if (text) throw to_error(text.get());
    return code;
}

}  // namespace ktrain::term
