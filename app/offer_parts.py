"""What the reader of offers is made of: the strip of figures, and a line for every term."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QMenu, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app import theme
from app.cards import button, label
from app.figure_menu import add_figure_actions, add_figure_menu
from app.forms.editors import FieldEditor, ValueLine, editor_for
from app.offer_reading import OTHERS, PREFIX, Reading
from app.session import Session
from models.offer_text import Strip, Term

COLUMNS = 4
STRIP = (
    "net_usd_per_kw_month",
    "net_usd_per_mwh",
    "first_months_usd_per_mw",
    "utility_mw",
    "present_value_usd_per_mw",
    "npv_usd_per_mw",
    "first_year_rent_usd_per_it_kw_month",
    "average_rent_usd_per_it_kw_month",
)
"""The figures in their order, as an explanation calls them."""


class StripView(QWidget):
    """The offer's figures in two lines of four."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = session.numbers
        self.texts: list[tuple[str, str]] = []
        self._names: tuple[str, ...] = ()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(18))
        grid.setVerticalSpacing(0)
        self._cells: list[tuple[QLabel, QLabel]] = []
        for number in range(2 * COLUMNS):
            caption, value = label("", "small", wrap=True), label("", "calculated")
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            caption.setContentsMargins(0, 0, 0, theme.px(5))
            grid.addWidget(value, number // COLUMNS * 2, number % COLUMNS)
            grid.addWidget(caption, number // COLUMNS * 2 + 1, number % COLUMNS)
            grid.setColumnStretch(number % COLUMNS, 1)
            self._cells.append((caption, value))
            add_figure_menu(value, session, partial(self._path_of, number))
        # The captions too, which hold the rate and the capex; only the values are stops of the keyboard.
        add_figure_menu(self, session, self._path_at)
        self.show_strip(None)

    @property
    def values(self) -> list[QLabel]:
        """The figures, in the order in which they are read."""
        return [value for _caption, value in self._cells]

    def _path_of(self, number: int, _point: QPoint | None = None) -> str | None:
        return f"{PREFIX}.{self._names[number]}" if number < len(self._names) else None

    def _path_at(self, point: QPoint) -> str | None:
        below = next((n for n, (caption, _) in enumerate(self._cells) if caption.geometry().contains(point)), None)
        return None if below is None else self._path_of(below)

    def show_strip(self, strip: Strip | None) -> None:
        """Show the figures; nothing where there are none."""
        self.setVisible(strip is not None)
        if strip is None:
            self.texts, self._names = [], ()
            return
        n = self._numbers
        rate = n.percent(strip.discount_rate_fraction)
        cut = f"; {strip.months_beyond} months lie beyond the plan's end" if strip.months_beyond else ""
        first = n.format(strip.first_year_rent_usd_per_it_kw_month, 2)
        average = n.format(strip.average_rent_usd_per_it_kw_month, 2)
        self.texts = [
            ("net per utility kW-month, year 1", n.format(strip.net_usd_per_kw_month, 2, "USD/kW-month")),
            ("net per MWh, year 1", n.format(strip.net_usd_per_mwh, 2, "USD/MWh")),
            ("cash per MW of its first 24 months", n.money(strip.first_months_usd_per_mw)),
            ("utility megawatts", n.format(strip.utility_mw, 1, "MW")),
            (f"present value per MW at {rate}{cut}", n.money(strip.present_value_usd_per_mw)),
            (f"NPV per MW after {n.money(strip.capex_usd_per_mw)} of capex", n.money(strip.npv_usd_per_mw)),
            ("first-year rent per IT kW-month", first),
            ("average rent per IT kW-month", average),
        ]
        if strip.rank is None:  # own GPUs pay no rent
            del self.texts[-2:]
        self._names = STRIP[: len(self.texts)]
        shown = [*self.texts, ("", ""), ("", "")]
        for (caption, value), (name, text) in zip(self._cells, shown, strict=False):
            caption.setText(name)
            value.setText(text)
            value.setAccessibleName(name)
            value.setVisible(bool(text))


class TermRow:
    """One term: its name, its editor, and where it comes from, with its other readings as buttons.

    Parameters
    ----------
    answer, forget
        Told a term's name, and what a person says it is.
    """

    def __init__(
        self,
        term: Term,
        session: Session,
        answer: Callable[[str, Any], None],
        forget: Callable[[str], None],
        parent: QWidget,
    ) -> None:
        self._session, self._numbers = session, session.numbers
        self._answer = answer
        self.name = term.name
        self.path = f"{PREFIX}.terms.{term.name}"
        self.label = label(term.field.label, "muted", wrap=True)
        self.editor: FieldEditor = editor_for(term.field, session.numbers, parent)
        self.editor.setFixedWidth(theme.px(210))
        self.editor.value_committed.connect(partial(answer, term.name))
        self.words = label("", "small", wrap=True)
        self.words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.right = QWidget(parent)
        self._line = QVBoxLayout(self.right)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(theme.px(3))
        self._line.addWidget(self.words)
        self.others: list[QPushButton] = []
        self.reset = button("As read", partial(forget, term.name), kind="link")
        self.reset.setAutoDefault(False)
        self._line.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignLeft)
        if isinstance(self.editor, ValueLine):
            self.editor.value_stepped.connect(partial(answer, term.name))
            self.editor.entry_changed.connect(self._show_entry)
        self._said = ""
        for widget in (self.label, self.editor, self.words):
            add_figure_menu(widget, session, lambda _point: self.path, own_menu=True)
            widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            widget.customContextMenuRequested.connect(partial(self._open_menu, widget))
            if widget is not self.editor:
                widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the editor is the term's stop of the keyboard

    def _open_menu(self, widget: QWidget, place: QPoint) -> None:
        menu = QMenu(widget)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        add_figure_actions(menu, self._session, self.path)
        if isinstance(self.editor, ValueLine):
            menu.addSeparator()
            menu.addAction("Copy", self.editor.copy)
            menu.addAction("Paste", self.editor.paste)
        menu.popup(widget.mapToGlobal(place))

    def place(self, grid: QGridLayout, number: int, *, below: bool) -> None:
        """Stand in a line of the grid, the words beside the editor or below it."""
        grid.addWidget(self.label, 2 * number, 0)
        grid.addWidget(self.editor, 2 * number, 1)
        if below:
            grid.addWidget(self.right, 2 * number + 1, 0, 1, 3)
        else:
            grid.addWidget(self.right, 2 * number, 2)

    def remove(self, grid: QGridLayout) -> None:
        """Leave the grid for good."""
        for item in (self.label, self.editor, self.right):
            grid.removeWidget(item)
            item.hide()
            item.deleteLater()

    def show_term(self, term: Term, reading: Reading) -> None:
        """Show a term's value and where it comes from."""
        numbers = self._numbers
        self.editor.set_value(term.value)
        parts = []
        if term.is_answered:
            parts.append("You said so.")
        elif term.quoted:
            parts.append(f"“{term.quoted}”")
        else:
            parts.append("Assumed.")
        parts += [numbers.say(term.reason), f"({term.source})" if term.source else ""]
        self._said = " ".join(filter(None, parts))
        self.words.setText(self._said)
        theme.set_look(self.words, role="warning" if term.is_question else "small")
        theme.set_look(self.label, role="strong" if term.is_question else "muted")
        self.editor.setAccessibleDescription(self._said)
        self.reset.setVisible(term.is_answered)
        self._show_others(term, reading)

    def _show_others(self, term: Term, reading: Reading) -> None:
        for old in self.others:
            self._line.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.others = []
        for number, other in enumerate(term.others if term.is_question else ()):
            strip = reading.others.get((term.name, number))
            money = self._numbers.money
            worth = f"NPV {money(strip.npv_usd_per_mw)} per MW" if strip is not None else ""
            words = self._numbers.format_field(term.field, other.value)
            words = other.words if words == other.words else f"{words}, {other.words}"
            chip = QPushButton(f"{words}: {worth}" if worth else words, self.right)
            theme.set_look(chip, kind="chip")
            chip.setAutoDefault(False)
            chip.setAccessibleName(f"{term.field.label}: {chip.text()}")
            chip.clicked.connect(partial(self._take, other.value))
            if strip is not None:
                path = f"{PREFIX}.{OTHERS}.{term.name}.{number}"
                add_figure_menu(chip, self._session, partial(_of_chip, path))
            self._line.insertWidget(1 + number, chip, 0, Qt.AlignmentFlag.AlignLeft)
            self.others.append(chip)

    def _take(self, value: Any, _checked: bool = False) -> None:
        self._answer(self.name, value)

    def _show_entry(self, entry: Any) -> None:
        """How what is being typed is read, or why not."""
        words = "" if entry is None else entry.problem or entry.echo
        self.words.setText(words or self._said)
        if entry is not None and entry.problem:
            theme.set_look(self.words, role="error")


def _of_chip(path: str, _point: QPoint) -> str:
    return path
