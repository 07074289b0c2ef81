// The values of the rule language: their types and how they are made.
#include "core/cel/value.h"

#include "core/base/yaml.h"

namespace ktrain::cel {
namespace {

// By the number of the type.
constexpr std::array<std::string_view, 25> names{"null_type",
                                                 "bool",
                                                 "int",
                                                 "uint",
                                                 "double",
                                                 "string",
                                                 "bytes",
                                                 "list",
                                                 "map",
                                                 "google.protobuf.Duration",
                                                 "google.protobuf.Timestamp",
                                                 "type",
                                                 "optional_type",
                                                 "kubernetes.Quantity",
                                                 "kubernetes.URL",
                                                 "net.IP",
                                                 "net.CIDR",
                                                 "kubernetes.Semver",
                                                 "kubernetes.NamedFormat",
                                                 "error",
                                                 "kubernetes.authorization.Authorizer",
                                                 "kubernetes.authorization.PathCheck",
                                                 "kubernetes.authorization.GroupCheck",
                                                 "kubernetes.authorization.ResourceCheck",
                                                 "kubernetes.authorization.Decision"};
constexpr std::size_t tree_index = 9;  // of Value::Data
static_assert(std::is_same_v<std::variant_alternative_t<tree_index, Value::Data>, Tree>);

}  // namespace

std::string_view name_of(Type type) {
    return names[static_cast<std::size_t>(type)];
}

Type Value::type() const {
    const std::size_t index = data_.index();
    if (index < tree_index) return static_cast<Type>(index);
    if (index > tree_index) return static_cast<Type>(index - 1);
    return std::get<Tree>(data_).node->kind == yaml::Kind::sequence ? Type::list : Type::map;
}

std::string_view Value::text() const {
    const Text* text = as<Text>();
    return text ? text->view : std::string_view();
}

std::string_view Value::bytes() const {
    const Bytes* bytes = as<Bytes>();
    return bytes ? bytes->data.view : std::string_view();
}

Value fail(std::string text) {
    return std::make_shared<Failure>(Failure{std::move(text)});
}

static Text owned(std::string text) {
    auto owner = std::make_shared<const std::string>(std::move(text));
    return {*owner, owner};
}

Value string_value(std::string text) {
    return owned(std::move(text));
}

Value bytes_value(std::string data) {
    return Bytes{owned(std::move(data))};
}

Value list_value(Values items) {
    return std::make_shared<const Values>(std::move(items));
}

Value some(Value value) {
    return Optional{std::make_shared<const Value>(std::move(value))};
}

}  // namespace ktrain::cel
