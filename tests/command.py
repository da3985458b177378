"""The `busbar` command as a process of its own, forked from one that has its modules already."""

from __future__ import annotations

import io
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT_S = 120
LOADED = (
    "app.cli",
    "app.main",
    "app.memo.files",
    "models.evaluate",
    "models.importers.tables",
    "models.samples",
    "models.storage.plan_file",
    "numpy",
    "openpyxl",
    "pandas",
    "pytest",
)
"""Python itself, Qt's bindings and numpy take four times as long to load as most commands take to answer."""


def busbar(
    *arguments: str | Path, stdin: bytes = b"", environment: dict[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run `python -m app` with these arguments, in a process in which no command has run before.

    What runs the tests must be importable without running them again, as pytest is: the process looks at its module.
    """
    words, folder = [str(a) for a in arguments], str(cwd or ROOT)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})}
    if "forkserver" not in multiprocessing.get_all_start_methods():
        command = [sys.executable, "-m", "app", *words]
        return subprocess.run(command, input=stdin, capture_output=True, cwd=folder, env=environment, timeout=TIMEOUT_S)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(LOADED))
    with tempfile.TemporaryDirectory() as held:
        streams = [Path(held) / name for name in ("stdin", "stdout", "stderr")]
        streams[0].write_bytes(stdin)
        process = context.Process(target=_run, args=(words, folder, environment, streams))
        process.start()
        process.join(TIMEOUT_S)
        if process.is_alive():
            process.kill()
            raise subprocess.TimeoutExpired(words, TIMEOUT_S)
        code = process.exitcode
        assert code is not None
        process.close()
        said = [stream.read_bytes() for stream in streams[1:]]
    return subprocess.CompletedProcess(words, code, *said)


def _run(words: list[str], folder: str, environment: dict[str, str], streams: list[Path]) -> None:
    """Become the command: its own folder, environment and streams, then its module from the start."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, stream in enumerate(streams):
        os.dup2(os.open(stream, os.O_RDWR | os.O_CREAT | os.O_APPEND), number)
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)))  # its own was taken from it
    sys.argv = ["busbar", *words]
    runpy.run_module("app", run_name="__main__")
