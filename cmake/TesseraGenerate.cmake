# SPDX-License-Identifier: Apache-2.0
# Generates packages and headers in ${TSR_GEN_DIR} when CMake configures; a changed source configures again.
#   ${TSR_GEN_DIR}/tsr_isa.hpp, tsr_isa_pkg.sv               from isa/isa.json
#   ${TSR_GEN_DIR}/NAME/tsr_cfg.hpp, tsr_cfg_pkg.sv          from configs/NAME.json, every NAME
set(TSR_GEN_DIR ${CMAKE_BINARY_DIR}/gen)

# tsr_generate(OUTPUTS files... COMMAND args...): runs `args... --sv X --hpp Y` into a scratch folder and replaces
# only files that changed, so that nothing is rebuilt for the same text.
function(tsr_generate folder sv hpp script source)
  set(scratch ${TSR_GEN_DIR}/.new)
  file(MAKE_DIRECTORY ${scratch})
  execute_process(
    COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/scripts/${script} ${source} --sv ${scratch}/${sv} --hpp ${scratch}/${hpp}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} RESULT_VARIABLE failed ERROR_VARIABLE text)
  if(failed)
    message(FATAL_ERROR "${text}")
  endif()
  foreach(name ${sv} ${hpp})
    configure_file(${scratch}/${name} ${folder}/${name} COPYONLY)
  endforeach()
  set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/scripts/${script} ${PROJECT_SOURCE_DIR}/scripts/gen_common.py ${PROJECT_SOURCE_DIR}/${source})
endfunction()

tsr_generate(${TSR_GEN_DIR} tsr_isa_pkg.sv tsr_isa.hpp gen_isa.py isa/isa.json)
# The folder, not the glob, is what a build depends on: a glob would be looked at again in every build, and then no build is ever done.
set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/configs)
file(GLOB tsr_config_files ${PROJECT_SOURCE_DIR}/configs/*.json)
set(TSR_ALL_CONFIGS)
foreach(file ${tsr_config_files})
  get_filename_component(name ${file} NAME_WE)
  tsr_generate(${TSR_GEN_DIR}/${name} tsr_cfg_pkg.sv tsr_cfg.hpp gen_config.py configs/${name}.json)
  list(APPEND TSR_ALL_CONFIGS ${name})
endforeach()
