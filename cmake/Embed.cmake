# Turns every file under templates/ into a string of the program, looked up by core/base/embedded.h; but for schemas/,
# which becomes a table: see pack_schemas().
function(embed_templates output)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}/templates" "${CMAKE_SOURCE_DIR}/templates/*")
  list(FILTER files EXCLUDE REGEX "^schemas/")
  list(SORT files)
  set(source "${CMAKE_BINARY_DIR}/embedded.cpp")
  list(TRANSFORM files PREPEND "${CMAKE_SOURCE_DIR}/templates/" OUTPUT_VARIABLE inputs)
  add_custom_command(OUTPUT "${source}"
    COMMAND "${CMAKE_COMMAND}" -DROOT=${CMAKE_SOURCE_DIR}/templates -DOUTPUT=${source} "-DFILES=${files}"
            -P "${CMAKE_SOURCE_DIR}/cmake/EmbedFiles.cmake"
    DEPENDS ${inputs} "${CMAKE_SOURCE_DIR}/cmake/EmbedFiles.cmake" VERBATIM)
  set(${output} "${source}" PARENT_SCOPE)
endfunction()

# Packs templates/schemas/ into the read-only table of core/lint/schema_table.h.
function(pack_schemas output)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  file(GLOB inputs CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/templates/schemas/*.txt" "${CMAKE_SOURCE_DIR}/scripts/schema/*.py")
  set(source "${CMAKE_BINARY_DIR}/schemas.cpp")
  add_custom_command(OUTPUT "${source}"
    COMMAND "${Python3_EXECUTABLE}" -B "${CMAKE_SOURCE_DIR}/scripts/schema/pack.py" "${CMAKE_SOURCE_DIR}/templates/schemas" "${source}"
    DEPENDS ${inputs} VERBATIM)
  set(${output} "${source}" PARENT_SCOPE)
endfunction()
