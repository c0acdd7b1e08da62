# Every tests/<folder>/test_*.c is one program and one ctest, every tests/cli/*.sh one ctest;
# the label is the folder's name. The head of a file may say what it needs:
#
#   /* links: sim_base sim_core */    libraries (default: everything)
#   /* timeout: 300 */                seconds (default: 60); in a shell script: # timeout: 300
#   # label: slow                     left out of quick runs, sanitizers and valgrind
pkg_check_modules(CHECK REQUIRED IMPORTED_TARGET check)

# Reads "<word>: value" from the first lines of a file.
function(rackcast_head file word default out)
  file(STRINGS ${file} head LIMIT_COUNT 6)
  set(value ${default})
  foreach(line IN LISTS head)
    if(line MATCHES "^(/\\*|#) ${word}: ([^*]*[^* ])")
      string(REPLACE " " ";" value "${CMAKE_MATCH_2}")
    endif()
  endforeach()
  set(${out} ${value} PARENT_SCOPE)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
endfunction()

# A test program under a sanitizer or a debug build is several times slower.
set(slower 1)
if(RACKCAST_SANITIZE OR RACKCAST_COVERAGE OR CMAKE_BUILD_TYPE STREQUAL "Debug")
  set(slower 5)
endif()

set(environment "SOURCE=${CMAKE_SOURCE_DIR}" "RACKCAST=$<TARGET_FILE:rackcast>")
foreach(label unit property analytic golden)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${label}/test_*.c)
  foreach(file ${files})
    get_filename_component(target ${file} NAME_WE)
    string(REGEX REPLACE "^test_" "" name ${target})
    rackcast_head(${file} links "sim_app;rackcast_models" links)
    rackcast_head(${file} timeout 60 timeout)
    rackcast_head(${file} label ${label} kind)
    math(EXPR timeout "${timeout} * ${slower}")
    add_executable(${target} ${file})
    target_link_libraries(${target} PRIVATE ${links} PkgConfig::CHECK)
    set_target_properties(${target} PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_test(NAME ${label}/${name} COMMAND ${target})
    set_tests_properties(${label}/${name} PROPERTIES LABELS ${kind} TIMEOUT ${timeout}
      ENVIRONMENT "${environment};CK_DEFAULT_TIMEOUT=0")
  endforeach()
endforeach()

file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/cli/*.sh)
list(FILTER files EXCLUDE REGEX "/common\\.sh$")
foreach(file ${files})
  get_filename_component(name ${file} NAME_WE)
  rackcast_head(${file} timeout 60 timeout)
  rackcast_head(${file} label cli label)
  math(EXPR timeout "${timeout} * ${slower}")
  add_test(NAME cli/${name} COMMAND bash ${file})
  set_tests_properties(cli/${name} PROPERTIES LABELS ${label} TIMEOUT ${timeout}
    SKIP_RETURN_CODE 77 # a transcript that lacks a program says so
    ENVIRONMENT "${environment};BUILD=${CMAKE_BINARY_DIR}")
endforeach()

add_test(NAME check/source COMMAND ${CMAKE_SOURCE_DIR}/scripts/check --cc ${CMAKE_C_COMPILER})
set_tests_properties(check/source PROPERTIES LABELS check TIMEOUT 240)
