// Preloaded (LD_PRELOAD), counts a program's heap allocations, the system calls by which it waits, reads and
// writes, and the bytes that these bring into its memory. When the program ends the three numbers go to the
// file that LLMDYNO_CALLS_FILE names.
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

std::atomic<long> g_count = 0;
std::atomic<long> g_system_calls = 0;
std::atomic<long> g_received_bytes = 0;

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

// The system calls that a loop makes again and again. MSG_TRUNC drops bytes in the kernel without copying
// them.
ssize_t recv(int socket, void* buffer, size_t size, int flags) {
  static const auto real = Real<ssize_t (*)(int, void*, size_t, int)>("recv");
  const ssize_t got = real(socket, buffer, size, flags);
  g_system_calls.fetch_add(1, std::memory_order_relaxed);
  if (got > 0 && (flags & MSG_TRUNC) == 0) g_received_bytes.fetch_add(got, std::memory_order_relaxed);
  return got;
}

ssize_t recvmsg(int socket, msghdr* message, int flags) {
  static const auto real = Real<ssize_t (*)(int, msghdr*, int)>("recvmsg");
  const ssize_t got = real(socket, message, flags);
  g_system_calls.fetch_add(1, std::memory_order_relaxed);
  if (got > 0 && (flags & MSG_TRUNC) == 0) g_received_bytes.fetch_add(got, std::memory_order_relaxed);
  return got;
}

ssize_t send(int socket, const void* buffer, size_t size, int flags) {
  static const auto real = Real<ssize_t (*)(int, const void*, size_t, int)>("send");
  g_system_calls.fetch_add(1, std::memory_order_relaxed);
  return real(socket, buffer, size, flags);
}

ssize_t read(int file, void* buffer, size_t size) {
  static const auto real = Real<ssize_t (*)(int, void*, size_t)>("read");
  g_system_calls.fetch_add(1, std::memory_order_relaxed);
  return real(file, buffer, size);
}

ssize_t write(int file, const void* buffer, size_t size) {
  static const auto real = Real<ssize_t (*)(int, const void*, size_t)>("write");
  g_system_calls.fetch_add(1, std::memory_order_relaxed);
  return real(file, buffer, size);
}

int poll(pollfd* files, nfds_t count, int timeout) {
  static const auto real = Real<int (*)(pollfd*, nfds_t, int)>("poll");
  g_system_calls.fetch_add(1, std::memory_order_relaxed);
  return real(files, count, timeout);
}

int epoll_ctl(int epoll, int what, int file, epoll_event* event) {
  static const auto real = Real<int (*)(int, int, int, epoll_event*)>("epoll_ctl");
  g_system_calls.fetch_add(1, std::memory_order_relaxed);
  return real(epoll, what, file, event);
}

int epoll_wait(int epoll, epoll_event* events, int most, int timeout) {
  static const auto real = Real<int (*)(int, epoll_event*, int, int)>("epoll_wait");
  g_system_calls.fetch_add(1, std::memory_order_relaxed);
  return real(epoll, events, most, timeout);
}

int epoll_pwait2(int epoll, epoll_event* events, int most, const timespec* timeout, const sigset_t* mask) {
  static const auto real =
      Real<int (*)(int, epoll_event*, int, const timespec*, const sigset_t*)>("epoll_pwait2");
  g_system_calls.fetch_add(1, std::memory_order_relaxed);
  return real(epoll, events, most, timeout, mask);
}

__attribute__((destructor)) void WriteCounts() {
  const char* path = std::getenv("LLMDYNO_CALLS_FILE");
  if (path == nullptr) return;
  std::FILE* file = std::fopen(path, "w");
  if (file == nullptr) return;
  std::fprintf(file, "%ld %ld %ld\n", g_count.load(), g_system_calls.load(), g_received_bytes.load());
  std::fclose(file);
}

}  // extern "C"
