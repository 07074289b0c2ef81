# Run by Embed.cmake: writes OUTPUT, a C++ table of the names and contents of FILES under ROOT.
set(rows "")
foreach(name IN LISTS FILES)
  file(READ "${ROOT}/${name}" hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${hex}")
  # String literals of at most 4,000 bytes each, joined by the compiler.
  string(REGEX REPLACE "(................................................................................)" "\\1\"\n\"" bytes "${bytes}")
  string(LENGTH "${hex}" size)
  math(EXPR size "${size} / 2")
  string(APPEND rows "    {\"${name}\", std::string_view(\"${bytes}\", ${size})},\n")
endforeach()
file(WRITE "${OUTPUT}.new" "// Made by cmake/EmbedFiles.cmake from templates/.
#include \"core/base/embedded.h\"

namespace ktrain {
static constexpr EmbeddedFile table[] = {
${rows}};
std::span<const EmbeddedFile> embedded_files() { return table; }
}  // namespace ktrain
")
file(RENAME "${OUTPUT}.new" "${OUTPUT}")
