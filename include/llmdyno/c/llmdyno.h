/* llmdyno for programs in other languages: a run spec goes in as a JSON text, the result comes out as one.
 *
 * Compiles as C11 and as C++. Link libllmdyno: `pkg-config --cflags --libs llmdyno-c`. docs/c-interface.md
 * has programs in C and Python, docs/run-spec.md every member of the spec, docs/result-files.md those of the
 * result.
 *
 * Nothing here prints, exits or throws, and no signal handler is installed. Any function may be called from
 * any thread. One run is used by one thread at a time, but llmdyno_run_cancel and llmdyno_run_progress may be
 * called from others meanwhile. Several runs may be under way in one process. Texts are UTF-8 and end in a
 * zero byte; those that are returned through a pointer, or as char*, belong to the caller, who gives them to
 * llmdyno_free_string. Pointers may be NULL only where that is said. */
#ifndef LLMDYNO_C_LLMDYNO_H_
#define LLMDYNO_C_LLMDYNO_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a call went. */
typedef enum llmdyno_status {
  LLMDYNO_OK = 0,
  LLMDYNO_INVALID = 1,       /* the spec or an argument; the sentence says what is accepted */
  LLMDYNO_NOT_FOUND = 2,     /* a workload, an arrival process, a file that the spec names */
  LLMDYNO_UNAVAILABLE = 3,   /* nothing answers at the endpoint, or this machine refuses sockets */
  LLMDYNO_OUT_OF_MEMORY = 4, /* there may be no sentence then */
  LLMDYNO_INTERNAL = 5       /* everything else; the sentence is all there is to know */
} llmdyno_status;

/* A run under way. */
typedef struct llmdyno_run llmdyno_run;

/* "0.1.0". Lives as long as the program. */
const char* llmdyno_version(void);

/* Reads the spec, asks the endpoint how it counts tokens, prepares the requests. Blocks for that: a moment
 * with synthetic prompts, longer with a dataset whose prompts have to be counted. Sends no measured request
 * yet. On LLMDYNO_OK *run is the run; otherwise it is NULL and *error a sentence. `error` may be NULL. */
llmdyno_status llmdyno_run_begin(const char* spec_json, llmdyno_run** run, char** error);

/* Does what is due, then waits until something happens, but no longer than timeout_ms; 0: not at all, below
 * 0: as long as it takes. Returns 1 while the run goes on and 0 once it is over, for better or worse. Sends
 * and reads happen only in here: whoever does not call it for long sends late and reads late, and the verdict
 * says so. */
int llmdyno_run_step(llmdyno_run* run, int64_t timeout_ms);

/* The run ends now: nothing more is sent, what is in flight is cancelled, llmdyno_run_step returns soon. What
 * was measured is kept. From any thread, until llmdyno_run_free. */
void llmdyno_run_cancel(llmdyno_run* run);

/* How far the run had come at the end of its latest step, as JSON (docs/c-interface.md). NULL when out of
 * memory. From any thread. */
char* llmdyno_run_progress(const llmdyno_run* run);

/* The result. A run that is not over is cancelled first. On LLMDYNO_OK *result_json is the result; whatever
 * the endpoint did is in it, with its failures. Otherwise it is NULL and *error a sentence:
 * LLMDYNO_UNAVAILABLE when the warm-up gave up. `error` may be NULL. Asking again gives the same. */
llmdyno_status llmdyno_run_finish(llmdyno_run* run, char** result_json, char** error);

/* Cancels what is under way and frees everything. NULL is fine. */
void llmdyno_run_free(llmdyno_run* run);

/* Called about once a second while llmdyno_measure runs, on its thread; progress_json is valid during the
 * call. 0 goes on; anything else cancels the run. */
typedef int (*llmdyno_progress_callback)(const char* progress_json, void* user_data);

/* Begin, step until it is over, finish, free. Blocks. `callback`, `user_data` and `error` may be NULL. */
llmdyno_status llmdyno_measure(const char* spec_json, llmdyno_progress_callback callback, void* user_data,
                               char** result_json, char** error);

/* Frees a text that one of these functions returned. NULL is fine. */
void llmdyno_free_string(char* text);

#ifdef __cplusplus
}
#endif

#endif /* LLMDYNO_C_LLMDYNO_H_ */
