// Preloaded (LD_PRELOAD), counts the heap allocations of a program and writes the number to the file that
// LLMDYNO_ALLOCATIONS_FILE names when the program ends.
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

std::atomic<long> g_count = 0;

// dlsym itself may allocate: until the real functions are known, memory comes from here and is never given
// back.
alignas(16) char g_early[64 * 1024];
std::atomic<size_t> g_early_used = 0;

void* EarlyAllocate(size_t size) {
  const size_t at = g_early_used.fetch_add((size + 15) & ~size_t{15});
  return at + size <= sizeof g_early ? g_early + at : nullptr;
}
bool IsEarly(const void* memory) { return memory >= g_early && memory < g_early + sizeof g_early; }

template <typename Function>
Function Real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

thread_local bool t_resolving = false;

}  // namespace

extern "C" {

void* malloc(size_t size) {
  static void* (*real)(size_t) = nullptr;
  if (real == nullptr) {
    if (t_resolving) return EarlyAllocate(size);
    t_resolving = true;
    real = Real<void* (*)(size_t)>("malloc");
    t_resolving = false;
  }
  g_count.fetch_add(1, std::memory_order_relaxed);
  return real(size);
}

void* calloc(size_t count, size_t size) {
  static void* (*real)(size_t, size_t) = nullptr;
  if (real == nullptr) {
    if (t_resolving) return EarlyAllocate(count * size);
    t_resolving = true;
    real = Real<void* (*)(size_t, size_t)>("calloc");
    t_resolving = false;
  }
  g_count.fetch_add(1, std::memory_order_relaxed);
  return real(count, size);
}

void* realloc(void* memory, size_t size) {
  static void* (*real)(void*, size_t) = Real<void* (*)(void*, size_t)>("realloc");
  if (IsEarly(memory)) {
    void* moved = malloc(size);
    if (moved != nullptr) std::memcpy(moved, memory, size);
    return moved;
  }
  g_count.fetch_add(1, std::memory_order_relaxed);
  return real(memory, size);
}

void free(void* memory) {
  static void (*real)(void*) = Real<void (*)(void*)>("free");
  if (memory != nullptr && !IsEarly(memory)) real(memory);
}

__attribute__((destructor)) void WriteCount() {
  const char* path = std::getenv("LLMDYNO_ALLOCATIONS_FILE");
  if (path == nullptr) return;
  const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  char text[32];
  const int length = std::snprintf(text, sizeof text, "%ld\n", g_count.load());
  if (file >= 0 && write(file, text, static_cast<size_t>(length)) < 0) std::perror("allocation count");
  close(file);
}

}  // extern "C"
