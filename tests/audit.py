"""Asks whether a weakness is known of anything that is pinned (S10): python3 run_bot.py check audit

pip-audit asks the package index about each release. By itself it calls it good news when the index
knows nothing; here what was not learned is said, and only what was looked at counts as looked at.
The exit code is 1 where a weakness is known, and 0 where none is or nobody can be asked.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parents[1] / "requirements-dev.lock"
"""It holds all of requirements.lock."""
_HOW = ("--disable-pip", "--format=json", "--progress-spinner=off", "--timeout=10")
PATIENCE = 180.0
"""Seconds for all of it: an index that hangs does not hold up the other checks."""


def verdict(document: Any) -> tuple[int, str]:
    """The exit code and what to say, of pip-audit's own report."""
    rows = document["dependencies"]
    asked = [row for row in rows if "vulns" in row]
    weak = [
        f"{row['name']} {row['version']}: {each['id']}, mended in "
        f"{', '.join(each['fix_versions']) or 'no release'}"
        for row in asked
        for each in row["vulns"]
    ]
    if weak:
        return 1, "\n".join(["Known weaknesses:", *weak])
    if not asked:
        return 0, f"Not audited: the index says nothing about any of the {len(rows)} releases."
    unknown = f"; it says nothing about {len(rows) - len(asked)}" if len(asked) < len(rows) else ""
    return 0, f"{len(asked)} releases without a known weakness{unknown}."


def audit() -> tuple[int, str]:
    """The verdict; where nobody can be asked, that."""
    tool = [sys.executable, "-m", "uv", "--system-certs", "tool", "run", "pip-audit==2.10.1"]
    try:
        done = subprocess.run(
            [*tool, *_HOW, "-r", str(LOCK)],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return verdict(json.loads(done.stdout))
    except (subprocess.TimeoutExpired, ValueError):
        return 0, "Not audited: the index does not answer, or uv is not there."


if __name__ == "__main__":
    code, sentence = audit()
    sys.stdout.write(f"{sentence}\n")
    sys.exit(code)
