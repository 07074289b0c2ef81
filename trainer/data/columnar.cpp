// Loading of ktrain_columnar.so and calls through its C interface.
#include "trainer/data/columnar.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <climits>
#include <filesystem>

#include "core/base/error.h"
#include "trainer/data/columnar/api.h"

namespace ktrain::trainer {
namespace {

// The folder of the library or program that this function is in.
std::filesystem::path own_folder() {
    Dl_info info{};
    if (::dladdr(reinterpret_cast<const void*>(&own_folder), &info) == 0 || info.dli_fname == nullptr) return {};
    std::error_code code;
    return std::filesystem::canonical(info.dli_fname, code).parent_path();
}

[[noreturn]] void no_reader(const std::string& why) {
    throw Error(ErrorKind::not_found, "Arrow and Parquet files cannot be read here: " + why, {},
                "install ktrain_columnar.so beside ktrain_trainer.so, or convert the data to JSON lines");
}

const ktrain_columnar_api& load() {
    const auto folder = own_folder();
    const std::array<std::filesystem::path, 2> places{folder / "ktrain_columnar.so",
                                                      folder.parent_path() / "lib/ktrain/ktrain_columnar.so"};
    const auto path = std::ranges::find_if(places, [](const auto& place) {
        std::error_code code;
        return place.is_absolute() && std::filesystem::exists(place, code);
    });
    if (path == places.end()) no_reader("there is no " + places[0].string());
    void* const library = ::dlopen(path->c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) no_reader(::dlerror());
    const auto entry = reinterpret_cast<ktrain_columnar_entry>(::dlsym(library, KTRAIN_COLUMNAR_ENTRY));
    if (entry == nullptr || entry()->version != KTRAIN_COLUMNAR_API_VERSION)
        no_reader(path->string() + " is of another release");
    return *entry();
}

class ColumnarRows final : public Rows {
public:
    explicit ColumnarRows(std::string path) : path_(std::move(path)) {
        static const ktrain_columnar_api& loaded = load();  // again after a failure
        api_ = &loaded;
        const char* error = nullptr;
        table_ = api_->open(path_.c_str(), &error);
        if (table_ == nullptr) fail(error, {path_, 0, 0, ""});
    }
    ~ColumnarRows() override { api_->close(table_); }

    std::uint64_t size() const override { return api_->rows(table_); }
    Json read(std::uint64_t index) const override {
        const char* error = nullptr;
        const std::unique_ptr<const char, void (*)(const char*)> text(api_->read(table_, index, &error), api_->release);
        if (!text) fail(error, place(index));
        try {
            return parse_json(text.get(), path_);
        } catch (Error& wrong) {
            wrong.where = place(index);
            throw;
        }
    }
    Place place(std::uint64_t index) const override {
        return {path_, static_cast<int>(std::min<std::uint64_t>(index + 1, INT_MAX)), 0, ""};
    }

private:
    [[noreturn]] void fail(const char* error, const Place& where) const {
        const std::string message = error == nullptr ? "it failed without a message" : error;
        api_->release(error);
        throw Error(ErrorKind::input, fmt::format("cannot read {}: {}", path_, message), where,
                    "check that it is an Arrow or Parquet file, and complete");
    }

    std::string path_;
    const ktrain_columnar_api* api_;
    void* table_ = nullptr;
};

}  // namespace

std::unique_ptr<Rows> open_columnar(const std::string& path) {
    return std::make_unique<ColumnarRows>(path);
}

}  // namespace ktrain::trainer
