# The Rust library of trainer/text as the target ktrain_text_rust. It lies in the cache of scripts/setup, named by the
# hash of all that it is made of, so that only the first clone on a machine waits for cargo.
find_program(CARGO cargo DOC "builds the Rust library of trainer/text")
if(NOT CARGO)
  message(FATAL_ERROR "there is no cargo; run scripts/setup, or configure with -DKTRAIN_TRAINER=OFF")
endif()
file(GLOB _sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/trainer/text/rust/*.rs"
  "${CMAKE_SOURCE_DIR}/trainer/text/rust/Cargo.*")
set(_hashes "${CMAKE_SYSTEM_PROCESSOR}")
foreach(_file IN LISTS _sources)
  file(SHA256 "${_file}" _hash)
  string(APPEND _hashes "${_hash}")
endforeach()
string(SHA256 _hash "${_hashes}")
string(SUBSTRING "${_hash}" 0 16 _hash)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${_sources})
set(_library "${CMAKE_BINARY_DIR}/lib/libktrain_text.a")
add_custom_command(OUTPUT "${_library}"
  COMMAND "${CMAKE_COMMAND}" "-DCARGO=${CARGO}" "-DSOURCE=${CMAKE_SOURCE_DIR}/trainer/text/rust" "-DCACHE=${KTRAIN_CACHE}"
          "-DKEPT=${KTRAIN_CACHE}/text-${_hash}.a" "-DOUTPUT=${_library}"
          -P "${CMAKE_SOURCE_DIR}/cmake/BuildText.cmake"
  DEPENDS ${_sources} "${CMAKE_SOURCE_DIR}/cmake/BuildText.cmake" VERBATIM)
add_custom_target(ktrain_text_build DEPENDS "${_library}")
add_library(ktrain_text_rust STATIC IMPORTED GLOBAL)
set_target_properties(ktrain_text_rust PROPERTIES IMPORTED_LOCATION "${_library}")
add_dependencies(ktrain_text_rust ktrain_text_build)
# Its functions stay inside what links it: libtorch may bring another onig or Rust along.
target_link_options(ktrain_text_rust INTERFACE LINKER:--exclude-libs,libktrain_text.a)
target_link_libraries(ktrain_text_rust INTERFACE ${CMAKE_DL_LIBS} m)
