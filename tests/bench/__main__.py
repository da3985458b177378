"""The table of figures. Arguments: names of lines (all of them where none is given); `--list` names them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.lines import LINES, Line, percentile

ROOT = Path(__file__).resolve().parent.parent.parent


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--child"]:
        print(json.dumps(LINES[arguments[1]].measure()))
        return 0
    if "--list" in arguments:
        print("\n".join(f"{name:16} {line.what}" for name, line in LINES.items()))
        return 0
    unknown = [name for name in arguments if name not in LINES]
    if unknown:
        print(f"no such line: {', '.join(unknown)}; there are {', '.join(LINES)}", file=sys.stderr)
        return 2
    cores, busy = os.cpu_count() or 1, os.getloadavg()[0]
    print(f"{cores} cores, load {busy:.1f} before the first line" + (": busy, expect high p95" if busy > 0.5 else ""))
    print(f"{'':56} {'p50':>9} {'p95':>9}   {'goal':>16}   beside, in the same run")
    for name in arguments or LINES:
        report(LINES[name], measured(name))
    return 0


def measured(name: str) -> dict[str, Any]:
    """What a line gives in a process of its own, with an empty folder for the user's data."""
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"BUSBAR_HOME": home, "QT_QPA_PLATFORM": "offscreen"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench", "--child", name],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "it ended without a word"}
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def report(line: Line, found: dict[str, Any]) -> None:
    """One row, and where there is a baseline how many times it is slower."""
    if "failed" in found:
        print(f"{line.what:56} could not be measured: {found['failed']}")
        return
    p50, p95 = percentile(found["samples"], 50), percentile(found["samples"], 95)
    met = {True: "met", False: "MISSED"}[line.is_met(p50, p95)]
    print(f"{line.what:56} {line.text(p50):>9} {line.text(p95):>9}   {line.goal:>9} {met:>6}", end="")
    for words, samples in found.get("beside", {}).items():
        other, slow = percentile(samples, 50), percentile(samples, 95)
        times = f", {other / p50:.1f}×" if p50 and line.compares else ""
        print(f"   {words}: {line.text(other)} / {line.text(slow)}{times}", end="")
    print(f"   {found['note']}" if found.get("note") else "", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
