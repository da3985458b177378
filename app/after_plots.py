"""In a drag the plots come first; figures and words beside them follow when the window has nothing else to do.

A hand sees whether a curve keeps up with it; nobody reads a digit that changes sixty times in a second. So while
something is dragged, what does not draw curves waits until they are painted, but never longer than `LONGEST_WAIT_S`: a
mouse that moves without a pause on a slow machine must not freeze the header.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QObject, QTimer

LONGEST_WAIT_S = 0.1


class AfterPlots(QObject):
    """Does at once what it is given, or while something is dragged a moment later.

    Attributes
    ----------
    is_waiting
        Whether something is still to be done.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._holds = False
        self._jobs: dict[Callable[[], None], None] = {}
        self._since_s = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)  # Qt's event loop comes to it when nothing waits to be painted
        self._timer.timeout.connect(self.flush)

    @property
    def is_waiting(self) -> bool:
        """Whether something is still to be done."""
        return bool(self._jobs)

    def hold(self, on: bool) -> None:
        """Begin to put off, or end it and do what waits."""
        self._holds = on
        if not on:
            self.flush()

    def do(self, job: Callable[[], None]) -> None:
        """Do something that shows the plan; asked for several times before it is done, it is done once."""
        if not self._holds:
            job()
            return
        now_s = monotonic()
        if not self._jobs:
            self._since_s = now_s
        self._jobs[job] = None
        if now_s - self._since_s > LONGEST_WAIT_S:
            self.flush()
        else:
            self._timer.start()

    def flush(self) -> None:
        """Do now what waits."""
        self._timer.stop()
        jobs, self._jobs = self._jobs, {}
        for job in jobs:
            job()
