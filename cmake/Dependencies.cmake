# The libraries we use: from the system, and libtorch from the cache that scripts/setup fills.
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Threads REQUIRED)
target_link_libraries(ktrain_options INTERFACE nlohmann_json::nlohmann_json Threads::Threads)

if(KTRAIN_TRAINER OR KTRAIN_TESTS)
  find_package(ZLIB REQUIRED) # IDX files are often gzipped
endif()
if(KTRAIN_TRAINER)
  # The same place as scripts/setup: named by the hash of the lock file, so a new lock never meets old libraries.
  file(SHA256 "${CMAKE_SOURCE_DIR}/scripts/deps-cpu.lock" _lock)
  string(SUBSTRING "${_lock}" 0 16 _lock)
  if(DEFINED ENV{KTRAIN_CACHE})
    set(KTRAIN_CACHE "$ENV{KTRAIN_CACHE}")
  elseif(DEFINED ENV{XDG_CACHE_HOME})
    set(KTRAIN_CACHE "$ENV{XDG_CACHE_HOME}/ktrain")
  else()
    set(KTRAIN_CACHE "$ENV{HOME}/.cache/ktrain")
  endif()
  set(KTRAIN_DEPS "${KTRAIN_CACHE}/deps-${_lock}" CACHE PATH "the unpacked libtorch wheels")
  set(_torch "${KTRAIN_DEPS}/torch")
  if(NOT EXISTS "${_torch}/lib/libtorch_cpu.so")
    message(FATAL_ERROR "libtorch is not in ${KTRAIN_DEPS}; run scripts/setup, or configure with -DKTRAIN_TRAINER=OFF")
  endif()
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
endif()
