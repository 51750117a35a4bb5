"""What must be done after a move: orders that the engine hands out and never carries out itself."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Say:
    """Tell the technician the sentence `key`; `must` says that a phone without room gets it too."""

    key: str
    must: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """Put the standing prompt to the technician.

    `key` names another sentence for it (empty: the step's own), `choices` other answers
    (digit, word) than the step's own.
    """

    key: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Hush:
    """Stand at the new step without asking for it yet."""


@dataclass(frozen=True, slots=True)
class Menu:
    """Show the menu of that name for this job."""

    name: str


@dataclass(frozen=True, slots=True)
class Alert:
    """Tell the technician's managers; `choices` maps a letter to the word that the answer fires.

    Severity: 1 severe (pierces quiet hours, climbs after 5 min), 2 normal (15), 3 can wait (30).
    """

    kind: str
    severity: int = 2
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CloseAlerts:
    """What these alerts asked no longer needs an answer."""

    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MailOffice:
    """Mail the office about `case`, managers in copy, with the job's photos of these kinds.

    `to` is the contact of the program whose address it goes to.
    """

    case: str
    photos: tuple[str, ...] = ()
    to: str = "office_email"


@dataclass(frozen=True, slots=True)
class KeepPhoto:
    """The photo that came is evidence of this kind (door, damage, parts, form, selfie, other).

    An empty kind makes it the same as the first of its album. The engine fills in `photo`.
    """

    kind: str
    photo: int = 0


@dataclass(frozen=True, slots=True)
class Owe:
    """The technician is owed this; `rule` is why.

    The engine orders one trip charge or failed-visit fee a visit, whatever the cases.
    """

    reason: str
    rule: str


@dataclass(frozen=True, slots=True)
class Note:
    """Keep when this happened as a mark of the job; marks are what reminders and rows refer to.

    With `first` a mark that is there already keeps its moment.
    """

    mark: str
    first: bool = False


@dataclass(frozen=True, slots=True)
class Forget:
    """Drop these marks."""

    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replan:
    """The told time is the new planned arrival; with `mark`, the time kept under that mark."""

    mark: str = ""


@dataclass(frozen=True, slots=True)
class Reschedule:
    """The told time is the new appointment, on whatever day; its window keeps its length (M05)."""


@dataclass(frozen=True, slots=True)
class Practise:
    """Begin a made-up job of the program in the chat, of which nobody else hears."""


@dataclass(frozen=True, slots=True)
class Log:
    """A line of the job's timeline: what happened at which step."""

    event: str
    step: str
    at: int
    told_at: int
    by: str
    channel: str
    detail: dict[str, object] = field(default_factory=dict)


Effect = (
    Say
    | Ask
    | Hush
    | Menu
    | Alert
    | CloseAlerts
    | MailOffice
    | KeepPhoto
    | Owe
    | Note
    | Forget
    | Replan
    | Reschedule
    | Practise
    | Log
)
