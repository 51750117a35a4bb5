"""Twilio's error codes, in coarse classes: what a code means for the row and who is told.

The codes may change without notice: whatever is not listed here is final for its row.
"""

from collections.abc import Mapping

from bot.channels.base import Misconfigured, Reason, Refused, SendError, TryLater
from flows.facts import MINUTE, Instant

OPTED_OUT = frozenset({21610})
INVALID = frozenset({21211, 21214, 21217, 21401, 21408, 21421, 21612, 21614, 21635, 30006})
"""No mobile, no such number, no route to its country: never again."""
UNREACHABLE = frozenset({30003, 30005})
"""Off, out of coverage or unknown just now: the person's other phone, then a call."""
FILTERED = frozenset({30004, 30007})
"""A carrier took our words for spam: only the operator can mend that."""
CONFIGURATION = frozenset(
    {20003, 20404, 21212, 21603, 21606, 21608, 21659, 21701, 21703, 21704, 30024, 30032, 30034}
)
BUSY = frozenset({20429, 21611, 30001, 30022, 63038})
LOOP = frozenset({14107})
AGAIN: Mapping[int, Instant] = {30003: 5 * MINUTE, 30008: MINUTE}
"""Reported after the send: one more try after this business time, then it is given up."""
_LOOP_PAUSE = 35.0
"""Real seconds: loop protection lets texts to that number through again after 30."""


def refused(status: int, code: int, said: str) -> SendError:
    """What a refused request means; `code` falls back to the HTTP status where there is none."""
    reason = f"{code}: {said}"
    if code in BUSY or status == 429:
        return TryLater(reason, whole_channel=True)
    if code in LOOP:
        return TryLater(reason, _LOOP_PAUSE)
    if code in CONFIGURATION or status in (401, 403):
        return Misconfigured(f"Twilio refuses to send: {reason}")
    if status >= 500:
        return TryLater(reason, whole_channel=True)
    return Refused(why(code), reason)


def why(code: int) -> Reason:
    """Why a text that failed for good did not arrive."""
    if code in OPTED_OUT:
        return "opted_out"
    if code in INVALID:
        return "invalid"
    if code in CONFIGURATION:
        return "configuration"
    if code in UNREACHABLE:
        return "unreachable"
    if code in FILTERED:
        return "filtered"
    return "undelivered" if code >= 30000 else "other"
