# What the scripts of this folder share.

# Runs a command; its output is shown when it fails, and stored in `output` otherwise.
function(run output)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${status}:\n${text}")
  endif()
  set(${output} "${text}" PARENT_SCOPE)
endfunction()

# Fails unless a program needs (IS ON) or does not need (IS OFF) a shared library.
function(expect_library program library is)
  run(needed ldd "${program}")
  if(is AND NOT needed MATCHES "${library}")
    message(FATAL_ERROR "${program} does not link ${library}:\n${needed}")
  elseif(NOT is AND needed MATCHES "${library}")
    message(FATAL_ERROR "${program} links ${library}, which it has no use for:\n${needed}")
  endif()
endfunction()

# The installed programs list a plugin, take its workload, and find it in the folder of an environment variable.
function(race_with_plugin prefix plugin work)
  run(listed "${prefix}/bin/llmdyno" plugins --plugin "${plugin}")
  if(NOT listed MATCHES "clock +asks for the time" OR NOT listed MATCHES "hour=12 +which hour")
    message(FATAL_ERROR "llmdyno plugins does not list ${plugin}:\n${listed}")
  endif()
  run(unused "${prefix}/bin/llmdyno" race --plugin "${plugin}" --workload clock:hour=7 --simulate fast --num-requests 20
    --output-dir "${work}/results")
  get_filename_component(folder "${plugin}" DIRECTORY)
  set(ENV{LLMDYNO_PLUGIN_PATH} "${folder}")
  run(listed "${prefix}/bin/llmdyno" plugins)
  if(NOT listed MATCHES "LLMDYNO_PLUGIN_PATH" OR NOT listed MATCHES "asks for the time")
    message(FATAL_ERROR "${plugin} is not found by LLMDYNO_PLUGIN_PATH:\n${listed}")
  endif()
endfunction()
