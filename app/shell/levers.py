"""Pinned inputs beside every page: a slider and a number each, with the way back to the saved plan."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.elided_label import ElidedLabel
from app.figure_menu import add_figure_actions, add_figure_menu
from app.forms.editors import QuantityEdit
from app.forms.entry import Entry as Typed
from app.inherited import inherited_words, is_own, revert, tint_tip
from app.numbers import SHORT_FROM, Numbers
from app.session import Session
from app.shell.lever_slider import LeverSlider
from models.drivers import HASHPRICE, Driver, bounds, driver, drivers, problem_at, value_of, with_value
from models.fields import Field, Quantity, field_at, read, replace
from models.plan import Lever, Plan, new_id
from models.storage.validity import DERIVED_FIELDS
from models.units import display

if TYPE_CHECKING:
    from app.shell.palette import Entry


def field_of_driver(plan: Plan, path: str) -> Field:
    """The description of a movable number, derived ones included.

    Raises
    ------
    KeyError
        Where the path names none.
    """
    return DERIVED_FIELDS[path] if path in DERIVED_FIELDS else field_at(plan, path)


def saved_value(session: Session, path: str) -> float | None:
    """A number's value in the saved plan; None where that plan does not have it."""
    try:
        return value_of(session.document.saved_plan, path)
    except KeyError:
        return None


def differs(session: Session, plan: Plan, path: str) -> bool:
    """Whether a number, or any month of its table, is another than in the saved plan."""
    saved = session.document.saved_plan
    if path == HASHPRICE:
        return value_of(plan, path) != value_of(saved, path)
    try:
        return bool(read(plan, path) != read(saved, path))
    except KeyError:
        return True


def reset_plan(session: Session, plan: Plan, path: str) -> Plan:
    """A plan with a number back at the saved plan's; a monthly table as it was, not scaled to what it began with."""
    saved = saved_value(session, path)
    if saved is None or not differs(session, plan, path):
        return plan
    if path != HASHPRICE:
        return replace(plan, path, read(session.document.saved_plan, path))
    found = with_value(plan, path, saved)
    return plan if problem_at(found, path) else found


