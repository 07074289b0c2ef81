// The C entry point of the trainer module.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>

#include "core/base/exit_code.h"
#include "core/base/json.h"
#include "core/run/trainer_api.h"
#include "core/spec/load.h"
#include "trainer/recipe/recipe.h"
#include "trainer/recipe/versions.h"

namespace ktrain::trainer {
namespace {

// Text for the other side of the border; nullptr when there is no memory left.
const char* copy_text(const std::string& text) noexcept {
    char* copy = static_cast<char*>(std::malloc(text.size() + 1));
    if (copy != nullptr) std::memcpy(copy, text.c_str(), text.size() + 1);
    return copy;
}

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const char* describe() noexcept try {
    Json models = Json::array();
    for (const auto& recipe : recipes()) models.push_back(recipe.model_type);
    return copy_text(dump({{"versions", versions()}, {"devices", {"cpu"}}, {"models", models}}));
} catch (...) {
    return nullptr;
}

int report(const Error& error, const char** text) noexcept try {
    static constexpr const char* names[] = {"usage",       "input",     "not_found", "denied", "conflict",
                                            "unreachable", "timed_out", "failed",    "bug"};
    *text = copy_text(dump({{"kind", names[static_cast<int>(error.kind)]},
                            {"message", error.message},
                            {"where",
                             {{"file", error.where.file},
                              {"line", error.where.line},
                              {"column", error.where.column},
                              {"path", error.where.path}}},
                            {"hint", error.hint}}));
    return exit_code_for(error.kind);
} catch (...) {
    return exit_code::failed;
}

int exit_code_of(int signal) {
    if (signal == 0) return exit_code::done;
    return signal == SIGINT ? exit_code::interrupted : exit_code::terminated;
}

// libtorch's messages carry a stack trace from the second line on.
std::string first_line(const char* text) {
    const std::string all = text;
    return all.substr(0, all.find('\n'));
}

int run(const char* request, const ktrain_host* host, const char** error) noexcept {
    *error = nullptr;
    try {
        const Json json = parse_json(request, "request");
        return exit_code_of(train(spec::from_json(at_path(json, {"spec"})), Host(*host)));
    } catch (const Error& failure) {
        return report(failure, error);
    } catch (const std::bad_alloc&) {
        return report(Error(ErrorKind::failed, "out of memory", {}, "lower training.per_device_train_batch_size"),
                      error);
    } catch (const std::exception& failure) {
        return report(Error(ErrorKind::failed, first_line(failure.what())), error);
    } catch (...) {
        return exit_code::failed;
    }
}

void release(const char* text) noexcept {
    std::free(const_cast<char*>(text));
}

constexpr struct ktrain_trainer_api api { KTRAIN_TRAINER_API_VERSION, describe, run, release };

}  // namespace
}  // namespace ktrain::trainer

extern "C" __attribute__((visibility("default"))) const struct ktrain_trainer_api* ktrain_trainer_module() {
    return &ktrain::trainer::api;
}
