# Run as a test:  cmake -DLIBRARIES=<file;...> -P check_exports.cmake
# A shared library exports names of namespace llmdyno and of the C interface, llmdyno_*, and nothing else.

foreach(library IN LISTS LIBRARIES)
  execute_process(COMMAND nm -D --defined-only "${library}" OUTPUT_VARIABLE text RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "nm cannot read ${library}")
  endif()
  string(REGEX MATCHALL "[^\n]+" lines "${text}")
  list(LENGTH lines count)
  if(count LESS 10)
    message(FATAL_ERROR "${library} exports ${count} names: nobody could link it")
  endif()
  foreach(line IN LISTS lines)
    string(REGEX MATCH "[^ ]+$" name "${line}")
    # Of functions and variables; of tables, type information and thunks; of variables inside functions.
    if(NOT name MATCHES "^(llmdyno_|_ZNK?[RO]?7llmdyno|_ZT[VISTC]N7llmdyno|_ZT[hvc][n0-9_]+_NK?7llmdyno|_Z(GV)?ZNK?7llmdyno|_ZGVN7llmdyno)")
      message(SEND_ERROR "${library} exports ${name}, which is not ours")
    endif()
  endforeach()
  message(STATUS "${library}: ${count} names")
endforeach()