class LeverRow(QFrame):
    """One pinned input."""

    def __init__(self, panel: Levers, session: Session, lever: Lever, run: Callable[[str], None]) -> None:
        super().__init__(panel)
        self._session = session
        self.lever = lever
        self._gesture = 0
        self._seen: tuple[float | None, float | None, str] | None = None
        self._of: tuple[object, object] = (None, None)
        self._shown: object = None
        self.setObjectName(f"lever.{lever.path}")
        theme.set_look(self, role="lever")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # else Qt paints all that lies behind with each move
        field = field_of_driver(session.plan, lever.path)
        self.name = ElidedLabel(self)
        theme.set_look(self.name, role="strong")
        self.number = QuantityEdit(field, session.numbers, self)
        self.number.setObjectName("lever.number")
        self.number.value_committed.connect(self._type)
        self.number.value_stepped.connect(self._step)
        self.number.entry_changed.connect(self._echo)
        self.number.asked.connect(self.number.offer_readings)
        session.plan_changed.connect(self.number.follow_plan)
        self.slider = LeverSlider(self)
        self.slider.setObjectName("lever.slider")
        self.slider.moved.connect(self._drag)
        self.slider.grabbed.connect(self._grab)
        self.slider.sliderPressed.connect(session.begin_drag)
        self.slider.sliderReleased.connect(session.end_drag)
        self.slider.reset_requested.connect(self.reset)
        self.low, self.high, self.note = QLabel(self), QLabel(self), QLabel(self)
        for label in (self.low, self.high, self.note):
            theme.set_look(label, role="small")
        self.note.setWordWrap(True)
        self.note.setVisible(False)
        self.menu = QMenu(self)
        add_figure_actions(self.menu, session, lever.path)
        add_figure_menu(self, session, lambda _point: lever.path)
        self.menu.addAction("Reset to the saved plan", self.reset)
        self._revert = self.menu.addAction("Revert to the parent scenario", partial(revert, session, lever.path))
        self._revert.setVisible(False)
        self.menu.addAction("Go to the field", partial(session.select, lever.path))
        self.menu.addAction("Slider from here to half and double", self._centre_range)
        self.menu.addSeparator()
        self.menu.addAction("Unpin", partial(run, lever.id))
        more = QToolButton(self)
        more.setObjectName("lever.more")
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        more.setMenu(self.menu)
        more.setAccessibleName("Commands of this lever")
        more.setToolTip("Reset, go to the field, unpin")
        theme.set_icon(more, "more")
        more.setFixedHeight(theme.px(22))

        grid = QGridLayout(self)
        grid.setContentsMargins(14, 3, 10, 5)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(0)
        top = QHBoxLayout()
        top.addWidget(self.name, 1)
        top.addWidget(more)
        grid.addLayout(top, 0, 0, 1, 2)
        grid.addWidget(self.number, 1, 0, 1, 2)
        grid.addWidget(self.note, 2, 0, 1, 2)
        grid.addWidget(self.slider, 3, 0, 1, 2)
        grid.addWidget(self.low, 4, 0)
        grid.addWidget(self.high, 4, 1, Qt.AlignmentFlag.AlignRight)
        self.refresh()

    def refresh(self) -> None:
        """Follow the plan on show and the saved plan."""
        session, path = self._session, self.lever.path
        plan = session.plan
        value, saved = value_of(plan, path), saved_value(session, path)
        # While another lever is dragged nothing of this one changes: its record is the very same object.
        own = tint_tip(session, path) if is_own(session, path) else ""
        # What is saved may be another although its first month is the same.
        seen, of = (value, saved, own), (read(plan, path.rpartition(".")[0]), session.document.saved_plan)
        if seen == self._seen and all(a is b for a, b in zip(of, self._of, strict=True)):
            return
        self._seen, self._of = seen, of
        theme.set_look(self.number, own=bool(own))
        self.number.setToolTip(own)
        self._revert.setVisible(bool(own))
        if own:
            self._revert.setText(f"Revert to {inherited_words(session, path)}")
        found = driver(plan, path)
        is_changed = saved is None or differs(session, plan, path)
        shown = (found, value, saved, is_changed, self.slider.isSliderDown())
        if shown == self._shown:
            return  # the usual case, since one lever moves at a time
        self._shown = shown
        self.name.set_text(found.label)
        self.name.setToolTip(f"{found.label}\n{self.number.field.spec.help}".strip())
        self.slider.setAccessibleName(f"{found.label}, {found.unit}")
        self.number.setAccessibleName(f"{found.label}, {found.unit}")
        self.number.set_value(value)
        self.number.set_changed(is_changed)
        if not self.slider.isSliderDown():
            # While the mouse drags, the ends must hold: they follow the value where it leaves the usual range.
            low = found.low if self.lever.low is None else self.lever.low
            high = found.high if self.lever.high is None else self.lever.high
            spec = self.number.field.spec
            self.slider.set_range(low, high, isinstance(spec, Quantity) and spec.whole, bounds(plan, path))
            low, high = self.slider.ends
            self.low.setText(end_text(session.numbers, low, high - low, found))
            self.high.setText(end_text(session.numbers, high, high - low, found))
        self.slider.setEnabled(value is not None)
        self.slider.set_mark(saved)
        if value is not None:
            self.slider.set_number(value)
        said = session.numbers.format(saved, found.digits, found.unit)
        self.slider.setToolTip(
            f"Saved plan: {said}. Double-click goes back to it; arrows move by 1 %, with Shift by 10 %."
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), theme.tokens().color("surface"))

    def path_with_focus(self) -> str:
        """The lever's path."""
        return self.lever.path

    def reset(self) -> None:
        """Go back to the saved plan's value."""
        text = f"Reset {driver(self._session.plan, self.lever.path).label}"
        # The press that began a double click may have moved the handle: both are one step.
        self._session.edit(text, reset_plan(self._session, self._session.plan, self.lever.path), self._key())

    def _grab(self) -> None:
        self._gesture += 1

    def _key(self) -> tuple[str, str, int]:
        return ("lever", self.lever.path, self._gesture)

    def _drag(self, value: float) -> None:
        self._take(value, self._key())

    def _step(self, value: float) -> None:
        self._take(value, ("lever step", self.lever.path))

    def _type(self, value: float | None) -> None:
        if value is not None:
            self._take(value)

    def _take(self, value: float, merge_key: object = None) -> None:
        problem = self._session.set_value(self.lever.path, value, merge_key=merge_key)
        if problem:
            self.number.set_value(value_of(self._session.plan, self.lever.path))
        if problem or self.note.text():
            self._say(problem, "error" if problem else "small")

    def _echo(self, entry: Typed | None) -> None:
        text = "" if entry is None else entry.problem or entry.echo
        if entry is not None and entry.alternatives:
            text = " or ".join(words for _, words in entry.alternatives) + "? Press Enter to choose."
        self._say(text, "error" if entry is not None and entry.problem else "small")

    def _say(self, text: str, role: str) -> None:
        self.note.setText(text)
        self.note.setVisible(bool(text))
        theme.set_look(self.note, role=role)

    def _centre_range(self) -> None:
        value = value_of(self._session.plan, self.lever.path)
        if value:
            low, high = sorted((value / 2, value * 2))
            self._session.edit_base(
                f"Change range of {driver(self._session.plan, self.lever.path).label}",
                _with_lever(self._session.document.plan, dataclasses.replace(self.lever, low=low, high=high)),
            )


