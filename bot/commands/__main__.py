"""The command line's entry: `python -m bot.commands`, which run_bot.py opens."""

import os
import platform
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import typer

from bot.commands.output import Stop, note, say
from bot.env_file import WrongSettings
from bot.operator.who import Refused
from bot.wires.redaction import redacted
from storage.db import StorageError
from storage.migrations import head

_PROJECT = Path(__file__).parents[2] / "pyproject.toml"

COMMANDS = {
    "people": ("people", "app"),
    "manifest": ("manifest", "app"),
    "jobs": ("jobs", "app"),
    "ledger": ("ledger", "app"),
    "serve": ("serving", "serve"),
    "rehearse": ("serving", "rehearse"),
    "doctor": ("doctor", "doctor"),
    "packet": ("packet", "packet"),
    "form": ("packet", "form"),
    "backup": ("upkeep", "backup"),
    "restore": ("upkeep", "restore"),
    "move": ("upkeep", "move"),
    "retention": ("upkeep", "app"),
    "erase": ("upkeep", "erase"),
}
"""Each command's module and what it is there."""


def commands(word: str) -> typer.Typer:
    """The command line; where `word` is a command only that one, since all of them take half a
    second to load."""
    app = typer.Typer(
        name="run_bot.py",
        help="Doorstep: a chat companion for field technicians, on Telegram and on SMS.",
        epilog="Also: run_bot.py test runs all tests, run_bot.py check everything that is checked.",
        pretty_exceptions_enable=False,
        add_completion=False,
        no_args_is_help=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(begin)
    for name in [word] if word in COMMANDS else COMMANDS:
        module, attribute = COMMANDS[name]
        found = getattr(import_module(f"bot.commands.{module}"), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def begin(
    context: typer.Context,
    debug: bool = typer.Option(
        False, "--debug", envvar="DOORSTEP_DEBUG", help="Show where an error came from."
    ),
    version: bool = typer.Option(False, "--version", help="Say which version this is."),
) -> None:
    """Doorstep: a chat companion for field technicians, on Telegram and on SMS."""
    context.obj = debug
    if version:
        say(_version())
        raise typer.Exit
    if context.invoked_subcommand is None:
        from bot.commands import serving  # noqa: PLC0415 - see `commands`

        serving.whatever_is_configured()


def _version() -> str:
    """This program and the schema it brings a database to: what a roll-back has to know."""
    project = tomllib.loads(_PROJECT.read_text())["project"]
    return f"Doorstep {project['version']}, schema {head()}, Python {platform.python_version()}"


def main(arguments: list[str]) -> int:
    """Run a command; its exit code. Whatever goes wrong is a sentence, not a traceback."""
    debug = "--debug" in arguments[:1]
    word = next((each for each in arguments if not each.startswith("-")), "")
    try:
        outcome = typer.main.get_command(commands(word)).main(
            arguments, prog_name="run_bot.py", standalone_mode=False
        )
        sys.stdout.flush()  # here, where a reader that hung up is no error
    except typer.TyperException as error:
        said = getattr(error, "format_message", None)
        why = _sentence(said() if said else str(error))
        if "unexpected extra argument" in why:
            why += ' Several words that belong together stand in quotes, as "Tina Abernathy".'
        note(f"{why} See run_bot.py --help.")
        return 2
    except (Stop, Refused, WrongSettings) as error:
        for line in error.args:
            note(str(line))
        return 1
    except (KeyboardInterrupt, typer.Abort):
        note("Stopped.")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if debug:
            raise
        note(redacted(_why(error)))
        return 1
    return outcome if isinstance(outcome, int) else 0


def _why(error: Exception) -> str:
    """What nobody foresaw, in a sentence."""
    if isinstance(error, StorageError):
        return f"{_sentence(str(error))} Check DATABASE_URL, then try again."
    said = f"{type(error).__name__}: {str(error)[:300]}"
    return f"This failed ({said}). With --debug before the command it shows where."


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "?", "!")) else f"{text[:1].upper()}{text[1:]}."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
