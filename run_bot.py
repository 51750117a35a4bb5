#!/usr/bin/env python3
"""Start Doorstep: prepare the environment beside this file when it is needed, then hand over.

    python3 run_bot.py [COMMAND ...]       the bot's command line; without a command it runs
    python3 run_bot.py test [ARGUMENT ...] all tests (the arguments are pytest's)
    python3 run_bot.py check [static]      everything that is checked: style, types, imports, tests
    python3 run_bot.py check audit         whether a weakness is known of what the locks pin
    python3 run_bot.py lock [--upgrade]    make the lock files anew from pyproject.toml

Standard library only, and no syntax newer than Python 3.8, so that an old Python gets a sentence.

An interpreter that already has every locked requirement is used as it is. Any other makes `.venv`:
built first, marked as ready last, so that whatever interrupts the set-up, the next start begins it
again; under a lock file, so that two starts at once make one environment.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib.metadata
import operator
import os
import pathlib
import platform
import re
import subprocess
import sys
import time
from collections.abc import Iterator

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

ROOT = pathlib.Path(__file__).resolve().parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
BOOTSTRAP, RUNTIME, DEV = (
    ROOT / name for name in ("bootstrap.lock", "requirements.lock", "requirements-dev.lock")
)
OLDEST = (3, 11)
STARTED = time.monotonic()


class SetupError(Exception):
    """The set-up failed; the text is one sentence that says what to do."""


def say(text: str) -> None:
    """Print a line of progress, with the seconds since the start, where `--json` does not go."""
    print(f"[{time.monotonic() - STARTED:3.0f} s] {text}", file=sys.stderr, flush=True)


# ------------------------------------------------------------------ has this interpreter it all?

LINE = re.compile(r"^([\w.-]+)(?:\[[^]]*])?==([^\s;\\]+)(?:\s*;\s*([^\\]+?))?\s*\\?$", re.MULTILINE)
COMPARE = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def pins(lock: str) -> Iterator[tuple[str, str]]:
    """Give (name, version) of each line of a lock's text that is meant for this interpreter."""
    for name, version, marker in LINE.findall(lock):
        if not marker or holds(marker):
            yield name, version


def holds(marker: str) -> bool:
    """Say whether an environment marker holds here. ValueError for a marker it does not know."""
    facts = {
        "sys_platform": sys.platform,
        "os_name": os.name,
        "platform_system": platform.system(),
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "implementation_name": sys.implementation.name,
        "python_version": ".".join(map(str, sys.version_info[:2])),
        "python_full_version": ".".join(map(str, sys.version_info[:3])),
    }

    def text(node: ast.expr) -> str:
        if isinstance(node, ast.Name) and node.id in facts:
            return facts[node.id]
        if isinstance(node, ast.Constant):
            return str(node.value)
        raise ValueError(f"unknown word in the marker {marker!r}")

    def number(version: str) -> list[int]:
        return [int(part) for part in re.findall(r"\d+", version)]

    def truth(node: ast.expr) -> bool:
        if isinstance(node, ast.BoolOp):
            return (all if isinstance(node.op, ast.And) else any)(map(truth, node.values))
        if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARE:
            left, right = text(node.left), text(node.comparators[0])
            if left[0].isdigit():  # both are versions
                return bool(COMPARE[type(node.ops[0])](number(left), number(right)))
            return bool(COMPARE[type(node.ops[0])](left, right))
        raise ValueError(f"unknown form of the marker {marker!r}")

    return truth(ast.parse(marker.strip(), mode="eval").body)


def has(lock: pathlib.Path) -> bool:
    """Say whether this interpreter has all that a lock names, in those versions."""
    try:
        return all(
            importlib.metadata.version(name) == version
            for name, version in pins(lock.read_text("utf-8"))
        )
    except importlib.metadata.PackageNotFoundError:
        return False


# ----------------------------------------------------------------------------- making .venv


def locks(dev: bool) -> tuple[pathlib.Path, ...]:
    """Name the locks that an environment must satisfy; the dev lock holds the other one too."""
    return (RUNTIME, DEV) if dev else (RUNTIME,)


