/* Races an endpoint from C: a run spec goes in as JSON, the result comes out as JSON.
 *
 *   race_from_c http://localhost:8000/v1 MODEL
 *
 *   cc race_from_c.c $(pkg-config --cflags --libs llmdyno-c) -o race_from_c                                     */
#include <llmdyno/c/llmdyno.h>
#include <stdio.h>

static int show_progress(const char* progress_json, void* user_data) {
  (void)user_data;
  fprintf(stderr, "%s\n", progress_json);
  return 0; /* go on */
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: race_from_c URL MODEL\n");
    return 2;
  }
  /* Neither may hold quotes or backslashes; a program that takes them from strangers uses a JSON library. */
  char spec[2048];
  const int length = snprintf(spec, sizeof spec,
                              "{\"endpoint\": {\"url\": \"%s\", \"model\": \"%s\"},"
                              " \"workload\": {\"name\": \"synthetic\", \"max_tokens\": 100},"
                              " \"load\": {\"users\": 8, \"users_per_second\": 0},"
                              " \"stop\": {\"output_tokens\": 5000, \"max_duration\": \"5m\"}}",
                              argv[1], argv[2]);
  if (length < 0 || (size_t)length >= sizeof spec) {
    fprintf(stderr, "the URL or the model is too long\n");
    return 2;
  }

  char* result = NULL;
  char* error = NULL;
  const llmdyno_status status = llmdyno_measure(spec, show_progress, NULL, &result, &error);
  if (status != LLMDYNO_OK) {
    fprintf(stderr, "llmdyno %s: %s\n", llmdyno_version(), error != NULL ? error : "out of memory");
    llmdyno_free_string(error);
    return 1;
  }
  fputs(result, stdout);
  llmdyno_free_string(result);
  return 0;
}
