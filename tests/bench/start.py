"""From the start of the process to a window that has been painted."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
BUSBAR = """
import gc, time
import app.cli
gc.disable()  # both as in app.cli.open_window, which would come too late after the imports below
import app.models_first
from PySide6.QtWidgets import QApplication
from app.first_paint import after_first_paint
def paint_and_end():
    painted = []
    (window,) = [w for w in QApplication.topLevelWidgets() if w.objectName() == "window"]
    after_first_paint(window, lambda: painted.append(time.time()))
    while not painted:
        QApplication.processEvents()
    print(painted[0])
    return 0
QApplication.exec = staticmethod(paint_and_end)
app.cli.main([])
"""
"""The command itself; where it would wait for its user, it says when it has painted, and ends."""
EMPTY = """
import time
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow()
window.show()
app.processEvents()
print(time.time())
"""


def seconds(code: str) -> float:
    """How long a process takes until it has painted its window, with a user's folder that holds nothing yet [s]."""
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"BUSBAR_HOME": home}
        began = time.time()
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
    return float(done.stdout.split()[-1]) - began


def warm() -> dict[str, Any]:
    """With everything in the page cache."""
    seconds(BUSBAR)
    return {
        "samples": [seconds(BUSBAR) for _ in range(11)],
        "beside": {"empty PySide6 window": [seconds(EMPTY) for _ in range(7)]},
    }


def cold() -> dict[str, Any]:
    """With this program's files dropped from the page cache before each start."""
    found, empty = [], []
    for _ in range(5):
        forget()
        found.append(seconds(BUSBAR))
        forget()
        empty.append(seconds(EMPTY))
    return {"samples": found, "beside": {"empty PySide6 window": empty}}


def forget() -> None:
    """Tell the kernel that nobody needs the environment's and the checkout's files for now."""
    environment = Path(sys.prefix)
    standard = Path(os.__file__).parent
    for folder in (environment, ROOT / "app", ROOT / "models", ROOT / "resources", standard):
        for file in folder.rglob("*"):
            if file.is_file() and not file.is_symlink():
                descriptor = os.open(file, os.O_RDONLY)
                try:
                    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
                finally:
                    os.close(descriptor)
