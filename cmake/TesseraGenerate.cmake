# SPDX-License-Identifier: Apache-2.0
# Generates packages and headers in ${TSR_GEN_DIR} when CMake configures; a changed source configures again. The scripts
# leave a file alone whose text is the same, so that nothing is rebuilt for it.
#   ${TSR_GEN_DIR}/tsr_isa.hpp, tsr_isa_pkg.sv               from isa/isa.json
#   ${TSR_GEN_DIR}/tsr_boundary.hpp                          from isa/boundary.json (its SystemVerilog is committed)
#   ${TSR_GEN_DIR}/tsr_config.hpp                            the keys of a configuration
#   ${TSR_GEN_DIR}/MODEL/tsr_cfg.hpp, tsr_cfg_pkg.sv         of every configuration that has models (docs/decisions/0011)
set(TSR_GEN_DIR ${tessera_BINARY_DIR}/gen CACHE INTERNAL "")

# tsr_depends(file...): what makes CMake configure again.
function(tsr_depends)
  set_property(DIRECTORY ${tessera_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARGN})
endfunction()

# tsr_script(out script args...): standard output of a script, which must end well; its complaints are warnings.
function(tsr_script out script)
  tsr_depends(${tessera_SOURCE_DIR}/scripts/${script} ${tessera_SOURCE_DIR}/scripts/gen_common.py)
  execute_process(COMMAND ${TSR_PYTHON} ${tessera_SOURCE_DIR}/scripts/${script} ${ARGN}
    WORKING_DIRECTORY ${tessera_SOURCE_DIR} RESULT_VARIABLE failed OUTPUT_VARIABLE answer ERROR_VARIABLE text)
  if(failed)
    message(FATAL_ERROR "${text}")
  elseif(text)
    message(WARNING "${text}")
  endif()
  set(${out} "${answer}" PARENT_SCOPE)
endfunction()

# tsr_generate_configs(out file...): package and header of each; `out` lists the models. A faulty file is told and left
# out: it breaks nothing but itself.
function(tsr_generate_configs out)
  tsr_depends(${ARGN})
  tsr_script(answer gen_config.py --folder ${TSR_GEN_DIR} ${ARGN})
  string(REGEX MATCHALL "[^\n]+" names "${answer}")
  set(${out} ${names} PARENT_SCOPE)
endfunction()

tsr_depends(${tessera_SOURCE_DIR}/isa/isa.json)
foreach(name model sv cpp page)
  tsr_depends(${tessera_SOURCE_DIR}/scripts/isa_${name}.py)
endforeach()
tsr_script(none gen_isa.py isa/isa.json --sv ${TSR_GEN_DIR}/tsr_isa_pkg.sv --hpp ${TSR_GEN_DIR}/tsr_isa.hpp)
tsr_depends(${tessera_SOURCE_DIR}/isa/boundary.json ${tessera_SOURCE_DIR}/scripts/boundary_cpp.py)
tsr_script(none gen_boundary.py --hpp ${TSR_GEN_DIR}/tsr_boundary.hpp)
tsr_script(none gen_config.py --keys ${TSR_GEN_DIR}/tsr_config.hpp)

# The named configurations, and those of --config FILE and --set that the program keeps under a digest when first used.
# Folders, not globs, are what a build depends on: a glob would be looked at again in every build, and then no build is
# ever done.
set(TSR_KEPT_CONFIGS ${tessera_BINARY_DIR}/configs)
file(MAKE_DIRECTORY ${TSR_KEPT_CONFIGS})
tsr_depends(${tessera_SOURCE_DIR}/configs ${TSR_KEPT_CONFIGS})
file(GLOB tsr_config_files ${tessera_SOURCE_DIR}/configs/*.json ${TSR_KEPT_CONFIGS}/c*.json)
tsr_generate_configs(TSR_ALL_CONFIGS ${tsr_config_files})
