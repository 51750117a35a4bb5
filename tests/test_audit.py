"""S10: what is said of the audit of what is pinned; silence of the index is no all-clear."""

import subprocess
from typing import Any

import pytest

from tests import audit

GOOD: dict[str, Any] = {"name": "fine", "version": "1.0", "vulns": []}
UNKNOWN = {"name": "odd", "skip_reason": "Dependency not found"}
WEAK: dict[str, Any] = {
    "name": "weak",
    "version": "2.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}],
}


@pytest.mark.parametrize(
    ("rows", "code", "said"),
    [
        ([GOOD], 0, "1 releases without a known weakness."),
        ([GOOD, UNKNOWN], 0, "says nothing about 1"),
        ([UNKNOWN], 0, "Not audited"),
        ([GOOD, WEAK], 1, "weak 2.0: PYSEC-1, mended in 2.1"),
    ],
)
def test_s10_a_weakness_is_told_and_silence_is_no_all_clear(
    rows: list[Any], code: int, said: str
) -> None:
    found, sentence = audit.verdict({"dependencies": rows, "fixes": []})

    assert code == found
    assert said in sentence


def test_s10_an_index_that_does_not_answer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 1, "", "no route to host")

    monkeypatch.setattr(subprocess, "run", silent)

    assert (0, "Not audited: the index does not answer, or uv is not there.") == audit.audit()
