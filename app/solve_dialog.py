"""Solve for a figure: which value of an input makes it what is wanted."""

from __future__ import annotations

import dataclasses
import math
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.cards import button, label
from app.dialog_size import open_at
from app.figure_menu import add_figure_menu, explain_by_key
from app.figure_pickers import OUT_OF_REACH
from app.forms.editors import ValueLine
from app.forms.entry import read_entry
from app.latest import Latest
from app.numbers import MISSING
from app.session import Session
from app.shell.palette import Entry, matches
from models.curves import month_text
from models.drivers import drivers, place_name
from models.fields import Field, Quantity, replace
from models.figure_along import Along
from models.figures import Figure, figure
from models.influence import STEP, STEP_MONTHS, Influence, influences
from models.plan import Lever, Plan, new_id
from models.solve import Solution, figure_amount, solve
from models.watch import FIRST_RENT

MOST_SHOWN = 400
IDLE = "does not move it"
LINES = (
    ("needed", "Needed", "The nearest value of the input at which the figure is what is wanted."),
    ("now", "Now", "The input's present value; of a monthly table its first month's."),
    ("change", "Change", "From the present value to the needed one."),
    ("reach", "Reachable", "Between what this input alone brings the figure, over all values that were searched."),
)


class SolveDialog(QDialog):
    """Asks for an input and a target, and answers while one types.

    Parameters
    ----------
    session
        Whose plan on show is solved; the answer is applied as one undo step.
    figure_path
        As `models.figures` writes it.

    Attributes
    ----------
    solution
        The newest answer; None while there is none.
    """

    def __init__(self, session: Session, figure_path: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.session = session
        self.figure: Figure = figure(session.plan, session.results, figure_path)
        self.solution: Solution | None = None
        self.setWindowTitle(f"Solve for {self.figure.label}")
        self.setAccessibleName(self.windowTitle())
        open_at(self, 560, 600)
        self.work = Latest(self)
        self.work.done.connect(self._show_solution)
        self.order = Latest(self)
        self.order.done.connect(self._take_order)
        self._influences: dict[str, Influence] = {}
        self._choices = self._list_choices()
        self._path = ""
        self._is_chosen = False
        self._arrange()
        self._narrow("")
        self.search.setFocus()
        paths = [entry.detail for entry in self._choices]
        self.order.request(partial(influences, session.plan, figure_path, paths))

    # Arranging

    def _arrange(self) -> None:
        kind, numbers = self.figure.kind, self.session.numbers
        spec = Quantity(label=f"Target of {self.figure.label}", unit=kind.unit, digits=kind.digits)
        self.target = ValueLine(Field("target", spec, None, False, False), numbers, self)
        self.target.setObjectName("solve.target")
        known = math.isfinite(self.figure.value)
        self.target.set_value(_rounded(self.figure.value, kind.digits) if known else 0.0)
        self.target.value_committed.connect(lambda _: self._ask())
        self.target.value_stepped.connect(lambda _: self._ask())
        self.target.entry_changed.connect(self._follow_typing)
        self.target.asked.connect(self.target.offer_readings)
        self.search = QLineEdit(self)
        self.search.setObjectName("solve.search")
        self.search.setPlaceholderText("Search the inputs that it depends on")
        self.search.setAccessibleName("Search inputs")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._narrow)
        self.search.installEventFilter(self)
        self.list = QListWidget(self)
        self.list.setObjectName("solve.inputs")
        self.list.setAccessibleName("Inputs")
        self.list.currentItemChanged.connect(self._choose_by_hand)
        self.nothing = label("No input of that name moves this figure.", "muted")
        self.nothing.hide()
        self.notes = label("", "body", wrap=True)
        self.notes.setObjectName("solve.notes")
        self.notes.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.values: dict[str, QLabel] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(16))
        grid.setVerticalSpacing(theme.px(4))
        grid.setColumnStretch(1, 1)
        for row, (name, words, help_text) in enumerate(LINES):
            caption, value = (
                label(words, "muted"),
                label(MISSING, "strong" if name == "needed" else "calculated", wrap=True),
            )
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            value.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            theme.set_look(value, explains="true")
            value.setAccessibleName(words)
            add_figure_menu(value, self.session, partial(self._explained, name == "reach"))
            for item in (caption, value):
                item.setToolTip(help_text)
            grid.addWidget(caption, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, row, 1)
            self.values[name] = value
        self.apply_button = button("Apply", self.apply, kind="primary", help="Put the needed value into the plan")
        self.pin_button = button("Pin as lever", self.pin, icon="pin", help="Put this input beside the pages")
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        box.rejected.connect(self.reject)
        box.addButton(self.pin_button, QDialogButtonBox.ButtonRole.ActionRole)
        box.addButton(self.apply_button, QDialogButtonBox.ButtonRole.ActionRole)
        explain_by_key(self, self.session)
        heading = label(self.figure.label, "section", wrap=True)
        now = numbers.write(figure_amount(self.figure, self.figure.value))
        if not known and self.figure.path.startswith("crossovers."):
            now = OUT_OF_REACH
        self.about = label(f"Now {now}. Which value of one input makes it what you want?", "small", wrap=True)
        wanted = label("Wanted", "muted")
        wanted.setBuddy(self.target)
        top = QHBoxLayout()
        top.setSpacing(theme.px(16))
        top.addWidget(wanted)
        top.addWidget(self.target, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(*map(theme.px, (18, 16, 18, 14)))
        column.setSpacing(theme.px(8))
        for item in (heading, self.about):
            column.addWidget(item)
        column.addLayout(top)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addWidget(self.nothing)
        column.addLayout(grid)
        column.addWidget(self.notes)
        column.addWidget(box)

    def _explained(self, is_of_figure: bool, _point: object) -> str | None:
        """What F8 explains on a line: the figure itself, or the input that is asked for."""
        return self.figure.path if is_of_figure else self._path or None

    def _list_choices(self) -> list[Entry]:
        """Every input that the figure can depend on, those of its own use or site first; choosing one asks for it."""
        plan = self.session.plan
        along = Along(plan, self.figure.path)
        found = [(d.label, d.path) for d in drivers(plan) if along.depends_on(d.path)]
        months = (f"ai_offers.{o.id}.first_rent_month" for o in plan.ai_offers)
        found += [(place_name(plan, path), path) for path in months if along.depends_on(path)]
        owners = set(self.figure.path.split(".")[1:3])  # of a crossover lot and offer; a figure's name is no id
        found.sort(key=lambda choice: owners.isdisjoint(choice[1].split(".")))
        return [Entry(words, path, partial(self.choose, path)) for words, path in found]

    # Choosing

    def _narrow(self, typed: str) -> None:
        """List the inputs whose names hold what is typed."""
        # What moves nothing stays at the end, however well its name fits.
        rows = sorted(matches(self._choices, typed), key=lambda row: self._is_idle(row.detail))[:MOST_SHOWN]
        kept = self._path if self._is_chosen or typed else ""
        self.list.currentItemChanged.disconnect(self._choose_by_hand)
        self.list.clear()
        for row in rows:
            is_idle = self._is_idle(row.detail)
            item = QListWidgetItem(f"{row.text} · {IDLE}" if is_idle else row.text)
            item.setData(Qt.ItemDataRole.UserRole, row.detail)
            item.setToolTip(self._answer_words(row.detail))
            if is_idle:
                item.setForeground(theme.tokens().color("muted"))
            self.list.addItem(item)
        self.nothing.setVisible(not rows)
        if rows:
            at = next((k for k, row in enumerate(rows) if row.detail == kept), 0)
            self.list.setCurrentRow(at)
        self.list.currentItemChanged.connect(self._choose_by_hand)
        self._choose()

    def _is_idle(self, path: str) -> bool:
        return path in self._influences and not self._influences[path].moves

    def _answer_words(self, path: str) -> str:
        """How strongly the figure answers to an input, where that is known."""
        found = self._influences.get(path)
        if found is None or not found.moves or not found.is_entered or not found.step:
            return path
        amount = self.session.numbers.write(figure_amount(self.figure, found.step))
        step = f"{STEP_MONTHS} months" if path.endswith(f".{FIRST_RENT}") else self.session.numbers.percent(STEP, 0)
        return f"{path}\n{step} more or less moves it by up to {amount}"

    def _take_order(self, found: dict[str, Influence]) -> None:
        """List what moves the figure by how strongly it does, and last what does not."""
        self._influences = found
        places = {path: place for place, path in enumerate(found)}
        self._choices.sort(key=lambda entry: places[entry.detail])
        self._narrow(self.search.text())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and Down go through the list while the search has the keyboard."""
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in steps:
            row = self.list.currentRow() + steps[Qt.Key(event.key())]
            self.list.setCurrentRow(min(max(row, 0), self.list.count() - 1))
            return True
        return super().eventFilter(watched, event)

    def choose(self, path: str) -> None:
        """Choose an input by its path."""
        self._is_chosen = True
        self.search.clear()
        for row in range(self.list.count()):
            if self.list.item(row).data(Qt.ItemDataRole.UserRole) == path:
                self.list.setCurrentRow(row)

    def _choose_by_hand(self, *_: object) -> None:
        self._is_chosen = True
        self._choose()

    def _choose(self) -> None:
        item = self.list.currentItem()
        path = "" if item is None else str(item.data(Qt.ItemDataRole.UserRole))
        if path != self._path:
            self._path = path
            self._ask()

    @property
    def path(self) -> str:
        """Path of the chosen input."""
        return self._path

    def _follow_typing(self, entry: object) -> None:
        """Answer while the target is being typed; what cannot be read is said in its place."""
        typed = self.target.entry
        if typed is None:
            text, numbers = self.target.text(), self.session.numbers
            # Half a number is no mistake yet, and no target either; a whole one is just being taken over.
            if self.target.isModified() and not read_entry(self.target.field, text, numbers, None).is_good:
                self._show_nothing("")
            return
        if typed.is_good:
            self._ask(typed.value)
        else:
            words = typed.problem or f"{typed.echo} {' or '.join(w for _, w in typed.alternatives)}?"
            self._show_nothing(words)

    def _ask(self, target: float | None = None) -> None:
        """Have the chosen input solved for; the answer arrives when it is there."""
        wanted = self.target.value if target is None else target
        if not self._path or wanted is None:
            self._show_nothing("")
            return
        self.work.request(partial(solve, self.session.plan, self._path, self.figure.path, float(wanted)))

    # Answering

    def _show_nothing(self, words: str) -> None:
        self.work.cancel()
        self.solution = None
        for value in self.values.values():
            value.setText(MISSING)
        self.notes.setText(words)
        self.apply_button.setEnabled(False)
        self.pin_button.setEnabled(False)

    def _show_solution(self, found: Solution) -> None:
        numbers, moved = self.session.numbers, found.input
        self.solution = found
        low, high = (numbers.write(figure_amount(found.figure, v)) for v in (found.reachable_low, found.reachable_high))
        self.values["needed"].setText(self._input_words(found, found.value))
        present = month_text(round(moved.now)) if moved.is_month and math.isfinite(moved.now) else moved.now
        self.values["now"].setText(self._input_words(found, present))
        self.values["change"].setText(self._change_words(found))
        self.values["reach"].setText(f"{low} to {high}" if low != high else low)
        self.notes.setText(" ".join(numbers.say(finding.message) for finding in found.findings))
        self.apply_button.setEnabled(found.is_reached)
        self.pin_button.setEnabled(not moved.is_month)

    def _input_words(self, found: Solution, value: float | int | str | None) -> str:
        numbers, moved = self.session.numbers, found.input
        if value is None:
            return MISSING
        if isinstance(value, str):
            return numbers.month(value)
        return numbers.format(float(value), 0 if moved.whole else moved.digits, moved.unit)

    def _change_words(self, found: Solution) -> str:
        numbers, moved, value = self.session.numbers, found.input, found.value
        if value is None or not math.isfinite(moved.now):
            return MISSING
        if isinstance(value, str):
            months = (int(value[:4]) * 12 + int(value[5:7]) - 1) - round(moved.now)
            return numbers.format(months, 0, "months", sign=True)
        move = numbers.format(float(value) - moved.now, 0 if moved.whole else moved.digits, moved.unit, sign=True)
        share = numbers.percent(found.change_fraction, sign=True)
        return f"{move} ({share})" if share != MISSING and not moved.unit.startswith("fraction") else move

    def apply(self) -> None:
        """Put the needed value into the plan, as one undo step with a name, and close."""
        if not self.target.commit():
            return
        self.work.flush()
        found = self.solution
        if found is None or found.value is None:
            return
        session = self.session
        wanted = session.numbers.write(figure_amount(found.figure, found.target))
        text = f"Solve: {found.input.label} for {found.figure.label} {wanted}"
        if isinstance(found.value, str):
            session.edit(text, replace(session.plan, found.path, found.value))
            problem = ""
        else:
            problem = session.set_value(found.path, found.value, text)
        if problem:
            self.notes.setText(problem)
            return
        session.message.emit(f"{found.input.label} is now {self._input_words(found, found.value)}.")
        self.accept()

    def pin(self) -> None:
        """Pin the chosen input as a lever, as one undo step."""
        found = self.solution
        if found is None:
            return
        plan: Plan = self.session.document.plan
        if any(lever.path == found.path for lever in plan.levers):
            self.notes.setText("It is a lever already.")
            return
        lever = Lever(new_id(plan, "l"), found.path)
        self.session.edit_base(f"Pin {found.input.label}", dataclasses.replace(plan, levers=(*plan.levers, lever)))
        self.notes.setText(f"{found.input.label} is a lever now.")

    def flush(self) -> None:
        """Wait for the order of the list and for the answer."""
        self.order.flush()
        self.work.flush()

    def done(self, result: int) -> None:
        """Nothing is wanted any more, nor waited for: to order the inputs of a large plan takes a second."""
        self.order.leave()
        self.work.leave()
        super().done(result)


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{max(digits, 0)}f}") if abs(value) >= 1 else value
