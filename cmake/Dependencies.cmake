# The libraries we use: from the system, and libtorch and Arrow from the cache that scripts/setup fills.
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
find_package(CLI11 REQUIRED)
find_package(Threads REQUIRED)
# Linked statically where there is an archive: nothing more to load at start, nothing more to install beside ktrain.
# Debian's has no CMake package, and its pkg-config file asks for C++11.
find_library(RE2_LIBRARY NAMES libre2.a re2 REQUIRED)
target_link_libraries(ktrain_options INTERFACE nlohmann_json::nlohmann_json Threads::Threads)

if(KTRAIN_TRAINER OR KTRAIN_TESTS)
  find_package(ZLIB REQUIRED) # IDX files are often gzipped
endif()
if(KTRAIN_TRAINER)
  find_package(prometheus-cpp REQUIRED)
  # The same place as scripts/setup: named by the hash of the lock file, so a new lock never meets old libraries.
  if(DEFINED ENV{KTRAIN_CACHE})
    set(KTRAIN_CACHE "$ENV{KTRAIN_CACHE}")
  elseif(DEFINED ENV{XDG_CACHE_HOME})
    set(KTRAIN_CACHE "$ENV{XDG_CACHE_HOME}/ktrain")
  else()
    set(KTRAIN_CACHE "$ENV{HOME}/.cache/ktrain")
  endif()
  # unpacked_wheels(VARIABLE LOCK FILE): the folder with what the lock names, which holds the file.
  function(unpacked_wheels variable lock file)
    file(SHA256 "${CMAKE_SOURCE_DIR}/scripts/${lock}" hash)
    string(SUBSTRING "${hash}" 0 16 hash)
    set(${variable} "${KTRAIN_CACHE}/deps-${hash}" CACHE PATH "the unpacked wheels of scripts/${lock}")
    if(NOT EXISTS "${${variable}}/${file}")
      message(FATAL_ERROR "${${variable}} has no ${file}; run scripts/setup, or configure with -DKTRAIN_TRAINER=OFF")
    endif()
  endfunction()
  unpacked_wheels(KTRAIN_DEPS deps-cpu.lock torch/lib/libtorch_cpu.so)
  unpacked_wheels(KTRAIN_ARROW deps-arrow.lock pyarrow/libarrow.so.2600)
  set(_torch "${KTRAIN_DEPS}/torch")
  foreach(lib c10 torch_cpu)
    add_library(torch::${lib} SHARED IMPORTED)
    set_target_properties(torch::${lib} PROPERTIES
      IMPORTED_LOCATION "${_torch}/lib/lib${lib}.so"
      # Searched last: the wheel ships headers of a newer fmt than the one we link.
      INTERFACE_COMPILE_OPTIONS "SHELL:-idirafter ${_torch}/include;SHELL:-idirafter ${_torch}/include/torch/csrc/api/include")
  endforeach()
  set_property(TARGET torch::torch_cpu PROPERTY INTERFACE_LINK_LIBRARIES torch::c10)
  # ld looks for libtorch_cpu.so's own needs (cudart, cupti) when it links an executable.
  target_link_options(torch::torch_cpu INTERFACE
    "LINKER:-rpath-link,${KTRAIN_DEPS}/nvidia/cu13/lib:${_torch}/lib")
  foreach(lib arrow parquet)
    add_library(arrow::${lib} SHARED IMPORTED)
    set_target_properties(arrow::${lib} PROPERTIES
      IMPORTED_LOCATION "${KTRAIN_ARROW}/pyarrow/lib${lib}.so.2600"
      INTERFACE_INCLUDE_DIRECTORIES "${KTRAIN_ARROW}/pyarrow/include")
  endforeach()
  set_property(TARGET arrow::parquet PROPERTY INTERFACE_LINK_LIBRARIES arrow::arrow)
endif()
