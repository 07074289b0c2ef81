// Loads shared libraries.
#include "core/base/shared_library.h"

#include <dlfcn.h>

#include <utility>

#include "core/base/error.h"

namespace ktrain {

SharedLibrary::SharedLibrary(std::string name, std::string hint)
    : name_(std::move(name)), hint_(std::move(hint)), library_(::dlopen(name_.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (library_ == nullptr) refuse();
}

SharedLibrary::Function SharedLibrary::operator[](const char* function) const {
    void* const address = ::dlsym(library_, function);
    if (address == nullptr) refuse();
    return Function(address);
}

void SharedLibrary::refuse() const {
    const char* const detail = ::dlerror();
    throw Error(ErrorKind::failed, name_ + " cannot be loaded: " + (detail != nullptr ? detail : "why is not said"), {},
                hint_);
}

}  // namespace ktrain
