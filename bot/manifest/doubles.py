"""The same order twice in one file: alike it is one row, different it is a problem."""

from collections.abc import Sequence
from dataclasses import fields

from bot.manifest.rows import ManifestReading, ManifestRow, Skipped
from bot.sheets.reading import Problem


def order_key(work_order: str) -> str:
    """How two spellings of one order number are known to be the same."""
    return "".join(work_order.casefold().split())


def keep_single(
    good: Sequence[ManifestRow], bad: Sequence[tuple[int, str]], reading: ManifestReading
) -> None:
    """Keeps an order that stands once, or several times alike; the others are problems."""
    rows: dict[str, list[ManifestRow]] = {}
    for row in good:
        rows.setdefault(order_key(row.work_order), []).append(row)
    broken = {key: number for number, key in bad if key}
    for key, same in rows.items():
        first = same[0]
        other = next((each for each in same if _differing(first, each)), None)
        if other is not None:
            columns = ", ".join(_differing(first, other))
            reading.problems += [
                Problem(
                    each.row,
                    "work_order",
                    f"{each.work_order} stands in rows {first.row} and "
                    f"{other.row} with different content ({columns}): leave one.",
                )
                for each in same
            ]
        elif key in broken:
            reading.problems.append(
                Problem(
                    first.row,
                    "work_order",
                    f"{first.work_order} stands in row {broken[key]} "
                    "too, which cannot be read: leave one.",
                )
            )
        else:
            reading.rows.append(first)
            reading.skipped += [
                Skipped(each.row, each.work_order, f"it repeats row {first.row}")
                for each in same[1:]
            ]


def _differing(one: ManifestRow, other: ManifestRow) -> list[str]:
    names = (each.name for each in fields(ManifestRow) if each.name not in {"row", "work_order"})
    return [name for name in names if getattr(one, name) != getattr(other, name)]