class Levers(QWidget):
    """All pinned inputs, and the way to pin more."""

    def __init__(
        self, session: Session, ask: Callable[[list[Entry], str], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._ask = ask
        self.rows: list[LeverRow] = []
        self.setObjectName("levers")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.empty = QLabel("Pin the inputs that you want to move while you look at the results.", self)
        self.empty.setWordWrap(True)
        self.empty.setContentsMargins(14, 10, 14, 4)
        theme.set_look(self.empty, role="muted")
        self.pin_button = QPushButton("Pin a field…", self)
        self.pin_button.setObjectName("levers.pin")
        theme.set_look(self.pin_button, kind="quiet")
        theme.set_icon(self.pin_button, "pin")
        self.pin_button.clicked.connect(lambda _checked=False: self.choose_field())
        inner = QWidget(self)
        inner.setProperty("role", "page")
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, 4, 0, 8)
        self._column.setSpacing(2)
        self._column.addWidget(self.empty)
        self._column.addWidget(self.pin_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addStretch(1)
        self.scroll = scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        session.plan_changed.connect(self._follow)
        session.document.state_changed.connect(self._follow)
        self.refresh()

    def _follow(self) -> None:
        self._session.after_plots.do(self.refresh)

    def refresh(self) -> None:
        """Show the plan's levers; rows are kept while the pins are the same."""
        wanted = [lever for lever in self._session.plan.levers if _leads_somewhere(self._session.plan, lever)]
        if [row.lever for row in self.rows] != wanted:
            kept = {row.lever: row for row in self.rows}
            for row in self.rows:
                self._column.removeWidget(row)
                if row.lever not in wanted:
                    row.hide()
                    row.deleteLater()
            self.rows = [kept.get(lever) or LeverRow(self, self._session, lever, self.unpin) for lever in wanted]
            for number, row in enumerate(self.rows):
                self._column.insertWidget(number, row)
            self.empty.setVisible(not self.rows)
            new = [row for row in self.rows if row.lever not in kept]
            if len(new) == 1:
                # Where it was put may lie below what is on show, and only once it is laid out it has a place.
                QTimer.singleShot(0, new[0], partial(self.scroll.ensureWidgetVisible, new[0]))
        for row in self.rows:
            row.refresh()

    def choose_field(self) -> None:
        """Ask for a number of the plan, and pin it."""
        from app.shell.palette import Entry

        pinned = {lever.path for lever in self._session.plan.levers}
        entries = [
            Entry(found.label, PAGE_WORDS.get(found.path.partition(".")[0], ""), partial(self.pin, found.path))
            for found in drivers(self._session.plan)
            if found.path not in pinned
        ]
        self._ask(entries, "Pin which field?")

    def pin(self, path: str) -> None:
        """Pin a number, as one undoable step."""
        plan = self._session.document.plan
        lever = Lever(new_id(plan, "l"), path)
        text = f"Pin {driver(self._session.plan, path).label}"
        self._session.edit_base(text, dataclasses.replace(plan, levers=(*plan.levers, lever)))

    def unpin(self, lever_id: str) -> None:
        """Take a lever away; the input keeps its value."""
        plan = self._session.document.plan
        lever = next(item for item in plan.levers if item.id == lever_id)
        rest = tuple(item for item in plan.levers if item is not lever)
        text = f"Unpin {driver(self._session.plan, lever.path).label}"
        self._session.edit_base(text, dataclasses.replace(plan, levers=rest))

    def reset_all(self) -> None:
        """Put every pinned input back to the saved plan's value, as one undoable step."""
        plan = self._session.plan
        for row in self.rows:
            plan = reset_plan(self._session, plan, row.lever.path)
        self._session.edit("Reset all levers", plan)


PAGE_WORDS = {
    "market": "Market",
    "assumptions": "Assumptions",
    "plan": "Plan",
    "sites": "Site",
    "power_contracts": "Power",
    "asic_lots": "Fleet",
    "ai_offers": "AI offer",
}


def _leads_somewhere(plan: Plan, lever: Lever) -> bool:
    try:
        driver(plan, lever.path)
    except KeyError:
        return False
    return True


def _with_lever(plan: Plan, lever: Lever) -> Plan:
    return dataclasses.replace(plan, levers=tuple(lever if item.id == lever.id else item for item in plan.levers))


def end_text(numbers: Numbers, value: float, span: float, found: Driver) -> str:
    """A slider's end in few characters: $160,000, $3.00M, 50 %; the whole unit stands beside the number above."""
    label, factor = display(found.unit)
    shown, digits = value * factor, 0 if span * factor >= 10 else min(found.digits, 2)
    if label.startswith("$"):
        return numbers.money(shown) if abs(shown) >= SHORT_FROM else numbers.format(shown, digits, "USD")
    return numbers.number(shown, digits) + (" %" if label.startswith("%") else "")
