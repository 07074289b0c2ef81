// The functions by their names in the shared library.
#include "core/kube/curl_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include "core/base/error.h"

namespace ktrain::kube {
namespace {

constexpr const char* library_name = "libcurl.so.4";  // the name of its interface since 2006

[[noreturn]] void refuse() {
    const char* detail = ::dlerror();
    throw Error(ErrorKind::failed,
                fmt::format("{} cannot be loaded: {}", library_name, detail ? detail : "why is not said"), {},
                "install libcurl 7.85 or newer, on Debian with: apt-get install libcurl4");
}

// Gives a function any type that is asked for.
class Symbol {
public:
    Symbol(void* library, const char* name) : address_(::dlsym(library, name)) {
        if (address_ == nullptr) refuse();
    }
    template <typename Function>
    operator Function*() const {
        return reinterpret_cast<Function*>(address_);
    }

private:
    void* address_;
};

CurlLibrary load() {
    void* library = ::dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) refuse();
    const auto symbol = [&](const char* name) { return Symbol(library, name); };
    return {.easy_cleanup = symbol("curl_easy_cleanup"),
            .easy_getinfo = symbol("curl_easy_getinfo"),
            .easy_init = symbol("curl_easy_init"),
            .easy_pause = symbol("curl_easy_pause"),
            .easy_setopt = symbol("curl_easy_setopt"),
            .easy_strerror = symbol("curl_easy_strerror"),
            .free = symbol("curl_free"),
            .global_init = symbol("curl_global_init"),
            .multi_add_handle = symbol("curl_multi_add_handle"),
            .multi_cleanup = symbol("curl_multi_cleanup"),
            .multi_info_read = symbol("curl_multi_info_read"),
            .multi_init = symbol("curl_multi_init"),
            .multi_perform = symbol("curl_multi_perform"),
            .multi_poll = symbol("curl_multi_poll"),
            .multi_remove_handle = symbol("curl_multi_remove_handle"),
            .share_cleanup = symbol("curl_share_cleanup"),
            .share_init = symbol("curl_share_init"),
            .share_setopt = symbol("curl_share_setopt"),
            .slist_append = symbol("curl_slist_append"),
            .slist_free_all = symbol("curl_slist_free_all"),
            .url = symbol("curl_url"),
            .url_cleanup = symbol("curl_url_cleanup"),
            .url_get = symbol("curl_url_get"),
            .url_set = symbol("curl_url_set")};
}

}  // namespace

const CurlLibrary& curl() {
    static const CurlLibrary library = load();
    return library;
}

}  // namespace ktrain::kube
