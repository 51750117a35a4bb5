"""The house's rules that no tool holds: small files, documented modules, no foreign hosts."""

import ast
import importlib
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("flows", "storage", "bot")
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
LONGEST = 420
MADE_BY_TOOLS = {".git", ".venv", "__pycache__", "node_modules"}


def our_files() -> list[Path]:
    """Every file that is, or would be, in the repository; all that lies here if git cannot say."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        names = listed.stdout.decode().split("\0")
        paths = [ROOT / name for name in names if name]
    else:
        paths = [
            path
            for path in ROOT.rglob("*")
            if not MADE_BY_TOOLS.intersection(path.relative_to(ROOT).parts)
            and not any(part.endswith("_cache") for part in path.parts)
        ]
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def test_there_are_modules_to_judge() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in MODULES} == set(ROOMS)


def test_no_module_is_long() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in MODULES}

    assert {} == {str(path): length for path, length in lengths.items() if length > LONGEST}


def test_every_module_says_what_it_is() -> None:
    silent = [path for path in MODULES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]

    assert [] == silent


def test_every_directory_of_modules_is_a_package() -> None:
    """The contracts on imports do not see a directory without `__init__.py`."""
    directories = {path.parent for path in MODULES}

    assert [] == sorted(path for path in directories if not (path / "__init__.py").exists())


def test_no_file_names_a_registry_or_a_machine() -> None:
    # put together here, or this file would be the first to be found
    needles = [
        "pypi" + ".org",
        "python" + "hosted.org",
        "npmjs" + ".org",
        "debian" + ".org/debian",
        "/work" + "/main",
        "/work" + "/shared",
        "/" + "tmp/dev",
        "/root" + "/",
        ".py" + "env/",
    ]
    found = [
        (str(path.relative_to(ROOT)), needle)
        for path in our_files()
        for needle in needles
        if needle.encode() in path.read_bytes()
    ]

    assert [] == found


@pytest.mark.parametrize("lock", ["bootstrap.lock", "requirements.lock", "requirements-dev.lock"])
def test_s10_a_lock_names_no_host_and_hashes_every_package(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    packages = [block for block in re.split(r"\n(?=\S)", text) if "==" in block]

    assert "://" not in text
    assert packages
    assert [] == [block for block in packages if "--hash=sha256:" not in block]


@pytest.mark.skipif(
    not (ROOT / "bot" / "settings.py").exists(), reason="bot/settings.py is not there yet"
)
def test_the_example_settings_are_the_settings() -> None:
    module = importlib.import_module("bot.settings")
    prefix = module.Settings.model_config.get("env_prefix", "")
    fields = module.Settings.model_fields.items()
    named = {str(field.validation_alias or prefix + name).upper() for name, field in fields}
    example = (ROOT / ".env.example").read_text("utf-8")
    shown = re.findall(r"^(?:# ?)?([A-Z][A-Z0-9_]*)=", example, re.MULTILINE)

    assert sorted(named) == sorted(shown)


@pytest.mark.parametrize("command", ["python3 run_bot.py", "python3 run_bot.py test"])
def test_the_readme_shows_the_command(command: str) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")

    assert re.search(rf"^ *{re.escape(command)}(?: *#.*)?$", readme, re.MULTILINE)


def test_ci_runs_the_readmes_test_command() -> None:
    assert "python3 run_bot.py test" in (ROOT / ".ci" / "run").read_text("utf-8")


NAMES_A_PROGRAM = {
    "flows/book.py", "flows/rules.py", "bot/settings.py", "storage/tables.py",
    "storage/migrations/versions/0001_first.py",
}  # fmt: skip
"""The list of programs, the rules' wording, the settings; and a released column's default."""


def code_of(module: Path) -> str:
    """A module's code without its docstrings, which may say what something is an example of."""
    tree = ast.parse(module.read_text("utf-8"))
    for node in ast.walk(tree):
        for name, lines in ast.iter_fields(node):
            if name in ("body", "orelse", "finalbody") and isinstance(lines, list):
                said = [each for each in lines if isinstance(each, ast.Expr)]
                words = [each for each in said if isinstance(each.value, ast.Constant)]
                setattr(node, name, [each for each in lines if each not in words])
    return ast.unparse(tree)


def test_only_a_programs_own_files_name_it() -> None:
    """A program is data: what all of them share knows none of them."""
    names = [path.stem for path in (ROOT / "flows" / "programs").glob("[!_]*.py")]
    told = re.compile("|".join(names), re.IGNORECASE)
    found = {
        where: sorted(set(told.findall(code_of(module))))
        for module in MODULES
        if not (where := module.relative_to(ROOT).as_posix()).startswith("flows/programs/")
        and where not in NAMES_A_PROGRAM
        and told.search(code_of(module))
    }

    assert names
    assert {} == found
