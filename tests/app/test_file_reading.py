"""A large file to import is looked at beside the window, which says so, and lets go of it when told to."""

from __future__ import annotations

from pathlib import Path
from threading import Event, current_thread, main_thread
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QMessageBox, QProgressBar

from app import file_reading
from app.file_reading import ReadingDialog
from app.import_dialog import ImportDialog
from app.market_pack_dialog import MarketPackDialog
from app.series_dialog import SeriesDialog
from models.importers import read_grids
from tests.hourly_files import ercot_day_ahead, readings, workbook

FLEET = "Site,Model,Qty,Hashrate (TH/s),Power (W)\nPrairie Creek,Antminer T21,300,190,3610\n"


@pytest.fixture
def large(monkeypatch: Any) -> None:
    """Every file is a large one."""
    monkeypatch.setattr(file_reading, "LARGE_TEXT_BYTES", 1)
    monkeypatch.setattr(file_reading, "LARGE_WORKBOOK_BYTES", 1)


def reading(window: Any) -> ReadingDialog:
    (found,) = [d for d in window.findChildren(ReadingDialog) if d.isVisible()]
    return found


@pytest.mark.usefixtures("large")
def test_that_a_large_table_is_told_beside_the_window(
    window: Any, tmp_path: Path, qtbot: Any, monkeypatch: Any
) -> None:
    threads, sources, go_on = [], [], Event()

    def slow(*arguments: Any) -> Any:
        threads.append(current_thread())
        sources.append(arguments[0])
        assert go_on.wait(5.0)
        return read_grids(*arguments)

    monkeypatch.setattr(file_reading, "read_grids", slow)
    (tmp_path / "fleet.csv").write_text(FLEET)
    window.files.import_path(tmp_path / "fleet.csv")
    asked = reading(window)
    assert "Reading fleet.csv" in asked.words.text()
    assert asked.findChild(QProgressBar).isVisible()
    assert not window.findChildren(ImportDialog)
    go_on.set()
    asked.work.flush()
    (dialog,) = window.findChildren(ImportDialog)
    assert not asked.isVisible()
    dialog.work.flush()
    # The lines are cut into cells once; what is asked of them afterwards is given back as it is.
    assert [isinstance(source, bytes) for source in sources] == [True, False]
    assert main_thread() not in threads
    assert dialog.import_button.text() == "Import 1 lot"
    qtbot.mouseClick(dialog.import_button, Qt.MouseButton.LeftButton)
    assert "Antminer T21" in [lot.model for lot in window.session.plan.asic_lots]


@pytest.mark.usefixtures("large")
def test_that_reading_can_be_cancelled_and_nothing_opens_afterwards(
    window: Any, tmp_path: Path, qtbot: Any, monkeypatch: Any
) -> None:
    begun, go_on, ended = Event(), Event(), Event()

    def slow(*arguments: Any) -> Any:
        begun.set()
        go_on.wait(5.0)
        ended.set()
        return read_grids(*arguments)

    monkeypatch.setattr(file_reading, "read_grids", slow)
    (tmp_path / "fleet.csv").write_text(FLEET)
    window.files.import_path(tmp_path / "fleet.csv")
    assert begun.wait(5.0)
    asked = reading(window)
    cancel = asked.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Cancel)
    qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    assert not asked.isVisible()
    go_on.set()
    assert ended.wait(5.0)
    qtbot.wait(50)
    assert not window.findChildren(ImportDialog)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("rtm.csv", ercot_day_ahead(readings("2024-11-01", 2)), SeriesDialog),
        ("rtm 2024.xlsx", workbook(readings("2024-11-01", 2)), SeriesDialog),
        ("desk.csv", b"path,value,date\nmarket.difficulty,140 T,2026-03-20\n", MarketPackDialog),
        ("levels.csv", b"key,value,unit,as_of\ndifficulty,140,T,2026-03-20\n", MarketPackDialog),
        ("fleet.csv", FLEET.encode(), ImportDialog),
    ],
)
def test_that_every_kind_goes_to_its_own_dialog(
    window: Any, tmp_path: Path, name: str, content: bytes, kind: type
) -> None:
    (tmp_path / name).write_bytes(content)
    window.files.import_path(tmp_path / name)
    reading(window).work.flush()
    (dialog,) = window.findChildren(kind)
    assert dialog.isVisible()
    dialog.reject()


@pytest.mark.usefixtures("large")
def test_that_what_is_no_table_is_said_in_words(window: Any, tmp_path: Path) -> None:
    (tmp_path / "photo.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    window.files.import_path(tmp_path / "photo.csv")
    reading(window).work.flush()
    box = window.findChild(QMessageBox, "trouble")
    assert "picture" in box.text()
    box.reject()


@pytest.mark.usefixtures("large")
def test_that_a_choice_about_a_large_table_is_worked_out_beside_the_window(window: Any, tmp_path: Path) -> None:
    (tmp_path / "fleet.csv").write_text(FLEET)
    window.files.import_path(tmp_path / "fleet.csv")
    reading(window).work.flush()
    (dialog,) = window.findChildren(ImportDialog)
    dialog.work.flush()
    dialog.decimal.setCurrentIndex(dialog.decimal.findData(","))
    assert dialog.busy.isVisible()
    assert not dialog.import_button.isEnabled()
    dialog.accept()  # Enter while nothing is known yet
    assert dialog.isVisible()
    dialog.work.flush()
    assert not dialog.busy.isVisible()
    assert dialog.import_button.isEnabled()
    dialog.reject()


def test_that_a_small_file_opens_at_once(window: Any, tmp_path: Path) -> None:
    (tmp_path / "fleet.csv").write_text(FLEET)
    window.files.import_path(tmp_path / "fleet.csv")
    assert not window.findChildren(ReadingDialog)
    (dialog,) = window.findChildren(ImportDialog)
    assert dialog.result_of_import is not None
    dialog.reject()
