"""The `busbar` command, or any function, as a process of its own, forked from one that has its modules already."""

from __future__ import annotations

import io
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Callable
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
    """Run `python -m app` with these arguments, in a process in which no command has run before."""
    words = [str(a) for a in arguments]
    with tempfile.TemporaryDirectory() as held:
        streams = [Path(held) / name for name in ("stdin", "stdout", "stderr")]
        streams[0].write_bytes(stdin)
        code = run_apart(_command, words, str(cwd or ROOT), environment or {}, streams)
        said = [stream.read_bytes() for stream in streams[1:]]
    return subprocess.CompletedProcess(words, code, *said)


def run_apart(function: Callable[..., object], *arguments: object) -> int:
    """Call a module's function in a process of its own, with the environment of now; returns its exit code.

    What runs the tests must be importable without running them again, as pytest is: the process looks at its module.
    """
    has_server = "forkserver" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if has_server else "spawn")
    if has_server:
        context.set_forkserver_preload(list(LOADED))
    process = context.Process(target=_apart, args=(dict(os.environ), function, arguments))
    process.start()
    process.join(TIMEOUT_S)
    if process.exitcode is None:
        process.kill()
        raise subprocess.TimeoutExpired(str(function), TIMEOUT_S)
    code = process.exitcode
    process.close()
    return code


def _apart(environment: dict[str, str], function: Callable[..., object], arguments: tuple[object, ...]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    function(*arguments)


def _command(words: list[str], folder: str, environment: dict[str, str], streams: list[Path]) -> None:
    """Become the command: its own folder and streams, then its module from the start."""
    os.chdir(folder)
    os.environ.update(environment)
    for number, stream in enumerate(streams):
        os.dup2(os.open(stream, os.O_RDWR | os.O_CREAT | os.O_APPEND), number)
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)))  # its own was taken from it
    sys.argv = ["busbar", *words]
    runpy.run_module("app", run_name="__main__")
