# SPDX-License-Identifier: Apache-2.0
# tsr_gtest(): one GoogleTest program. tsr_unit_test(): the bench of one RTL module in some configurations.
find_package(GTest REQUIRED)
include(GoogleTest)

# tsr_gtest(NAME x SOURCES a.cpp ... [LIBS ...] [LABEL unit] [TIMEOUT s]): every TEST becomes one ctest `x.Suite.Name`.
function(tsr_gtest)
  cmake_parse_arguments(T "" "NAME;LABEL;TIMEOUT" "SOURCES;LIBS;DEFINES" ${ARGN})
  if(NOT T_LABEL)
    set(T_LABEL unit)
  endif()
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 600)
  endif()
  add_executable(${T_NAME} ${T_SOURCES})
  target_link_libraries(${T_NAME} PRIVATE ${T_LIBS} tessera_flags GTest::gtest GTest::gtest_main)
  target_compile_definitions(${T_NAME} PRIVATE ${T_DEFINES} TSR_SOURCE_DIR="${tessera_SOURCE_DIR}")
  gtest_discover_tests(${T_NAME} TEST_PREFIX ${T_NAME}. DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${T_LABEL} TIMEOUT ${T_TIMEOUT})
endfunction()

# tsr_unit_test(router TOP tsr_router CONFIGS p4 p8 [FLAT] [EXTRA_SOURCES rtl/bench.sv] [PARAMS -GX=1] [LIBS ...] [DEFINES ...])
# Compiles <name>_test.cpp of the calling folder against class V<TOP>, once per configuration, with TSR_CONFIG=<config>
# and the folder of its tsr_cfg.hpp on the include path.
function(tsr_unit_test test)
  cmake_parse_arguments(T "FLAT" "TOP" "CONFIGS;EXTRA_SOURCES;PARAMS;LIBS;DEFINES" ${ARGN})
  if(T_UNPARSED_ARGUMENTS OR NOT T_TOP OR NOT T_CONFIGS)
    message(FATAL_ERROR "tsr_unit_test(${test}): TOP and CONFIGS are needed; not understood: '${T_UNPARSED_ARGUMENTS}'")
  endif()
  set(flat)
  if(T_FLAT)
    set(flat FLAT)
  endif()
  foreach(config ${T_CONFIGS})
    set(name ${test}_${config})
    tsr_verilate(TARGET v_${name} ${flat} OPT -O1 TOP ${T_TOP} CONFIG ${config} PARAMS ${T_PARAMS} EXTRA_SOURCES ${T_EXTRA_SOURCES})
    tsr_gtest(NAME ${name} SOURCES ${test}_test.cpp LIBS v_${name} ${T_LIBS} DEFINES TSR_CONFIG=${config} ${T_DEFINES} LABEL unit)
    target_include_directories(${name} PRIVATE ${TSR_GEN_DIR}/${config})
  endforeach()
endfunction()
