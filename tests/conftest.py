"""What every test gets without asking: no screen, no user's folder, nothing left running, no silent warning."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Generator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# Before Qt is imported. Pictures must not depend on the machine, hence no scaling or style from outside either.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
for _name in ("QT_SCALE_FACTOR", "QT_SCREEN_SCALE_FACTORS", "QT_FONT_DPI", "QT_STYLE_OVERRIDE", "QT_QPA_PLATFORMTHEME"):
    os.environ.pop(_name, None)

ROOT = Path(__file__).resolve().parent.parent

# The same examples on every run: a red test is then due to the change at hand.
# HYPOTHESIS_PROFILE=explore looks further.
# A machine that is busy elsewhere is no reason to fail, hence no deadline and no complaint about slow examples.
settings.register_profile(
    "repeatable",
    max_examples=40,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("explore", max_examples=2000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

# How long a worker that was told to stop may still take once its test is over.
GRACE_MS = 500


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of reference data beside the checkout; most machines do not have it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("reference data: there is no ../shared/data beside the checkout")
    return folder


_tests_begun = count()


@pytest.fixture(autouse=True)
def busbar_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of each test's own, so that none reads or writes the user's settings and recovery copies.

    It is not there yet: most tests never ask for it, and four thousand folders take their time.
    """
    home = tmp_path_factory.getbasetemp() / f"busbar-home-{next(_tests_begun)}"
    monkeypatch.setenv("BUSBAR_HOME", str(home))
    return home


@pytest.fixture
def user_folder() -> Iterator[Path]:
    """An empty folder, and the rights of an ordinary user even where the superuser runs the tests."""
    if not hasattr(os, "setresuid"):
        pytest.skip("rights of files are a matter of POSIX")
    folder = Path(tempfile.mkdtemp())
    is_superuser = os.geteuid() == 0
    if is_superuser:
        os.chown(folder, 65534, 65534)
        os.setresuid(65534, 65534, 0)
    try:
        yield folder
    finally:
        folder.chmod(0o700)
        if is_superuser:
            os.setresuid(0, 0, 0)
        shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def _no_unexpected_log_record(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail on a record of level WARNING or above: somebody should have read it."""
    yield
    if request.node.get_closest_marker("logs_warnings"):
        return
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    texts = [f"{r.levelname} {r.name}: {r.getMessage()}" for r in records if r.levelno >= logging.WARNING]
    if texts:
        pytest.fail("logged, but not announced with the marker logs_warnings:\n" + "\n".join(texts), pytrace=False)


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass over the tests themselves, which stay until the end."""
    gc.freeze()


CALL_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test failed: its traceback keeps its windows alive, which is then no fault of its own."""
    report = yield
    if call.when == "call":
        item.stash[CALL_FAILED] = call.excinfo is not None
    return report


@pytest.fixture(autouse=True)
def _nothing_left_running(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test with Qt that leaves a thread, a timer or a window behind.

    Such leftovers do not hurt the test that made them but crash or slow down a later one, where nobody looks for the
    cause. pytest-qt has closed the windows it knows of by the time the second half runs.
    """
    if not {"qtbot", "qapp"} & set(request.fixturenames):
        yield
        return
    request.getfixturevalue("qapp")
    started = _record_starts(monkeypatch)
    windows_before = {id(window) for window in _parentless_windows()}
    threads_before = set(threading.enumerate())
    gc.disable()  # as in the application: a worker must not destroy the widgets of an earlier test in its own thread
    yield
    gc.enable()
    if request.node.get_closest_marker("leaves_qt_running") or request.node.stash.get(CALL_FAILED, False):
        return
    leftovers = _leftovers(started, windows_before, threads_before)
    if leftovers:
        # Only garbage, perhaps: what Python has not collected yet is not the test's fault.
        gc.collect()
        leftovers = _leftovers(started, windows_before, threads_before)
    if leftovers:
        pytest.fail("still there after the test:\n" + "\n".join(leftovers), pytrace=False)


Started = dict[type, "weakref.WeakSet[Any]"]


def _record_starts(monkeypatch: pytest.MonkeyPatch) -> Started:
    """Remember each thread, pool and timer that Python code starts from now on; Qt's own are none of our business."""
    from PySide6.QtCore import QThread, QThreadPool, QTimer

    started: Started = {}

    def watch(kind: type) -> None:
        known: weakref.WeakSet[Any] = weakref.WeakSet()
        started[kind] = known
        original: Callable[..., Any] = kind.start  # type: ignore[attr-defined]

        def start(self: Any, *args: Any, **kwargs: Any) -> Any:
            known.add(self)
            return original(self, *args, **kwargs)

        monkeypatch.setattr(kind, "start", start)

    for kind in (QThread, QThreadPool, QTimer):
        watch(kind)
    return started


def _leftovers(started: Started, windows_before: set[int], threads_before: set[threading.Thread]) -> list[str]:
    """Describe what is still alive, after Qt has done the deletions it was asked for."""
    from PySide6.QtCore import QCoreApplication, QEvent, QThread, QThreadPool, QTimer
    from shiboken6 import isValid

    found = []
    for pool in {QThreadPool.globalInstance(), *filter(isValid, started[QThreadPool])}:
        if not pool.waitForDone(GRACE_MS):
            found.append(f"a thread pool with {pool.activeThreadCount()} active workers")
    for thread in filter(isValid, started[QThread]):
        if thread.isRunning() and not thread.wait(GRACE_MS):
            found.append(f"a running thread {_named(thread)}")
    for worker in set(threading.enumerate()) - threads_before:
        # A "dummy" is how Python shows a thread that is not its own: Qt's, looked at above.
        if not worker.name.startswith("Dummy-"):
            worker.join(GRACE_MS / 1000)
            if worker.is_alive():
                found.append(f"a running Python thread {worker.name!r}")

    QCoreApplication.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)  # processEvents alone does not delete
    found += [f"an active timer {_named(timer)}" for timer in filter(isValid, started[QTimer]) if timer.isActive()]
    found += [
        f"a window {_named(window)}: give it to qtbot.addWidget, or delete it"
        for window in _parentless_windows()
        if id(window) not in windows_before
    ]
    return found


def _parentless_windows() -> list[Any]:
    """Return the windows that nothing owns; Qt's tool tip is one that lives as long as the application."""
    from PySide6.QtWidgets import QApplication

    windows = QApplication.topLevelWidgets()
    return [w for w in windows if w.parent() is None and w.metaObject().className() != "QTipLabel"]


def _named(thing: Any) -> str:
    """Say what it is, what it is called and whose it is, as far as anyone has said."""
    owner = thing.parent()
    name = f" {thing.objectName()!r}" if thing.objectName() else ""
    return type(thing).__name__ + name + (f" of {type(owner).__name__}" if owner is not None else "")
