"""What is loaded at the start stays to the end: the garbage collector need not look at it again."""

import gc

_YOUNG = 10_000
"""New objects between two looks; the language's own 700 are two looks for every turn group."""


def settle_down() -> None:
    """Set aside all that is loaded now, and look at what is new less often.

    Rules, words and libraries are half a million objects: to look through them took 45 ms, in which
    nothing else was done (F5), and every other look a tenth of a turn.
    """
    gc.collect()
    gc.freeze()
    gc.collect()  # so that it counts as old only what comes from now on
    gc.set_threshold(_YOUNG, 10, 10)
