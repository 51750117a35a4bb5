"""The file `.env` as a file: what in it cannot be read."""

from io import StringIO
from pathlib import Path

from dotenv.parser import Original, parse_stream


class WrongSettings(Exception):
    """One sentence for each wrong setting."""


def refuse_unreadable(env_file: Path) -> None:
    """WrongSettings for what would else be passed over in silence: lines that set nothing."""
    try:
        lines = env_file.read_text("utf-8-sig")
    except (FileNotFoundError, IsADirectoryError):
        return
    except UnicodeDecodeError:
        raise WrongSettings(".env is not saved as UTF-8: save it again as UTF-8 text.") from None
    except OSError as error:
        raise WrongSettings(f".env cannot be read ({error.strerror}): check its owner.") from None
    wrong = [each.original for each in parse_stream(StringIO(lines)) if each.error]
    if wrong:
        raise WrongSettings(
            "\n".join(
                f".env, line {_first_line(each)}: this is no setting; "
                "write NAME=value, or # before a remark."
                for each in wrong
            )
        )


def _first_line(part: Original) -> int:
    """The line where a part of the file says something; blank lines before it belong to it."""
    blank = len(part.string) - len(part.string.lstrip())
    return part.line + part.string[:blank].count("\n")
