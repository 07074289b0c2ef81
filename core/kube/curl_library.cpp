// The functions by their names in the shared library.
#include "core/kube/curl_library.h"

#include "core/base/shared_library.h"

namespace ktrain::kube {
namespace {

CurlLibrary load() {
    const SharedLibrary library("libcurl.so.4",  // the name of its interface since 2006
                                "install libcurl 7.85 or newer, on Debian with: apt-get install libcurl4");
    return {.easy_cleanup = library["curl_easy_cleanup"],
            .easy_getinfo = library["curl_easy_getinfo"],
            .easy_init = library["curl_easy_init"],
            .easy_pause = library["curl_easy_pause"],
            .easy_setopt = library["curl_easy_setopt"],
            .easy_strerror = library["curl_easy_strerror"],
            .free = library["curl_free"],
            .global_init = library["curl_global_init"],
            .multi_add_handle = library["curl_multi_add_handle"],
            .multi_cleanup = library["curl_multi_cleanup"],
            .multi_info_read = library["curl_multi_info_read"],
            .multi_init = library["curl_multi_init"],
            .multi_perform = library["curl_multi_perform"],
            .multi_poll = library["curl_multi_poll"],
            .multi_remove_handle = library["curl_multi_remove_handle"],
            .share_cleanup = library["curl_share_cleanup"],
            .share_init = library["curl_share_init"],
            .share_setopt = library["curl_share_setopt"],
            .slist_append = library["curl_slist_append"],
            .slist_free_all = library["curl_slist_free_all"],
            .url = library["curl_url"],
            .url_cleanup = library["curl_url_cleanup"],
            .url_get = library["curl_url_get"],
            .url_set = library["curl_url_set"]};
}

}  // namespace

const CurlLibrary& curl() {
    static const CurlLibrary library = load();
    return library;
}

}  // namespace ktrain::kube
