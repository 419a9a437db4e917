# Run as a test:  cmake -DLIBRARIES=<file;...> -P check_manners.cmake
# What a library may not do to the program that it is linked into shows in the functions and variables that it refers to:
# none of these may be among them. docs/embedding.md, "What the library never does".

cmake_minimum_required(VERSION 3.25)

set(ends_the_process exit _exit _Exit quick_exit raise kill)
set(prints printf vprintf puts putchar perror psignal fputs_unlocked __printf_chk __vprintf_chk stdout stderr
  _ZSt4cout _ZSt4cerr _ZSt4clog _ZSt5wcout _ZSt5wcerr _ZSt5wclog syslog)
set(reads_the_terminal stdin scanf getchar _ZSt3cin)
# Not pthread_sigmask: it is about the calling thread. The simulated endpoint's threads leave all signals to the host's.
set(handles_signals signal sigaction bsd_signal sysv_signal __sysv_signal sigset sigprocmask siginterrupt
  signalfd sigaltstack alarm setitimer)
set(changes_the_process setenv putenv unsetenv clearenv setlocale uselocale _ZNSt6locale6globalERKS_ chdir fchdir umask
  setrlimit setrlimit64 nice setpriority sched_setaffinity prctl srand srandom srand48 set_terminate
  _ZSt13set_terminatePFvvE _ZSt15set_new_handlerPFvvE atexit at_quick_exit curl_global_cleanup curl_global_init_mem
  fork system popen daemon)

set(problems 0)
foreach(library IN LISTS LIBRARIES)
  execute_process(COMMAND nm --undefined-only "${library}" OUTPUT_VARIABLE text RESULT_VARIABLE status ERROR_QUIET)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "nm cannot read ${library}")
  endif()
  string(REGEX MATCHALL "[^\n]+" lines "${text}")
  list(LENGTH lines count)
  if(count LESS 50)
    message(FATAL_ERROR "nm finds ${count} references in ${library}: the check looks in the wrong place")
  endif()
  set(object "${library}")
  foreach(line IN LISTS lines)
    if(line MATCHES "^([^ ]+\\.o):$")
      set(object "${CMAKE_MATCH_1}")
    elseif(line MATCHES " [Uuwv] ([^ @]+)")
      set(name "${CMAKE_MATCH_1}")
      foreach(what IN ITEMS ends_the_process prints reads_the_terminal handles_signals changes_the_process)
        if(name IN_LIST ${what})
          string(REPLACE "_" " " sentence "${what}")
          message(SEND_ERROR "${object} refers to ${name}: a library that ${sentence} cannot be linked into other programs")
          math(EXPR problems "${problems} + 1")
        endif()
      endforeach()
    endif()
  endforeach()
  message(STATUS "${library}: ${count} references")
endforeach()