def stamp(lock: pathlib.Path) -> pathlib.Path:
    """Name the file that says which state of a lock `.venv` has in full."""
    return VENV / f"{lock.name}.ready"


def state(lock: pathlib.Path) -> str:
    """Digest what `.venv` depends on: the lock, the installer and the kind of Python."""
    python = f"{sys.implementation.cache_tag} {sys.platform} {platform.machine()}"
    return hashlib.sha256(
        b"\0".join((lock.read_bytes(), BOOTSTRAP.read_bytes(), python.encode()))
    ).hexdigest()


def is_ready(dev: bool) -> bool:
    """Say whether `.venv` is complete for these locks."""
    try:
        return VENV_PYTHON.exists() and all(
            stamp(lock).read_text("utf-8") == state(lock) for lock in locks(dev)
        )
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def only_one() -> Iterator[int]:
    """Hold the lock file; the system frees it when its last holder ends, however it ends."""
    descriptor = os.open(ROOT / ".venv.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            lock_file(descriptor, wait=False)
        except OSError:
            say("Another start is preparing .venv: waiting for it.")
            lock_file(descriptor, wait=True)
        yield descriptor
    finally:
        os.close(descriptor)


def lock_file(descriptor: int, wait: bool) -> None:
    """Lock an open file for this process. OSError if it is taken and we do not wait."""
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


def step(held: int, *command: object) -> str:
    """Run a command, with a sign of life every five seconds; its output if it fails, else ''.

    The command inherits the lock: if we are killed, the next start waits until it has ended.
    """
    with subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        pass_fds=() if os.name == "nt" else (held,),
    ) as process:
        while True:
            try:
                output, _ = process.communicate(timeout=5)
            except subprocess.TimeoutExpired:
                say("... still at it")
            else:
                return (output or "it ended with an error\n") if process.returncode else ""


def prepare(dev: bool) -> None:
    """Make `.venv` complete. SetupError if that cannot be done."""
    if is_ready(dev):
        return
    try:
        with only_one() as held:
            if not is_ready(dev):
                build(dev, held)
    except OSError as error:
        raise SetupError(f"{VENV} cannot be made ({error}): mend that and start again.") from error


def build(dev: bool, held: int) -> None:
    """Make `.venv`, or add the dev requirements to a complete one."""
    add = dev and is_ready(dev=False) and not stamp(DEV).exists()
    for lock in (RUNTIME, DEV):
        stamp(lock).unlink(missing_ok=True)
    wanted = locks(dev)[-1]
    if add:
        say("Adding what the tests need to .venv (about 10 seconds, only this once).")
    else:
        say("Preparing .venv beside run_bot.py (about 20 seconds, only when a lock changes).")
        make_venv(held)
    count = len(list(pins(wanted.read_text("utf-8"))))
    say(f"Installing {count} packages, each checked against its hash.")
    arguments = ("install", "--require-hashes", "-r", wanted)
    # A company's proxy has its own certificates; a service's user has no home for a cache.
    uv = (VENV_PYTHON, "-m", "uv", "--system-certs", "--no-cache", "pip")
    failed = step(held, *uv, *arguments, "--python", VENV_PYTHON)
    if failed:  # perhaps a mirror is configured for pip alone, or this platform has no uv
        say("The fast installer could not do it; trying pip, which takes longer.")
        failed = step(held, VENV_PYTHON, "-m", "pip", *arguments, "--retries", "2")
    if failed:
        print(failed[-2000:], file=sys.stderr)
        raise SetupError(
            "The packages could not be installed: see above, mend the connection to the package "
            "registry, and start again."
        )
    for lock in locks(dev):
        stamp(lock).write_text(state(lock), "utf-8")
    say("Ready.")


