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
