# SPDX-License-Identifier: GPL-3.0-or-later
#[[
The rules of the house that a machine can keep.
  limbeck_header_check   every public header compiles alone; those of backend/ and app/cli/ with Qt's keywords
                         (slots, signals, emit) defined as rubbish, so that neither side can lean on the other
  house_rules            ctest: who may include what (scripts/check-rules.sh)
  house_rules_are_kept   ctest: that script notices each rule's breach
  house_rules_linkage    ctest: who is linked against what, of the programs that are built
]]

# One source file per header in the build folder, kept as it is where nothing changed.
function(_limbeck_header_sources result preamble)
  set(_sources "")
  foreach(_header IN LISTS ARGN)
    set(_source "${CMAKE_BINARY_DIR}/header-check/${_header}.cpp")
    file(CONFIGURE OUTPUT "${_source}" CONTENT "${preamble}#include \"${_header}\"\n" @ONLY)
    list(APPEND _sources "${_source}")
  endforeach()
  set(${result} ${_sources} PARENT_SCOPE)
endfunction()

file(GLOB_RECURSE _plain RELATIVE ${CMAKE_SOURCE_DIR} CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/backend/*.h ${CMAKE_SOURCE_DIR}/app/cli/*.h)
# Within the engine every header but the interface is its own affair.
list(FILTER _plain EXCLUDE REGEX "^backend/engine/")
if(EXISTS ${CMAKE_SOURCE_DIR}/backend/engine/engine.h)
  list(APPEND _plain backend/engine/engine.h)
endif()
if(_plain)
  _limbeck_header_sources(_plain_sources
    "#define slots \"rubbish\" slots\n#define signals \"rubbish\" signals\n#define emit \"rubbish\" emit\n" ${_plain})
  add_library(limbeck_header_check OBJECT ${_plain_sources})
  target_link_libraries(limbeck_header_check PRIVATE
    limbeck_options tl::expected SQLite::SQLite3 nlohmann_json::nlohmann_json)
  target_compile_options(limbeck_header_check PRIVATE -O0)
endif()

if(LIMBECK_GUI)
  file(GLOB_RECURSE _windowed RELATIVE ${CMAKE_SOURCE_DIR} CONFIGURE_DEPENDS
    ${CMAKE_SOURCE_DIR}/widgets/*.h ${CMAKE_SOURCE_DIR}/app/*.h)
  list(FILTER _windowed EXCLUDE REGEX "^app/cli/")
  if(_windowed)
    _limbeck_header_sources(_windowed_sources "" ${_windowed})
    add_library(limbeck_header_check_window OBJECT ${_windowed_sources})
    # Without QCustomPlot: its 30,000 lines stay in the .cpp files of widgets/.
    target_link_libraries(limbeck_header_check_window PRIVATE limbeck_options tl::expected Qt6::Widgets)
    target_compile_options(limbeck_header_check_window PRIVATE -O0)
  endif()
endif()

add_test(NAME house_rules COMMAND ${CMAKE_SOURCE_DIR}/scripts/check-rules.sh)
add_test(NAME house_rules_are_kept COMMAND ${CMAKE_SOURCE_DIR}/scripts/check-rules-selftest.sh)
add_test(NAME house_rules_linkage
  COMMAND ${CMAKE_SOURCE_DIR}/scripts/check-rules.sh --linkage ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
set_tests_properties(house_rules house_rules_are_kept house_rules_linkage PROPERTIES TIMEOUT 60 LABELS rules)
