# SPDX-License-Identifier: GPL-3.0-or-later
# What a portable build promises, as tests: its files ask for LibTorch, libc and the compiler's runtime alone, and
# they start beside a LibTorch that is only named to them. (The cached CPU flavour lacks libtorch.so: the shell that
# FindLibTorch.cmake makes stands in for it.)
if(LIMBECK_PORTABLE)
  add_test(NAME portable_needs_libtorch_alone COMMAND ${CMAKE_SOURCE_DIR}/scripts/check-portable.sh
    ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/limbeck-cli ${CMAKE_LIBRARY_OUTPUT_DIRECTORY}/liblimbeck_engine.so
    $<$<TARGET_EXISTS:limbeck_graph>:$<TARGET_FILE:limbeck_graph>>
    $<$<BOOL:${LIMBECK_BENCH}>:${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/bench_steps>)
  add_test(NAME portable_starts_with_a_named_libtorch COMMAND ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/limbeck-cli devices)
  set_tests_properties(portable_starts_with_a_named_libtorch PROPERTIES
    TIMEOUT 60 ENVIRONMENT "LD_LIBRARY_PATH=${CMAKE_BINARY_DIR}/torch-shell:${LibTorch_LIBRARY_DIR}")
endif()
