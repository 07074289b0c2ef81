# Turns every file under templates/ into a string of the program, looked up by core/base/embedded.h.
function(embed_templates output)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}/templates" "${CMAKE_SOURCE_DIR}/templates/*")
  list(SORT files)
  set(source "${CMAKE_BINARY_DIR}/embedded.cpp")
  list(TRANSFORM files PREPEND "${CMAKE_SOURCE_DIR}/templates/" OUTPUT_VARIABLE inputs)
  add_custom_command(OUTPUT "${source}"
    COMMAND "${CMAKE_COMMAND}" -DROOT=${CMAKE_SOURCE_DIR}/templates -DOUTPUT=${source} "-DFILES=${files}"
            -P "${CMAKE_SOURCE_DIR}/cmake/EmbedFiles.cmake"
    DEPENDS ${inputs} "${CMAKE_SOURCE_DIR}/cmake/EmbedFiles.cmake" VERBATIM)
  set(${output} "${source}" PARENT_SCOPE)
endfunction()
