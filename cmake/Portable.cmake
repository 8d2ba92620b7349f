# SPDX-License-Identifier: GPL-3.0-or-later
# What a portable build promises, as a test: its two files ask for LibTorch, libc and the compiler's runtime alone.
if(LIMBECK_PORTABLE)
  add_test(NAME portable_needs_libtorch_alone COMMAND ${CMAKE_SOURCE_DIR}/scripts/check-portable.sh
    ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/limbeck-cli ${CMAKE_LIBRARY_OUTPUT_DIRECTORY}/liblimbeck_engine.so)
endif()
