# SPDX-License-Identifier: GPL-3.0-or-later
# What a person may choose at configure time, and `limbeck_options`: the interface target that every target of
# the project links for its warnings, sanitizers and the include root (includes are relative to the root).

option(LIMBECK_GUI "Build the window (needs Qt 6 and QCustomPlot)" ON)
option(LIMBECK_ENGINE "Build the engine (needs LibTorch)" ON)
option(LIMBECK_TESTS "Build the tests" ON)
option(LIMBECK_BENCH "Build the measurements of bench/" OFF)
option(LIMBECK_FUZZ "Build the fuzzers of tests/fuzz/ (needs clang)" OFF)
option(LIMBECK_WERROR "Treat warnings as errors" OFF)
option(LIMBECK_PORTABLE "Link all but LibTorch, libc and the compiler's runtime statically" OFF)
option(LIMBECK_CUDA "Take the CUDA flavour of LibTorch" OFF)
option(LIMBECK_CCACHE "Compile through ccache when it is there" ON)
set(LIMBECK_SANITIZE "" CACHE STRING "Sanitizers: empty, address,undefined or thread")
set_property(CACHE LIMBECK_SANITIZE PROPERTY STRINGS "" "address,undefined" "thread")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# The static libraries go into the shared engine too. Hidden by default: what the engine shows to those who load it
# is its factory function, and two copies of limbeck_core (program and engine) never mix.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, RelWithDebInfo or Debug" FORCE)
endif()

# Programs look for the engine in their own folder and in ../lib, in the build tree as in an installed one.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

if(LIMBECK_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(LIMBECK_CCACHE_PROGRAM ccache)
  if(LIMBECK_CCACHE_PROGRAM)
    # Without these, ccache passes by everything that uses the precompiled torch header, which is what costs most.
    # base_dir: clones in different folders share what they compile.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${LIMBECK_CCACHE_PROGRAM})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
    endif()
  endif()
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12)
  message(FATAL_ERROR "Limbeck needs g++ 12 or newer (C++20); found ${CMAKE_CXX_COMPILER} "
                      "${CMAKE_CXX_COMPILER_VERSION}. Install g++-12 and configure with CXX=g++-12.")
elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  message(FATAL_ERROR "Limbeck needs clang 14 or newer (C++20); found ${CMAKE_CXX_COMPILER} "
                      "${CMAKE_CXX_COMPILER_VERSION}. Install clang-14 or g++-12 and configure with CXX=g++-12.")
endif()

add_library(limbeck_options INTERFACE)
target_include_directories(limbeck_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_features(limbeck_options INTERFACE cxx_std_20)
target_compile_options(limbeck_options INTERFACE -Wall -Wextra -Wpedantic)
# g++ 12 takes `"text" + std::string` for overlapping memory (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(limbeck_options INTERFACE -Wno-restrict)
endif()
if(LIMBECK_WERROR)
  target_compile_options(limbeck_options INTERFACE -Werror)
endif()
if(LIMBECK_SANITIZE)
  target_compile_options(limbeck_options INTERFACE
    -fsanitize=${LIMBECK_SANITIZE} -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(limbeck_options INTERFACE -fsanitize=${LIMBECK_SANITIZE})
endif()
if(LIMBECK_FUZZ)
  target_compile_options(limbeck_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(LIMBECK_PORTABLE)
  # The static libraries come from Dependencies.cmake. libstdc++ and libgcc_s stay dynamic: LibTorch brings them in
  # anyway, and an exception that passes between two copies of them ends the program. RUNPATH, not RPATH, so that
  # LD_LIBRARY_PATH goes first; the folders named are the program's own and those of a LibTorch put beside it.
  set(CMAKE_BUILD_WITH_INSTALL_RPATH ON)
  set(CMAKE_INSTALL_RPATH "$ORIGIN:$ORIGIN/../lib:$ORIGIN/torch/lib:$ORIGIN/../torch/lib:$ORIGIN/libtorch/lib:$ORIGIN/../libtorch/lib")
  add_link_options(-Wl,--enable-new-dtags)
endif()
