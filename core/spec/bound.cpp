// Turns the typed field tables into bound fields and finds one by its path.
#include "core/spec/bound.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/place.h"
#include "core/spec/fields.h"

namespace ktrain::spec {
namespace {

template <class T>
concept Listed = requires(T& self) {
    Fields<T>::list(self, [](const Field&, auto&) {});
};

template <class T>
Group bind_group(T& self);

template <class T>
class RecordsOf final : public Records {
public:
    explicit RecordsOf(std::vector<T>& items) : items_(items) {}
    std::size_t size() const override { return items_.size(); }
    void resize(std::size_t size) override { items_.resize(size); }
    Group at(std::size_t index) override { return bind_group(items_.at(index)); }
    Group blank() override {
        blank_ = T{};
        return bind_group(blank_);
    }

private:
    std::vector<T>& items_;
    T blank_;
};

struct Binder {
    Group group;

    template <class Member>
    void operator()(const Field& field, Member& member) {
        if constexpr (Listed<Member>)
            group.push_back({field, bind_group(member)});
        else if constexpr (requires { requires Listed<typename Member::value_type>; })
            group.push_back({field, std::make_shared<RecordsOf<typename Member::value_type>>(member)});
        else
            group.push_back({field, &member});
    }
};

template <class T>
Group bind_group(T& self) {
    Binder binder;
    Fields<T>::list(self, binder);
    return std::move(binder.group);
}

// cluster.quota["requests.cpu"], as problems write it, is cluster.quota.requests.cpu.
std::string map_key(std::string_view rest) {
    if (rest.starts_with("[\"") && rest.ends_with("\"]") && rest.size() >= 4)
        return std::string(rest.substr(2, rest.size() - 4));
    if (rest.starts_with(".")) rest.remove_prefix(1);
    return std::string(rest);
}

// Cuts "[3]" or "[]" from the start of `rest`; false when what is there is no index.
bool take_index(std::string_view& rest, std::optional<std::size_t>& index) {
    if (!rest.starts_with('[')) return true;
    const std::size_t close = rest.find(']');
    if (close == std::string_view::npos) return false;
    const std::string_view digits = rest.substr(1, close - 1);
    rest.remove_prefix(close + 1);
    if (digits.empty()) return true;
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), number);
    index = number;
    return error == std::errc{} && end == digits.end();
}

Found find_in(const Group& group, std::string_view path, const PickRecord& pick, const std::string& base) {
    const std::size_t end = std::min(path.find_first_of(".["), path.size());
    const std::string_view name = path.substr(0, end);
    std::string_view rest = path.substr(end);
    const Found missing{.field = {}, .path = base, .rest = std::string(path), .siblings = group};
    const auto hit =
        std::find_if(group.begin(), group.end(), [&](const Bound& bound) { return bound.field.name == name; });
    if (hit == group.end()) return missing;
    const std::string full = join_path(base, std::string(name));
    if (rest.empty() || hit->map()) return {.field = *hit, .path = full, .rest = map_key(rest), .siblings = group};
    if (hit->group()) return rest.front() == '.' ? find_in(*hit->group(), rest.substr(1), pick, full) : missing;
    if (!hit->records()) return missing;
    std::optional<std::size_t> index;
    if (!take_index(rest, index)) return missing;
    const std::optional<Group> record = pick(*hit->records(), index);
    if (!record) return missing;
    const std::string item = index ? join_path(full, *index) : full + "[]";
    if (rest.empty()) return {.field = Bound{hit->field, *record}, .path = item, .rest = "", .siblings = group};
    return rest.front() == '.' ? find_in(*record, rest.substr(1), pick, item) : missing;
}

}  // namespace

bool Bound::empty() const {
    return std::visit(
        [](const auto& held) {
            if constexpr (requires { held->empty(); })
                return held->empty();
            else if constexpr (requires { held->size(); })
                return held->size() == 0;
            else
                return false;
        },
        value);
}

Group bind(TrainingSpec& spec) {
    return bind_group(spec);
}

std::string_view type_name(const Value& value) {
    constexpr std::array<std::string_view, std::variant_size_v<Value>> names{
        "text", "integer", "number", "boolean", "list of text", "list of numbers", "map", "group", "list of groups"};
    return names[value.index()];
}

Found find(const Group& root, std::string_view path, const PickRecord& pick) {
    return find_in(root, path, pick, "");
}

Found find(const Group& root, std::string_view path) {
    return find(root, path, [](Records& records, std::optional<std::size_t>) { return records.blank(); });
}

void each_field(const Group& group, const std::string& path,
                const std::function<void(const std::string&, const Bound&)>& visit) {
    for (const Bound& bound : group) {
        const std::string full = join_path(path, std::string(bound.field.name));
        visit(full, bound);
        if (bound.group()) each_field(*bound.group(), full, visit);
        if (bound.records()) each_field(bound.records()->blank(), full + "[]", visit);
    }
}

}  // namespace ktrain::spec
