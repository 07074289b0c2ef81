// Where in an object the values of a rule are taken from, and how large they are there.
#pragma once

#include <string>

#include "core/cel/escape.h"
#include "core/cel/size.h"
#include "core/cel/typing.h"

namespace ktrain::cel {

// Where in the object a value is taken from, as the server follows it: from the object on, also where the value is not
// of the object but an item of a list that the rule makes.
struct Path {
    enum class At { nowhere, schema, key, lost };
    At at = At::nowhere;
    SchemaId schema = 0;
};

class Paths {
public:
    Paths(const Typing& typing, SchemaId self) : typing_(typing), self_(self) {}

    Path self() const { return {Path::At::schema, self_}; }

    MaybeSize size_at(const Path& path) const {
        if (path.at == Path::At::key) return Size{};
        return path.at == Path::At::schema ? MaybeSize(Size{0, typing_.most(path.schema)}) : std::nullopt;
    }

    Path item_of(const Path& path) const {
        if (path.at == Path::At::nowhere) return self();
        if (path.at != Path::At::schema) return {Path::At::lost};
        return found(typing_.of(path.schema).as == As::map ? typing_.member(path.schema, "")
                                                           : typing_.item(path.schema));
    }

    Path key_of(const Path& path) const {
        if (path.at == Path::At::nowhere) return self();
        const bool map = path.at == Path::At::schema && typing_.of(path.schema).as == As::map;
        return {map ? Path::At::key : Path::At::lost};
    }

    Path field_of(Path path, const std::string& written) const {
        if (path.at == Path::At::nowhere) return self();
        if (path.at != Path::At::schema || typing_.of(path.schema).as != As::object) return {Path::At::lost};
        const std::optional<std::string> name = unescape(written);
        return found(name ? typing_.member(path.schema, *name) : std::nullopt);
    }

private:
    static Path found(std::optional<SchemaId> schema) {
        return schema ? Path{Path::At::schema, *schema} : Path{Path::At::lost};
    }

    const Typing& typing_;
    SchemaId self_;
};

}  // namespace ktrain::cel
