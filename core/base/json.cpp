// Strict JSON with line and column: a SAX handler that builds the value and refuses what nlohmann/json lets through.
#include "core/base/json.h"

#include <algorithm>
#include <unordered_set>

#include "core/base/error.h"

namespace ktrain {
namespace {

constexpr std::size_t max_depth = 256;

// Walks over the text and tells through `read` how far the lexer has come.
class Cursor {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    Cursor(const char* at, const char** read) : at_(at), read_(read) {}
    reference operator*() const { return *at_; }
    Cursor& operator++() {
        *read_ = ++at_;
        return *this;
    }
    Cursor operator++(int) {
        Cursor before = *this;
        ++*this;
        return before;
    }
    bool operator==(const Cursor& other) const { return at_ == other.at_; }
    bool operator!=(const Cursor& other) const { return at_ != other.at_; }

private:
    const char* at_;
    const char** read_;
};

class Builder {
public:
    using number_integer_t = Json::number_integer_t;
    using number_unsigned_t = Json::number_unsigned_t;
    using number_float_t = Json::number_float_t;
    using string_t = Json::string_t;
    using binary_t = Json::binary_t;

    Builder(std::string_view text, const std::string& file) : read(text.data()), text_(text), file_(file) {}

    Json result;
    const char* read;  // where the lexer stands

    bool null() { return add(nullptr); }
    bool boolean(bool value) { return add(value); }
    bool number_integer(number_integer_t value) { return add(value); }
    bool number_unsigned(number_unsigned_t value) { return add(value); }
    bool number_float(number_float_t value, const string_t&) { return add(value); }
    bool string(string_t& value) { return add(std::move(value)); }
    bool binary(binary_t&) { return false; }  // no JSON text has it
    bool start_object(std::size_t) { return open(Json::object()); }
    bool start_array(std::size_t) { return open(Json::array()); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }

    bool key(string_t& name) {
        if (!frames_.back().keys.insert(name).second)
            fail("the key '" + name + "' is given twice", "keep one of the two");
        frames_.back().key = std::move(name);
        return true;
    }

    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) {
        read = text_.data() + std::min(position, text_.size());
        std::string_view message = error.what();  // "[json.exception...] parse error at line 1, column 2: ... - why"
        message.remove_prefix(std::min(message.find("] ") + 2, message.size()));
        std::size_t colon = message.starts_with("parse error") ? message.find(": ") : std::string_view::npos;
        if (colon != std::string_view::npos) message.remove_prefix(colon + 2);
        fail(text_.find_first_not_of(" \t\r\n") == std::string_view::npos ? "the JSON text is empty"
                                                                          : std::string(message));
    }

private:
    struct Frame {
        Json* value;
        std::string key;
        std::unordered_set<std::string> keys;
    };

    bool open(Json value) {
        if (frames_.size() >= max_depth) fail("nested deeper than " + std::to_string(max_depth) + " levels");
        Json* place = put(std::move(value));
        frames_.push_back({place, "", {}});
        return true;
    }

    bool close() {
        frames_.pop_back();
        return true;
    }

    bool add(Json value) {
        put(std::move(value));
        return true;
    }

    // Keys are known to be new, so the vector below the ordered map is filled without its linear search.
    Json* put(Json value) {
        if (frames_.empty()) {
            result = std::move(value);
            return &result;
        }
        Frame& frame = frames_.back();
        if (frame.value->is_array()) return &frame.value->emplace_back(std::move(value));
        Json::object_t::Container& members = frame.value->get_ref<Json::object_t&>();
        return &members.emplace_back(std::move(frame.key), std::move(value)).second;
    }

    [[noreturn]] void fail(std::string message, std::string hint = "") const {
        const char* last = read > text_.data() ? read - 1 : read;  // the character that the lexer took last
        int line = 1 + static_cast<int>(std::count(text_.data(), last, '\n'));
        const char* begin = last;
        while (begin > text_.data() && begin[-1] != '\n') --begin;
        throw Error(ErrorKind::input, std::move(message), {file_, line, static_cast<int>(last - begin) + 1, ""},
                    std::move(hint));
    }

    std::string_view text_;
    const std::string& file_;
    std::vector<Frame> frames_;
};

}  // namespace

Json parse_json(std::string_view text, const std::string& file) {
    Builder builder(text, file);
    Cursor begin(text.data(), &builder.read);
    Cursor end(text.data() + text.size(), &builder.read);
    Json::sax_parse(begin, end, &builder);
    return std::move(builder.result);
}

std::string to_pretty(const Json& value) {
    return value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string string_or(const Json& object, std::string_view key, std::string_view fallback) {
    if (object.is_object()) {
        auto member = object.find(key);
        if (member != object.end() && member->is_string()) return member->get<std::string>();
    }
    return std::string(fallback);
}

const Json& at_path(const Json& object, std::initializer_list<std::string_view> keys) {
    static const Json missing;
    const Json* at = &object;
    for (std::string_view key : keys) {
        if (!at->is_object()) return missing;
        auto member = at->find(key);
        if (member == at->end()) return missing;
        at = &*member;
    }
    return *at;
}

}  // namespace ktrain
