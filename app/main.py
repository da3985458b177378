"""Starts the application: first a window that can be seen, then whatever takes time."""

from __future__ import annotations

import faulthandler
import gc
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import IO

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox

from app import theme
from app.files.document import Document
from app.files.recovery import write_recovery_now
from app.session import Session
from app.settings import Settings, settings_path
from app.shell.window import Window
from models.samples import BRIEFING, sample

UNSEEN_PLATFORMS = ("offscreen", "minimal")
"""Where a window is drawn and nobody looks: a question there would wait for ever."""


def run(path: Path | None = None) -> int:
    """Open the window and stay until it is closed.

    Parameters
    ----------
    path
        A plan file; the sample plan where None.

    Returns
    -------
    int
        The exit code.

    Raises
    ------
    PlanFileError
        Where the file cannot be opened and nobody would see a window that says so.
    """
    app = make_application()
    settings = Settings()
    log = open_fault_log()
    theme.apply_theme(app, settings.theme, settings.text_scale / 100)
    window = make_window(settings, path)
    reporter = CrashReporter(window)
    reporter.install()
    collector = Collector(window)
    window.show()
    code = app.exec()
    collector.stop()
    reporter.uninstall()
    if log is not None:
        faulthandler.disable()
        log.close()
    return code


def make_application() -> QApplication:
    """The one application object, with its name and scaling set before anything is drawn."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    # Fractional scaling (125 %, 150 %) as the system says, not rounded to whole factors.
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Busbar")
    app.setApplicationDisplayName("Busbar")
    app.setDesktopFileName("busbar")
    return app


def make_window(settings: Settings, path: Path | None) -> Window:
    """A window on a plan file, or on the start page with the sample plan.

    Raises
    ------
    PlanFileError
        Where the file cannot be opened and nobody would see a window that says so.
    """
    window = Window(Session(Document(sample(BRIEFING)), settings))
    if path is not None:
        if QGuiApplication.platformName() in UNSEEN_PLATFORMS:
            window.files.open_now(path)
        else:
            window.files.open_path(path)
    if window.page is None:
        window.show_page("start")
    window.rail.buttons[window.page.name].setFocus()
    return window


def open_fault_log() -> IO[str] | None:
    """Where a crash below Python leaves its traces; None where the folder cannot be written."""
    file = settings_path().parent / "fault.log"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists() and file.stat().st_size:
            file.replace(file.with_name("fault.previous.log"))
        log = file.open("w", encoding="utf-8")
    except OSError:
        return None
    faulthandler.enable(log)
    return log


class Collector(QObject):
    """Collects Python's garbage in the GUI thread alone, until `stop`.

    By itself Python collects wherever it happens to allocate. A worker that does would destroy the widgets of a closed
    dialog in its own thread, which Qt answers with a crash.
    """

    INTERVAL_MS = 250

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(self.INTERVAL_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Collect the oldest generation that is due, by Python's own thresholds."""
        due = [
            g for g, (count, limit) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)) if count > limit
        ]
        if due:
            gc.collect(due[-1])

    def stop(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.enable()


class CrashReporter(QObject):
    """The excepthook: an error of ours first makes the recovery copy safe, then is reported, once.

    Signals
    -------
    happened
        The traceback as text; queued to the GUI thread wherever the error was.
    """

    happened = Signal(str)

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._reported = False
        self._former = sys.excepthook, threading.excepthook
        self.happened.connect(self._report)

    def install(self) -> None:
        """Take over from Python's own hooks."""
        sys.excepthook = self._hook
        threading.excepthook = lambda args: self._hook(args.exc_type, args.exc_value, args.exc_traceback)

    def uninstall(self) -> None:
        """Give the hooks back."""
        sys.excepthook, threading.excepthook = self._former

    def _hook(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QTimer.singleShot(0, self._window.close)
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        sys.stderr.write(text)
        self.happened.emit(text)

    def _report(self, text: str) -> None:
        problems = write_recovery_now()
        if self._reported:
            return
        self._reported = True
        box = QMessageBox(self._window)
        box.setObjectName("crash")
        box.setIcon(QMessageBox.Icon.Critical)
        box.setWindowTitle("Busbar made a mistake")
        kept = "" if problems else " Your work is kept in a recovery copy."
        box.setText(f"Busbar made a mistake.{kept}")
        box.setInformativeText(
            "Save the plan under another name, close Busbar and open it again. Details for a report:"
        )
        box.setDetailedText(text)
        box.finished.connect(box.deleteLater)
        box.open()
