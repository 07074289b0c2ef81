# Language level, warnings, compiler cache and the layout of the build folder.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
include(GNUInstallDirs)
set(CMAKE_INSTALL_LIBDIR lib) # the program finds its module at ../lib/ktrain, on every distribution

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Paths in the tree are taken relative to it, so that a clone in another folder compiles nothing twice.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1 "${CCACHE}")
endif()

set(KTRAIN_SANITIZE "" CACHE STRING "sanitizers to build with, as in -fsanitize=")

add_library(ktrain_options INTERFACE)
target_include_directories(ktrain_options INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_options(ktrain_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
  -Wno-missing-field-initializers) # designated initializers leave defaults alone on purpose
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(ktrain_options INTERFACE -Wno-restrict) # GCC 12 warns of std::string's own operator+
endif()
if(KTRAIN_SANITIZE)
  add_compile_options(-fsanitize=${KTRAIN_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${KTRAIN_SANITIZE})
endif()
