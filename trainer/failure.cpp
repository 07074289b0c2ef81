// Exceptions to JSON, down to the last byte of memory.
#include "trainer/failure.h"

#include <c10/util/Exception.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/base/json.h"

namespace ktrain::trainer {
namespace {

// Texts that must not be made when they are needed.
constexpr char out_of_memory[] =
    R"({"kind":"failed","message":"out of memory","where":{},)"
    R"("hint":"lower training.per_device_train_batch_size, or give the process more memory"})";
constexpr char unknown[] =
    R"({"kind":"bug","message":"the trainer failed with an exception of an unknown type","where":{},)"
    R"("hint":"please report it with the spec"})";

Failure no_memory() noexcept {
    return {exit_code::failed, out_of_memory};
}

Failure tell(const Error& error) {
    const Json json = {{"kind", name_of(error.kind)},
                       {"message", error.message},
                       {"where",
                        {{"file", error.where.file},
                         {"line", error.where.line},
                         {"column", error.where.column},
                         {"path", error.where.path}}},
                       {"hint", error.hint}};
    const char* text = copy_text(json.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
    return text == nullptr ? no_memory() : Failure{exit_code_for(error.kind), text};
}

// libtorch has no exception type for this on the CPU.
bool is_failed_allocation(const char* message) noexcept {
    return std::strstr(message, "can't allocate memory") != nullptr;
}

// The first line, without "[enforce fail at file.cpp:1] condition. " before it.
std::string plain(std::string_view message) {
    message = message.substr(0, message.find('\n'));
    if (message.starts_with("[enforce fail at "))
        if (const auto end = message.find("] "); end != message.npos)
            if (const auto begin = message.find(". ", end); begin != message.npos) message.remove_prefix(begin + 2);
    return std::string(message);
}

Failure tell_current() {
    try {
        throw;
    } catch (const Error& error) {
        return tell(error);
    } catch (const std::bad_alloc&) {
        return no_memory();
    } catch (const c10::Error& error) {
        const char* message = error.what_without_backtrace();
        if (is_failed_allocation(message)) return no_memory();
        return tell(Error(ErrorKind::failed, "libtorch: " + plain(message)));
    } catch (const std::exception& error) {
        return tell(Error(ErrorKind::failed, plain(error.what())));
    } catch (...) {
        return {exit_code::failed, unknown};
    }
}

}  // namespace

Failure current_failure() noexcept {
    try {
        return tell_current();
    } catch (...) {
        return no_memory();  // nothing else can fail while a text is made
    }
}

const char* copy_text(const char* text) noexcept {
    const std::size_t size = std::strlen(text) + 1;
    void* copy = std::malloc(size);
    return copy == nullptr ? nullptr : static_cast<const char*>(std::memcpy(copy, text, size));
}

void release_text(const char* text) noexcept {
    if (text != out_of_memory && text != unknown) std::free(const_cast<char*>(text));
}

}  // namespace ktrain::trainer
