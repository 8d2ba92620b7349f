# SPDX-License-Identifier: GPL-3.0-or-later
#[[
Finds LibTorch 2.11: the PyPI wheel as scripts/fetch-libtorch.sh unpacks it, or an official LibTorch archive.
(find_package(Torch) of a CUDA wheel insists on a CUDA toolkit, which nothing here needs: there are no .cu files.)

Looked for, in this order:
  LIMBECK_LIBTORCH_DIR    the folder that holds include/ and lib/ ("…/torch", "…/libtorch")
  CMAKE_PREFIX_PATH       each entry, its parent, and the share/cmake/Torch folder inside of it
  the cache               ${XDG_CACHE_HOME:-~/.cache}/limbeck/libtorch-2.11.0-{cpu,cuda}/torch by LIMBECK_CUDA
Defines
  LibTorch::LibTorch      headers as SYSTEM, libraries of the flavour
  LibTorch_VERSION        2.11.x
  LibTorch_FLAVOUR        cpu | cuda
  LibTorch_ROOT_DIR, LibTorch_LIBRARY_DIR
  LibTorch_CUDA_INCLUDE_DIR   folder of cuda_runtime_api.h, empty where there is none: LIMBECK_CUDA_INCLUDE_DIR, beside
                              this LibTorch, in the cache beside that of the CUDA flavour, in a CUDA toolkit
]]

set(LIMBECK_LIBTORCH_SERIES 2.11)
set(LIMBECK_LIBTORCH_DIR "" CACHE PATH "Folder of a LibTorch 2.11 (holds include/ and lib/); empty: look for one")

set(LIMBECK_CUDA_INCLUDE_DIR "" CACHE PATH "Folder of CUDA's cuda_runtime_api.h; empty: look for one")

if(LIMBECK_CUDA)
  set(_flavour cuda)
else()
  set(_flavour cpu)
