#!/usr/bin/env python3
"""Races an endpoint from Python, with nothing but the standard library.

  race_from_python.py http://localhost:8000/v1 MODEL

LLMDYNO_LIBRARY names libllmdyno.so where the system's linker does not find it.
"""
import ctypes
import ctypes.util
import json
import os
import sys


class LlmdynoError(Exception):
    def __init__(self, status, sentence):
        super().__init__(sentence)
        self.status = status  # llmdyno_status: 1 invalid, 2 not found, 3 unavailable, 4 out of memory, 5 internal


def load_library():
    lib = ctypes.CDLL(os.environ.get("LLMDYNO_LIBRARY") or ctypes.util.find_library("llmdyno") or "libllmdyno.so")
    # Returned texts are void* here: as c_char_p Python would copy them and lose what has to be freed.
    text, run = ctypes.c_void_p, ctypes.c_void_p
    lib.llmdyno_version.restype = ctypes.c_char_p
    lib.llmdyno_run_begin.argtypes = [ctypes.c_char_p, ctypes.POINTER(run), ctypes.POINTER(text)]
    lib.llmdyno_run_step.argtypes = [run, ctypes.c_int64]
    lib.llmdyno_run_cancel.argtypes = [run]
    lib.llmdyno_run_cancel.restype = None
    lib.llmdyno_run_progress.argtypes = [run]
    lib.llmdyno_run_progress.restype = text
    lib.llmdyno_run_finish.argtypes = [run, ctypes.POINTER(text), ctypes.POINTER(text)]
    lib.llmdyno_run_free.argtypes = [run]
    lib.llmdyno_run_free.restype = None
    lib.llmdyno_free_string.argtypes = [text]
    lib.llmdyno_free_string.restype = None
    return lib


LIB = load_library()


def take(pointer):
    """The text behind a pointer that llmdyno returned, which is freed."""
    if not pointer:
        return None
    text = ctypes.string_at(pointer).decode()
    LIB.llmdyno_free_string(pointer)
    return text


class Run:
    """with Run(spec) as run: ...  A step is a call into C: ctypes lets other Python threads go on meanwhile."""

    def __init__(self, spec):
        self.handle, error = ctypes.c_void_p(), ctypes.c_void_p()
        status = LIB.llmdyno_run_begin(json.dumps(spec).encode(), ctypes.byref(self.handle), ctypes.byref(error))
        if status != 0:
            raise LlmdynoError(status, take(error.value))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        LIB.llmdyno_run_free(self.handle)
        self.handle = None

    def step(self, timeout_ms=-1):
        return LIB.llmdyno_run_step(self.handle, timeout_ms) == 1

    def cancel(self):
        LIB.llmdyno_run_cancel(self.handle)

    def progress(self):
        return json.loads(take(LIB.llmdyno_run_progress(self.handle)))

    def finish(self):
        result, error = ctypes.c_void_p(), ctypes.c_void_p()
        status = LIB.llmdyno_run_finish(self.handle, ctypes.byref(result), ctypes.byref(error))
        if status != 0:
            raise LlmdynoError(status, take(error.value))
        return json.loads(take(result.value))


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: race_from_python.py URL MODEL")
    spec = {
        "endpoint": {"url": sys.argv[1], "model": sys.argv[2]},
        "workload": {"name": "synthetic", "max_tokens": 100},
        "load": {"users": 8, "users_per_second": 0},
        "stop": {"output_tokens": 5000, "max_duration": "5m"},
    }
    try:
        with Run(spec) as run:
            shown = 0
            while run.step(timeout_ms=100):
                tokens = run.progress()["output_tokens"]
                if tokens >= shown + 1000:
                    shown = tokens
                    print(f"{tokens} tokens", file=sys.stderr)
            result = run.finish()
    except LlmdynoError as error:
        sys.exit(f"llmdyno {LIB.llmdyno_version().decode()}: {error}")

    ttft = result["distributions"]["ttft_ms"]
    print(f"{result['metrics']['output_tokens_per_s']:.1f} tokens/s")
    print(f"TTFT p50 {ttft['p50']:.1f} ms, p99 {ttft['p99']:.1f} ms, of {ttft['n']} requests")
    print("VALID" if result["verdict"]["valid"] else "SUSPECT: " + "; ".join(result["verdict"]["reasons"]))


if __name__ == "__main__":
    main()