def make_venv(held: int) -> None:
    """Make an empty `.venv`, whatever was there, with the fast installer in it."""
    failed = step(held, sys.executable, "-I", "-m", "venv", "--clear", VENV)
    if failed:
        if "ensurepip" in failed or "No module named venv" in failed:
            raise SetupError(
                "This Python lacks its venv module: install it "
                "(Debian, Ubuntu: apt install python3-venv) and start again."
            )
        print(failed[-2000:], file=sys.stderr)
        raise SetupError(f"{VENV} could not be made: see above, then start again.")
    pip = (VENV_PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--retries", "2")
    step(held, *pip, "--require-hashes", "--only-binary", ":all:", "--no-compile", "-r", BOOTSTRAP)


# ------------------------------------------------------------------------------- handing over


def python_with(dev: bool) -> pathlib.Path:
    """Give an interpreter that has the requirements: this one, or `.venv`'s, made if need be."""
    if has(locks(dev)[-1]):
        return pathlib.Path(sys.executable)
    prepare(dev)
    return VENV_PYTHON


def surroundings() -> dict[str, str]:
    """Give the environment in which our rooms can be imported from any directory."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def hand_over(python: pathlib.Path, *arguments: str) -> int:
    """Become `python ARGUMENTS`; the current directory stays and is not searched for modules."""
    command = [str(python), "-P", *arguments]
    sys.stdout.flush()
    if os.name != "nt":
        os.execve(command[0], command, surroundings())
    return subprocess.run(command, env=surroundings(), check=False).returncode


def check(python: pathlib.Path, which: list[str]) -> int:
    """Run every check, all of them even when one fails; 1 if any failed."""
    imports = "from importlinter.cli import lint_imports_command as c; c()"
    checks = [
        ("ruff format", ["-m", "ruff", "format", "--check", "."]),
        ("ruff check", ["-m", "ruff", "check", "."]),
        ("mypy --strict", ["-m", "mypy"]),
        ("import contracts", ["-c", imports, "--no-logo"]),
    ]
    if which == ["audit"]:
        checks = [("known weaknesses", ["-m", "tests.audit"])]
    elif which != ["static"]:
        checks.append(("tests", ["-m", "pytest", "--cov", "--cov-report=term"]))
    failed = []
    for name, arguments in checks:
        say(name)
        done = subprocess.run(
            [str(python), "-P", *arguments], cwd=ROOT, env=surroundings(), check=False
        )
        if done.returncode:
            failed.append(name)
    say("Failed: " + ", ".join(failed) if failed else "All good.")
    return 1 if failed else 0


def make_locks(python: pathlib.Path, options: list[str]) -> int:
    """Make the three locks: one resolution of everything, of which the runtime's is a part."""
    uv = (str(python), "-P", "-m", "uv", "--system-certs", "pip", "compile", "-q", "--universal")
    how = ("--generate-hashes", "--no-annotate", "--no-emit-index-url", *options)
    head = ("--custom-compile-command", "python3 run_bot.py lock")
    for source, lock in (
        (("pyproject.toml", "--group", "dev"), DEV),
        (("pyproject.toml", "-c", DEV.name), RUNTIME),
        (("-", "--no-deps"), BOOTSTRAP),
    ):
        say(f"Making {lock.name}")
        command = [*uv, *how, *head, *source, "-o", lock.name]
        if subprocess.run(command, cwd=ROOT, input="uv\n", text=True, check=False).returncode:
            raise SetupError(f"{lock.name} could not be made: see above.")
    return 0


def main(arguments: list[str]) -> int:
    """Do what the arguments say; the exit code, if this process is still itself."""
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        raise SetupError(f"Doorstep needs Python 3.11 or newer; {sys.executable} is {found}.")
    command, rest = arguments[:1], arguments[1:]
    if command == ["test"]:
        python = python_with(dev=True)
        os.chdir(ROOT)
        return hand_over(python, "-m", "pytest", *rest)
    if command == ["check"]:
        return check(python_with(dev=True), rest)
    if command == ["lock"]:
        prepare(dev=False)
        return make_locks(VENV_PYTHON, rest)
    return hand_over(python_with(dev=False), "-m", "bot.commands", *arguments)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as problem:
        sys.exit(f"run_bot.py: {problem}")
    except KeyboardInterrupt:
        sys.exit("\nStopped.")