endif()
if(DEFINED ENV{XDG_CACHE_HOME} AND NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
  set(_cache "$ENV{XDG_CACHE_HOME}")
else()
  set(_cache "$ENV{HOME}/.cache")
endif()
set(_cached "${_cache}/limbeck/libtorch-2.11.0-${_flavour}/torch")

# A person's own LibTorch goes before the cache, and one that is named is the only one that is tried.
set(_tried "")
if(LIMBECK_LIBTORCH_DIR)
  set(_candidates "${LIMBECK_LIBTORCH_DIR}" "${LIMBECK_LIBTORCH_DIR}/torch")
else()
  set(_candidates "")
  set(_prefixes ${CMAKE_PREFIX_PATH})
  if(DEFINED ENV{CMAKE_PREFIX_PATH})
    string(REPLACE ":" ";" _env_prefixes "$ENV{CMAKE_PREFIX_PATH}")
    list(APPEND _prefixes ${_env_prefixes})
  endif()
  foreach(_prefix IN LISTS _prefixes)
    list(APPEND _candidates "${_prefix}" "${_prefix}/torch" "${_prefix}/libtorch" "${_prefix}/../../..")
  endforeach()
  list(APPEND _candidates "${_cached}")
endif()

unset(LibTorch_ROOT_DIR)
foreach(_candidate IN LISTS _candidates)
  list(APPEND _tried "${_candidate}")
  if(EXISTS "${_candidate}/lib/libtorch_cpu.so"
     AND EXISTS "${_candidate}/include/torch/csrc/api/include/torch/torch.h")
    get_filename_component(LibTorch_ROOT_DIR "${_candidate}" REALPATH)
    break()
  endif()
endforeach()

if(NOT LibTorch_ROOT_DIR)
  list(JOIN _tried "\n  " _tried_lines)
  string(CONCAT LibTorch_REASON
    "LibTorch ${LIMBECK_LIBTORCH_SERIES} was not found. Looked for lib/libtorch_cpu.so and the C++ headers in\n"
    "  ${_tried_lines}\nRun scripts/fetch-libtorch.sh --${_flavour}, or give an unpacked LibTorch with "
    "-DCMAKE_PREFIX_PATH=/path/to/libtorch.")
else()
  set(LibTorch_INCLUDE_DIR "${LibTorch_ROOT_DIR}/include")
  set(LibTorch_LIBRARY_DIR "${LibTorch_ROOT_DIR}/lib")
  set(LibTorch_VERSION "unknown")
  foreach(_header torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
    if(EXISTS "${LibTorch_INCLUDE_DIR}/${_header}")
      file(STRINGS "${LibTorch_INCLUDE_DIR}/${_header}" _lines REGEX "#define TORCH_VERSION_(MAJOR|MINOR|PATCH) +[0-9]+")
      string(REGEX REPLACE "[^0-9;]" "" _numbers "${_lines}")
      list(LENGTH _numbers _length)
      if(_length EQUAL 3)
        list(JOIN _numbers "." LibTorch_VERSION)
        break()
      endif()
    endif()
  endforeach()
  if(NOT LibTorch_VERSION MATCHES "^2\\.11\\.")
    message(FATAL_ERROR "Limbeck is built against LibTorch ${LIMBECK_LIBTORCH_SERIES} (its C++ interface changes from "
      "version to version); found ${LibTorch_VERSION} in ${LibTorch_ROOT_DIR}. Run scripts/fetch-libtorch.sh, or "
      "give a LibTorch ${LIMBECK_LIBTORCH_SERIES} with -DCMAKE_PREFIX_PATH=/path/to/libtorch.")
  endif()
  if(EXISTS "${LibTorch_LIBRARY_DIR}/libtorch_cuda.so")
    set(LibTorch_FLAVOUR cuda)
  else()
    set(LibTorch_FLAVOUR cpu)
  endif()
endif()

unset(LibTorch_CUDA_INCLUDE_DIR)
foreach(_candidate "${LIMBECK_CUDA_INCLUDE_DIR}" "${LibTorch_ROOT_DIR}/../nvidia/cu13/include"
        "${_cache}/limbeck/libtorch-2.11.0-cuda/nvidia/cu13/include" "/usr/local/cuda/include")
  if(EXISTS "${_candidate}/cuda_runtime_api.h")
    get_filename_component(LibTorch_CUDA_INCLUDE_DIR "${_candidate}" REALPATH)
    break()
  endif()
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_ROOT_DIR LibTorch_INCLUDE_DIR LibTorch_LIBRARY_DIR
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "${LibTorch_REASON}")

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED GLOBAL)
  set_target_properties(LibTorch::LibTorch PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${LibTorch_INCLUDE_DIR};${LibTorch_INCLUDE_DIR}/torch/csrc/api/include"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES
      "${LibTorch_INCLUDE_DIR};${LibTorch_INCLUDE_DIR}/torch/csrc/api/include"
    # The libraries are built with NDEBUG, and some of torch's classes have a member more without it.
    INTERFACE_COMPILE_DEFINITIONS "$<$<CONFIG:Debug>:NDEBUG>"
    INTERFACE_LINK_DIRECTORIES "${LibTorch_LIBRARY_DIR}")
  # Full paths: the linker must not take another torch that lies in its search path. libtorch.so is an empty shell
  # that pulls in the others, in the wheel libtorch_cuda.so too, so nothing is linked against it but a portable build.
  set(_libraries "${LibTorch_LIBRARY_DIR}/libtorch_cpu.so" "${LibTorch_LIBRARY_DIR}/libc10.so")
  if(LibTorch_FLAVOUR STREQUAL "cuda" AND NOT LIMBECK_PORTABLE)
    # Nothing refers to a symbol of libtorch_cuda: it registers its kernels when it is loaded. With --as-needed, the
    # default of some linkers, it would be dropped and CUDA would read as "not available".
    list(APPEND _libraries "-Wl,--push-state,--no-as-needed" "${LibTorch_LIBRARY_DIR}/libtorch_cuda.so"
         "${LibTorch_LIBRARY_DIR}/libc10_cuda.so" "-Wl,--pop-state")
  endif()
  if(LIMBECK_PORTABLE)
    # A portable engine is built beside any flavour and runs with any: it names libtorch.so, which pulls in
    # libtorch_cuda.so where there is one. What it is linked against here is a shell of our own, since the real one
    # can lack (CPU cache) or demand (wheel) the CUDA half.
    file(WRITE "${CMAKE_BINARY_DIR}/torch-shell/shell.c" "void limbeck_torch_shell(void) {}\n")
    add_library(limbeck_torch_shell SHARED "${CMAKE_BINARY_DIR}/torch-shell/shell.c")
    set_target_properties(limbeck_torch_shell PROPERTIES
      OUTPUT_NAME torch LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/torch-shell")
    list(APPEND _libraries "-Wl,--push-state,--no-as-needed" limbeck_torch_shell "-Wl,--pop-state")
  endif()
  # LibTorch's own libraries find each other by relative RPATH; the linker would look for them here and now.
  list(APPEND _libraries "-Wl,--allow-shlib-undefined")
  set_property(TARGET LibTorch::LibTorch PROPERTY INTERFACE_LINK_LIBRARIES "${_libraries}")
endif()
