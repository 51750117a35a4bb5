"""The start: which interpreter is taken, when `.venv` is made, what an interruption leaves."""

import ast
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import run_bot

ROOT = Path(run_bot.__file__).parent


class Installer:
    """Stands in for the programs that make `.venv`; `breaks` is the one that ends with an error."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.breaks: str | None = None
        self.dies = False

    def __call__(self, held: int, *command: object) -> str:
        words = [str(word) for word in command]
        name = next(word for word in ("venv", "uv", "pip") if word in words)
        self.ran.append(
            f"{name} {Path(words[words.index('-r') + 1]).name}" if "-r" in words else name
        )
        if name == "venv":
            shutil.rmtree(run_bot.VENV, ignore_errors=True)
            run_bot.VENV_PYTHON.parent.mkdir(parents=True)
            run_bot.VENV_PYTHON.touch()
        if self.dies and name == "uv":
            raise KeyboardInterrupt
        return "no such host" if name == self.breaks else ""


@pytest.fixture
def installer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installer:
    """A checkout of its own, in which nothing is really installed."""
    for name in ("BOOTSTRAP", "RUNTIME", "DEV"):
        path = tmp_path / getattr(run_bot, name).name
        path.write_text("somepackage==1\n")
        monkeypatch.setattr(run_bot, name, path)
    monkeypatch.setattr(run_bot, "ROOT", tmp_path)
    monkeypatch.setattr(run_bot, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(run_bot, "VENV_PYTHON", tmp_path / ".venv" / "bin" / "python")
    fake = Installer()
    monkeypatch.setattr(run_bot, "step", fake)
    return fake


ALL_STEPS = ["venv", "pip bootstrap.lock", "uv requirements.lock"]


def test_the_first_start_prepares_and_the_second_does_not(installer: Installer) -> None:
    run_bot.prepare(dev=False)
    run_bot.prepare(dev=False)

    assert installer.ran == ALL_STEPS


def test_a_changed_lock_prepares_anew(installer: Installer) -> None:
    run_bot.prepare(dev=False)
    run_bot.RUNTIME.write_text("somepackage==2\n")
    run_bot.prepare(dev=False)

    assert installer.ran == ALL_STEPS * 2


def test_tests_add_their_packages_once_and_the_bot_runs_on(installer: Installer) -> None:
    run_bot.prepare(dev=False)
    run_bot.prepare(dev=True)
    run_bot.prepare(dev=True)
    run_bot.prepare(dev=False)

    assert installer.ran == [*ALL_STEPS, "uv requirements-dev.lock"]


def test_a_changed_dev_lock_does_not_concern_the_bot(installer: Installer) -> None:
    run_bot.prepare(dev=True)
    run_bot.DEV.write_text("somepackage==2\n")

    assert run_bot.is_ready(dev=False)
    assert not run_bot.is_ready(dev=True)


@pytest.mark.parametrize("dev", [False, True])
def test_an_interrupted_set_up_is_begun_again(installer: Installer, dev: bool) -> None:
    if dev:
        run_bot.prepare(dev=False)
    installer.dies = True
    with pytest.raises(KeyboardInterrupt):
        run_bot.prepare(dev=dev)
    installer.ran, installer.dies = [], False

    run_bot.prepare(dev=dev)

    assert installer.ran[0] == "venv"
    assert run_bot.is_ready(dev=dev)


def test_pip_does_what_the_fast_installer_cannot(installer: Installer) -> None:
    installer.breaks = "uv"

    run_bot.prepare(dev=False)

    assert installer.ran == [*ALL_STEPS, "pip requirements.lock"]


def test_a_set_up_that_fails_says_what_to_do(installer: Installer) -> None:
    def offline(held: int, *command: object) -> str:
        installer(held, *command)
        return "no such host" if "-r" in command else ""

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_bot, "step", offline)
        with pytest.raises(run_bot.SetupError, match="mend the connection"):
            run_bot.prepare(dev=False)

    assert not run_bot.is_ready(dev=False)


def test_a_python_without_venv_is_explained(
    installer: Installer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_bot, "step", lambda *_: "... because ensurepip is not available.")

    with pytest.raises(run_bot.SetupError, match="apt install python3-venv"):
        run_bot.prepare(dev=False)


def test_an_old_python_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    ast.parse((ROOT / "run_bot.py").read_text("utf-8"), feature_version=(3, 8))
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))

    with pytest.raises(run_bot.SetupError, match=r"needs Python 3\.11 or newer; .* is 3\.10\.4"):
        run_bot.main([])


def test_only_one_prepares_at_a_time(installer: Installer, tmp_path: Path) -> None:
    other = os.open(tmp_path / ".venv.lock", os.O_RDWR | os.O_CREAT)
    try:
        with run_bot.only_one(), pytest.raises(BlockingIOError):
            run_bot.lock_file(other, wait=False)
        run_bot.lock_file(other, wait=False)
    finally:
        os.close(other)


def test_an_installer_that_outlives_its_parent_still_holds_the_lock(tmp_path: Path) -> None:
    """SIGKILL does not reach the installer: the next start must wait until it has ended."""
    pipe, lock = tmp_path / "pipe", tmp_path / ".venv.lock"
    os.mkfifo(pipe)
    reader = f"open({str(pipe)!r}).read()"
    script = (
        "import pathlib, run_bot, sys\n"
        f"run_bot.ROOT = pathlib.Path({str(tmp_path)!r})\n"
        f"with run_bot.only_one() as held: run_bot.step(held, sys.executable, '-c', {reader!r})\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)
    with pipe.open("w"):  # opens when the installer reads
        parent.kill()
        parent.wait()
        descriptor = os.open(lock, os.O_RDWR)
        with pytest.raises(BlockingIOError):
            run_bot.lock_file(descriptor, wait=False)
    deadline = time.monotonic() + 10  # the pipe is closed: the installer ends
    while True:
        try:
            run_bot.lock_file(descriptor, wait=False)
            break
        except BlockingIOError:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    os.close(descriptor)


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ("sys_platform == 'linux'", sys.platform == "linux"),
        ("sys_platform != 'linux'", sys.platform != "linux"),
        ("python_full_version >= '3.9'", True),
        ("python_version < '3.9'", False),
        ("python_full_version < '3.9' or (os_name != 'java' and python_version > '3.2')", True),
        ("implementation_name != 'pypy' and platform_machine == 'pdp11'", False),
    ],
)
def test_markers(marker: str, expected: bool) -> None:
    assert expected == run_bot.holds(marker)


@pytest.mark.parametrize("marker", ["extra == 'x'", "'a' in os_name", "exit()"])
def test_an_unknown_marker_is_an_error_and_no_guess(marker: str) -> None:
    with pytest.raises(ValueError, match="marker"):
        run_bot.holds(marker)


def test_one_resolution_covers_the_bot_and_its_tests() -> None:
    runtime = dict(run_bot.pins(run_bot.RUNTIME.read_text("utf-8")))
    dev = dict(run_bot.pins(run_bot.DEV.read_text("utf-8")))

    assert runtime
    assert runtime.items() <= dev.items()
    assert "pytest" not in runtime


def test_every_pin_of_a_lock_is_read() -> None:
    for lock in (run_bot.RUNTIME, run_bot.DEV):
        text = lock.read_text("utf-8")

        assert text.count("==") == len(run_bot.LINE.findall(text)) + text.count("== '")


def test_another_version_is_not_enough(tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text("pytest==0.1 \\\n    --hash=sha256:00\n")

    assert not run_bot.has(lock)


def test_an_interpreter_with_everything_runs_from_any_directory(tmp_path: Path) -> None:
    """... with a space in the path, past modules of the same name, and without making `.venv`."""
    checkout, elsewhere = tmp_path / "door step", tmp_path / "elsewhere"
    for directory in (checkout / "bot" / "commands", elsewhere / "bot"):
        directory.mkdir(parents=True)
        (directory / "__init__.py").touch()
    (checkout / "bot" / "__init__.py").touch()
    (checkout / "bot" / "commands" / "__main__.py").write_text(
        "import os, sys; print(os.getcwd(), *sys.argv[1:], sep='|')"
    )
    for name in ("run_bot.py", "bootstrap.lock", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, checkout)
    assert run_bot.has(run_bot.RUNTIME)

    done = subprocess.run(
        [sys.executable, "../door step/run_bot.py", "jobs", "show", "114-7 b"],
        cwd=elsewhere,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == f"{elsewhere}|jobs|show|114-7 b\n"
    assert done.stderr == ""
    assert not (checkout / ".venv").exists()
