"""A record as a form, made from its field descriptions: the short form first, the rest behind "More"."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.figure_menu import add_figure_actions, add_figure_menu
from app.forms.editors import ChoiceEdit, FlagEdit, ValueLine
from app.forms.entry import reference_options
from app.forms.field_row import FieldRow
from app.forms.notes import NoteRow
from app.inherited import inherited_words, is_own, revert, tint_tip
from app.session import Session
from app.tables.record_edits import change_value, growth_path, pin, saved_value
from models.defaults import source_of_default
from models.fields import Field, Quantity, Reference, applicable_fields, fields_of, read
from models.plan import RECORD_TYPES
from models.problems import Finding, is_grave
from models.scenarios import own_overrides

LABEL_WIDTH = 152
COLUMN_WIDTH = 350
MOST_COLUMNS = 3
BUTTON_WIDTH = 26


class RecordForm(QWidget):
    """One record's fields, each edit one undo step. Values change in place; nothing is rebuilt while one types.

    Parameters
    ----------
    session
        Where the plan is and edits go.
    table
        Name of the record's table.
    record_id
        Empty for a table with one record; `show_record` changes it.
    names
        Fields to show, in this order; all that apply where None.

    Signals
    -------
    warned
        The notes of a field of the record on show that an edit has made questionable.
    """

    warned = Signal(QWidget)

    def __init__(
        self,
        session: Session,
        table: str,
        record_id: str = "",
        names: tuple[str, ...] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.session = session
        self.table = table
        self.record_id = record_id
        self._names = names
        self._rows: dict[str, FieldRow] = {}
        self._more = False
        self._arrow_runs = 0
        self._placed: tuple[list[str], int] = ([], 0)
        self._told: tuple[str, set[tuple[str, str]]] = ("", set())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._row = QHBoxLayout()
        self._grids = [QGridLayout() for _ in range(MOST_COLUMNS)]
        for grid in self._grids:
            self._row.addLayout(grid)
        layout.addLayout(self._row)
        self.more_button = QPushButton("More")
        self.more_button.setProperty("kind", "link")
        self.more_button.clicked.connect(self.toggle_more)
        layout.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._build_rows()
        session.plan_changed.connect(self._follow_plan)
        session.document.state_changed.connect(self._follow_plan)
        session.results_changed.connect(self._follow_results)
        session.recompute.findings_ready.connect(self._follow_results)
        session.drag_changed.connect(self._follow_drag)
        theme.theme_changed.connect(self._space)
        self.refresh()
        add_figure_menu(self, session, self.figure_path_at, own_menu=True)

    # What it shows

    def figure_path_at(self, point: QPoint) -> str | None:
        """Path of the field whose label or editor lies under a point of the form."""
        under = self.childAt(point)
        for name, row in self._rows.items():
            for widget in (row.editor, row.label, row.notes):
                if under is not None and (widget is under or widget.isAncestorOf(under)):
                    return f"{self.path}.{name}"
        return None

    @property
    def path(self) -> str:
        """Path of the record."""
        return f"{self.table}.{self.record_id}" if self.record_id else self.table

    @property
    def record(self) -> Any | None:
        """The record on show, or None where it has gone."""
        try:
            record = read(self.session.plan, self.path)
        except KeyError:
            return None
        return None if isinstance(record, tuple) else record

    def show_record(self, record_id: str) -> None:
        """Show another record of the table; what was being typed is committed first."""
        if record_id == self.record_id:
            return
        self._finish_typing()
        self.record_id = record_id
        for row in self._rows.values():
            if isinstance(row.editor, ValueLine):
                row.editor.revert()
        self.refresh()

    def editor(self, name: str) -> Any:
        """The editor of a field by the field's name."""
        return self._rows[name].editor

    def notes(self, name: str) -> NoteRow:
        """The notes under a field."""
        return self._rows[name].notes

    def focus_field(self, name: str) -> bool:
        """Bring the keyboard to a field, opening "More" where it stands there; False where the form lacks it."""
        row = self._rows.get(name)
        if row is None:
            return False
        if row.field.spec.advanced and not self._more:
            self.toggle_more()
        row.editor.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def toggle_more(self) -> None:
        """Show or hide the advanced fields."""
        self._more = not self._more
        self.refresh()

    def refresh(self) -> None:
        """Show the record as the plan has it now."""
        record = self.record
        self.setEnabled(record is not None)
        if record is None:
            return
        applicable = {f.name for f in applicable_fields(record)}
        advanced = [n for n in applicable & self._rows.keys() if self._rows[n].field.spec.advanced]
        self.more_button.setVisible(bool(advanced))
        self.more_button.setText("Fewer fields" if self._more else f"More ({len(advanced)})")
        evidence, set_in = {e.path: e for e in self.session.plan.evidence if e.path}, self.session.set_in
        for name, row in self._rows.items():
            value = getattr(record, name)
            path = f"{self.path}.{name}"
            if isinstance(row.editor, ValueLine):
                row.editor.plan = self.session.plan
            if isinstance(row.field.spec, Reference) and isinstance(row.editor, ChoiceEdit):
                row.editor.set_options(reference_options(self.session.plan, row.field))
            row.editor.set_value(value)
            saved = saved_value(self.session, path)
            row.editor.set_changed(saved is not None and saved[0] != value)
            row.set_own(tint_tip(self.session, path) if is_own(self.session, path) else "")
            row.notes.show_source(source_of_default(record, name))
            cited = None if path in set_in else evidence.get(path)
            row.label.set_evidence("" if cited is None else ", ".join(filter(None, (cited.source, cited.date))))
        shown = [n for n, r in self._rows.items() if n in applicable and (self._more or not r.field.spec.advanced)]
        self._place(shown)
        for name, row in self._rows.items():
            row.set_visible(name in shown)
        self._show_findings()

    def _build_rows(self) -> None:
        every = {f.name: f for f in _fields_of_table(self.table)}
        chosen = [every[n] for n in self._names] if self._names else list(every.values())
        for field in sorted(chosen, key=lambda f: f.spec.advanced):
            row = FieldRow(self.session, field, self)
            self._rows[field.name] = row
            if row.table_button is not None:
                row.table_button.clicked.connect(partial(self.edit_as_table, field.name))
            row.editor.value_committed.connect(partial(self._commit, field))
            if isinstance(row.editor, ValueLine):
                row.editor.value_stepped.connect(partial(self._step, field))
                row.editor.table_requested.connect(partial(self.edit_as_table, field.name))
            row.notes.repair_chosen.connect(self.session.repair)
            for widget in (row.editor, row.label):
                widget.customContextMenuRequested.connect(partial(self._open_menu, field, widget))

    def _place(self, shown: list[str]) -> None:
        """Put the rows on show into as many columns as fit, reading down one column and then the next."""
        columns = min(max(self.width() // theme.px(COLUMN_WIDTH), 1), MOST_COLUMNS)
        if (shown, columns) == self._placed:
            return
        self._placed = (shown, columns)
        for row in self._rows.values():
            for widget in row.widgets():
                for grid in self._grids:
                    grid.removeWidget(widget)
        height = -(-len(shown) // columns)
        for number, name in enumerate(shown):
            row, grid, line = self._rows[name], self._grids[number // height], number % height * 2
            if isinstance(row.editor, FlagEdit):
                grid.addWidget(row.editor, line, 0, 1, 2)
            else:
                grid.addWidget(row.label, line, 0)
                grid.addWidget(row.editor, line, 1)
            if row.table_button is not None:
                grid.addWidget(row.table_button, line, 2)
            grid.addWidget(row.notes, line + 1, 1, 1, 2)
            # Lines stay together at the top, however long the neighbouring column is.
            grid.setRowStretch(line, 0)
            grid.setRowStretch(2 * len(self._rows), 1)
        # Keyboard order is reading order, whatever the order in which rows were made.
        editors = [self._rows[name].editor for name in shown]
        for first, second in pairwise(editors):
            self.setTabOrder(first, second)
        self._space()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place(self._placed[0])
        self._space()

    # Editing

    def _commit(self, field: Field, value: Any) -> None:
        self._arrow_runs += 1
        change_value(self.session, f"{self.path}.{field.name}", value)

    def _step(self, field: Field, value: Any) -> None:
        path = f"{self.path}.{field.name}"
        change_value(self.session, path, value, merge_key=("arrows", path, self._arrow_runs))

    def edit_as_table(self, name: str) -> None:
        """Open the dialog that edits a value as one number, with growth, or month by month."""
        from app.forms.schedule_editor import ScheduleEditor

        if self.record is None:
            return
        self._finish_typing()
        field = self._rows[name].field
        path = f"{self.path}.{name}"
        dialog = ScheduleEditor(self.session, path, field, growth_path(self.session.plan, path), self)
        dialog.open()

    def _finish_typing(self) -> None:
        for row in self._rows.values():
            if isinstance(row.editor, ValueLine) and row.editor.isModified():
                row.editor.commit()

    def _open_menu(self, field: Field, widget: QWidget, place: QPoint) -> None:
        path = f"{self.path}.{field.name}"
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        saved = saved_value(self.session, path)
        record = self.record
        if record is None:
            return
        add_figure_actions(menu, self.session, path)
        menu.addSeparator()
        if is_own(self.session, path):
            back = menu.addAction(f"Revert to {inherited_words(self.session, path)}")
            back.triggered.connect(partial(self._revert, path, field))
        if own_overrides(self.session.document.plan, self.session.scenario_id, self.path):
            menu.addAction("Revert this record", partial(revert, self.session, self.path))
            menu.addSeparator()
        if saved is not None and saved[0] != getattr(record, field.name):
            words = self.session.numbers.format_field(field, saved[0]) or "empty"
            to_saved = menu.addAction(f"Back to the saved value: {words}")
            to_saved.triggered.connect(partial(self._commit_saved, field, saved[0]))
            menu.addSeparator()
        if isinstance(field.spec, Quantity):
            pin = menu.addAction("Pin as a lever")
            pin.triggered.connect(partial(self._pin, path))
        copy = menu.addAction("Copy the field's path")
        copy.triggered.connect(partial(self._copy_path, path))
        editor = self._rows[field.name].editor
        if isinstance(editor, ValueLine) and widget is editor:
            menu.addSeparator()
            menu.addAction("Copy", editor.copy)
            menu.addAction("Paste", editor.paste)
        menu.popup(widget.mapToGlobal(place))

    def _commit_saved(self, field: Field, value: Any) -> None:
        editor = self._rows[field.name].editor
        if isinstance(editor, ValueLine):
            editor.revert()
        self._commit(field, value)

    def _revert(self, path: str, field: Field) -> None:
        editor = self._rows[field.name].editor
        if isinstance(editor, ValueLine):
            editor.revert()
        revert(self.session, path)

    def path_with_focus(self) -> str:
        """Path of the field that the keyboard is at; the record's where it is at none of them."""
        name = next((n for n, row in self._rows.items() if row.editor.hasFocus()), "")
        return f"{self.path}.{name}" if name else self.path

    def _pin(self, path: str) -> None:
        pin(self.session, path)

    def _copy_path(self, path: str) -> None:
        QApplication.clipboard().setText(path)

    # Following

    def _follow_plan(self) -> None:
        # What nobody sees is brought up to date when it is shown.
        if self.isVisible():
            self.refresh()

    def _follow_results(self, _results: Any) -> None:
        if self.isVisible():
            self._show_findings()

    def _follow_drag(self, dragging: bool) -> None:
        if self.isVisible():
            self._show_findings(dragging)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def _space(self) -> None:
        columns = self._placed[1]
        room = self.width() // columns if columns else 0
        may_be_table = any(isinstance(f.spec, Quantity) and f.spec.schedule for f in _fields_of_table(self.table))
        self._row.setSpacing(theme.px(24))
        for number, grid in enumerate(self._grids):
            # The same widths in every form, so that editors of neighbouring cards stand under each other.
            used = number < columns
            grid.setHorizontalSpacing(theme.px(8))
            grid.setVerticalSpacing(theme.px(6))
            grid.setColumnStretch(1, 1)
            width = min(theme.px(LABEL_WIDTH), room // 3)
            grid.setColumnMinimumWidth(0, width if used else 0)
            grid.setColumnMinimumWidth(2, theme.px(BUTTON_WIDTH) if used and may_be_table else 0)
            self._row.setStretch(number, 1 if used else 0)

    def _show_findings(self, dragging: bool | None = None) -> None:
        """Show what is questionable; while a lever is dragged that would cost more than a frame, and waits."""
        if self.session.is_dragging if dragging is None else dragging:
            return
        by_path: dict[str, list[Finding]] = {}
        for finding in self.session.findings:
            by_path.setdefault(finding.path, []).append(finding)
        for name, row in self._rows.items():
            row.notes.show_findings(tuple(by_path.get(f"{self.path}.{name}", ())))
            row.notes.setVisible(row.editor.isVisibleTo(self) and bool(row.notes.texts))
        grave = {(f.code, name) for name in self._rows for f in by_path.get(f"{self.path}.{name}", ()) if is_grave(f)}
        (whose, known), self._told = self._told, (self.path, grave)
        for _, name in sorted(grave - known) if whose == self.path else ():
            self.warned.emit(self._rows[name].notes)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(max(hint.width(), theme.px(320)), hint.height())


def _fields_of_table(table: str) -> tuple[Field, ...]:
    return fields_of(RECORD_TYPES[table])
