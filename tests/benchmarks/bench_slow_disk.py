"""F4: our turns and the raw floor where each fsync takes 2 ms more, as on a customer's disk.

python -m tests.benchmarks.bench_slow_disk [technicians] [pairs] (Linux, with a C compiler)
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SLOW = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
static void nap(void) { struct timespec t = {0, 2000000}; nanosleep(&t, 0); }
int fsync(int fd) {
  static int (*f)(int); if (!f) f = dlsym(RTLD_NEXT, "fsync"); nap(); return f(fd); }
int fdatasync(int fd) {
  static int (*f)(int); if (!f) f = dlsym(RTLD_NEXT, "fdatasync"); nap(); return f(fd); }
"""


def main(technicians: str = "60", pairs: str = "3") -> None:
    """Run bench_turns with the slower fsync."""
    compiler = shutil.which("cc")
    if compiler is None:
        sys.exit("F4 needs a C compiler to slow fsync down")
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder) / "slow.c", Path(folder) / "slow.so"
        source.write_text(SLOW)
        subprocess.run(
            [compiler, "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True
        )
        print("F4: each fsync takes 2 ms more; see F2 below", flush=True)
        subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.bench_turns", technicians, pairs],
            check=True,
            env={**os.environ, "LD_PRELOAD": str(library)},
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
