"""Read an offer as it came: a text, what it comes to on one strip, and every term with its words or its assumption."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent, QResizeEvent, QTextCursor
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.cards import button, label
from app.deals_panel import MARKET_WORDS, DotStrip
from app.dialog_size import open_at
from app.figure_menu import add_figure_menu, explain_by_key
from app.forms.entry import clipboard_text
from app.keeping_dialog import KeepingDialog
from app.latest import Latest
from app.numbers import Numbers
from app.offer_parts import StripView, TermRow
from app.offer_reading import PREFIX, Question, Reading, explanation_of, reading_of
from app.picker import Picker
from app.session import Session
from app.tables.grid_view import block_text
from app.tables.line_model import Cell
from app.tables.text_table import TextTable
from models.catalogue import priced_leases
from models.defaults import add_to
from models.fields import Schedule
from models.offer_text import ReadOffer, Strip, contract_prices, read_offer
from models.plan import GPU_CLOUD, ID_PREFIXES, AiOffer, Evidence, new_id

if TYPE_CHECKING:
    from models.explain import Explanation

SETTLE_MS = 150
NARROW_PX = 760
EXAMPLE = "$3.7bn over 10 years, 250 MW\n$130/kW-month NNN, 3 %\n$2.35 per GPU-hour take-or-pay, 85 %"
LONGEST_NOTE = 1_500


class OfferReader(KeepingDialog):
    """The dialog; what it makes of the text follows as one types.

    Attributes
    ----------
    text
        Where the offer is typed or pasted.
    rows
        The terms on show, by name.
    answers
        What a person has said, by term.
    reading
        The newest `Reading`; None before the first.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, "offer", parent)
        self.setObjectName("offer_reader")
        self.setWindowTitle("Read an offer")
        self.answers: dict[str, Any] = {}
        self.reading: Reading | None = None
        self.rows: dict[str, TermRow] = {}
        self.text = QPlainTextEdit(self)
        self.text.setPlaceholderText(EXAMPLE)
        self.text.setAccessibleName("The offer's text")
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(theme.px(76))
        self.site = Picker(self)
        self.site.setAccessibleName("Site")
        for site in session.plan.sites:
            self.site.addItem(site.name, site.id)
        self.said = label("", "muted", wrap=True)
        self.strip = StripView(session, self)
        self.dots = DotStrip(session.numbers, self)
        self.place = label("", "small", wrap=True)
        self.beside = TextTable("This offer beside the site's other uses", self)
        self.notes = label("", "small", wrap=True)
        self._let_explain(session)
        self.terms = QWidget(self)
        self._grid = QGridLayout(self.terms)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnMinimumWidth(0, theme.px(150))
        self._grid.setColumnStretch(2, 1)
        self._grid.setVerticalSpacing(theme.px(6))
        self._grid.setHorizontalSpacing(theme.px(10))
        self.scroll = QScrollArea(self)
        self.scroll.setWidgetResizable(True)
        self.scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.copy_button = button("Copy", self.copy, help="The strip and every term as a table (Ctrl+Shift+C)")
        self.close_button = button("Cancel", self.reject)
        self.compare_button = button(
            "Compare only", self.compare, help="Beside the site's other uses; nothing goes into the plan"
        )
        self.add_button = button(
            "Add as offer",
            self.add,
            kind="primary",
            icon="plus",
            help="Into the plan, with the text as evidence (Ctrl+Enter)",
        )
        self._arrange(session)
        self.worker = Latest(self)
        self.worker.done.connect(self._show)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.read)
        self.text.textChanged.connect(self._follow_typing)
        self.site.currentIndexChanged.connect(lambda _index: self.read())
        self.finished.connect(self._stop)
        open_at(self, 1000, 780)
        if self.take_up():
            self.text.moveCursor(QTextCursor.MoveOperation.End)
        else:
            self.read()
        self.text.setFocus()

    def typed(self) -> dict[str, Any]:
        return {"text": self.text.toPlainText(), "site": self.site.currentData(), "answers": dict(self.answers)}

    def type_again(self, typed: dict[str, Any]) -> None:
        self.text.setPlainText(typed["text"])
        self.site.setCurrentIndex(max(self.site.findData(typed["site"]), 0))
        self.answers = dict(typed["answers"])
        self.read()

    def _arrange(self, session: Session) -> None:
        above = QHBoxLayout()
        caption = label("Site", "muted")
        above.addWidget(self.said, 1)
        above.addWidget(caption)
        above.addWidget(self.site)
        for item in (caption, self.site):
            item.setVisible(len(session.plan.sites) > 1)
        below = QHBoxLayout()
        below.addWidget(self.copy_button)
        below.addStretch(1)
        # No default: Enter takes over a term's value, and must not add the offer by the way.
        for item in (self.add_button, self.compare_button, self.copy_button):
            item.setEnabled(False)  # until something has been read
        for item in (self.copy_button, self.compare_button, self.close_button, self.add_button):
            item.setAutoDefault(False)
        for item in (self.close_button, self.compare_button, self.add_button):
            below.addWidget(item)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.px(n) for n in (20, 16, 20, 16)))
        column.setSpacing(theme.px(8))
        column.addWidget(self.text)
        column.addWidget(self.taken_up)
        column.addLayout(above)
        # All that follows the text scrolls, so that the dialog fits a small screen with large letters.
        inside = QWidget(self)
        inside.setProperty("role", "page")
        lines = QVBoxLayout(inside)
        lines.setContentsMargins(0, 0, theme.px(12), 0)
        lines.setSpacing(theme.px(8))
        for item in (self.strip, self.dots, self.place, self.beside, self.terms):
            lines.addWidget(item)
        lines.addStretch(1)
        self.scroll.setWidget(inside)
        column.addWidget(self.scroll, 1)
        column.addWidget(self.notes)
        column.addLayout(below)
        for item in (self.dots, self.place, self.beside, self.notes):
            item.hide()

    # Explaining

    def _let_explain(self, session: Session) -> None:
        """F8 and the context menu on everything that is reckoned here; the offer is in no plan for that."""
        session.explainers[PREFIX] = self._explanation
        for widget, path_at in (
            (self.dots, self._place_path),
            (self.place, self._place_path),
            (self.beside, self.beside.path_at),
            (self.notes, self._note_path),
        ):
            add_figure_menu(widget, session, path_at)
        explain_by_key(self, session)

    def _explanation(self, path: str) -> Explanation:
        if self.reading is None:
            raise KeyError(path)
        return explanation_of(self._question(), self.reading, path, self.session)

    def _place_path(self, _point: QPoint) -> str | None:
        offer = self.reading.read.offer if self.reading is not None else None
        if offer is None:
            return None
        return f"{PREFIX}.{'cheaper_hours' if offer.kind == GPU_CLOUD else 'cheaper_leases'}"

    def _note_path(self, _point: QPoint) -> str | None:
        strip = self.reading.strip if self.reading is not None else None
        return f"{PREFIX}.utility_mw" if self._too_large(strip) else None

    def show_input(self, path: str) -> bool:
        """Bring the keyboard to the term at a path of an explanation; whether it is one of the offer's."""
        offer = self.reading.read.offer if self.reading is not None else None
        owner, _, name = path.rpartition(".")
        if offer is None or owner not in (f"{PREFIX}.terms", f"ai_offers.{offer.id}"):
            return False
        row = self.rows.get(name)
        if row is not None:
            self.activateWindow()
            self.scroll.ensureWidgetVisible(row.editor)
            row.editor.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return row is not None

    # Reading

    def read(self) -> None:
        """Read the text as it stands."""
        self._settle.stop()
        self.worker.request(partial(reading_of, self._question()))

    def _question(self) -> Question:
        return Question(self.text.toPlainText(), self.session.plan, self.site.currentData() or "", dict(self.answers))

    def _follow_typing(self) -> None:
        self._settle.start()

    def answer(self, name: str, value: Any) -> None:
        """Take a person's word for a term."""
        self.answers[name] = value
        self.read()

    def forget(self, name: str) -> None:
        """Go back to what the text says, or what is assumed."""
        self.answers.pop(name, None)
        self.read()

    def _show(self, reading: Reading) -> None:
        self.reading = reading
        read, say = reading.read, self.session.numbers.say
        is_empty = not read.text.strip()
        asked = len(read.questions)
        words = say(read.problem)
        if not words:
            questions = f"{asked} question{'' if asked == 1 else 's'} to answer" if asked else "nothing to ask"
            words = f"{len(read.assumptions)} assumed, {questions}. Every value can be changed."
        self.said.setText(words)
        theme.set_look(self.said, role="error" if read.problem and not is_empty else "muted")
        self.strip.show_strip(reading.strip)
        self._show_place(reading.strip, read.offer)
        self._show_terms(reading)
        left = [f"Not read: {'; '.join(read.unread)}."] if read.unread and not is_empty else []
        self.notes.setText("\n".join([*self._too_large(reading.strip), *(say(n) for n in read.notes), *left]))
        self.notes.setVisible(bool(self.notes.text()))
        for item in (self.add_button, self.compare_button, self.copy_button):
            item.setEnabled(read.offer is not None)
        if self.beside.isVisible():
            self.compare()
        self.session.explanations_changed.emit()

    def _too_large(self, strip: Strip | None) -> list[str]:
        """A sentence where the site cannot hold the offer."""
        site = next((s for s in self.session.plan.sites if s.id == self.site.currentData()), None)
        if strip is None or site is None:
            return []
        limit = site.capacity_mw if site.convertible_mw is None else site.convertible_mw
        if strip.utility_mw <= limit * (1 + 1e-9):
            return []
        write = self.session.numbers.format
        return [f"It needs {write(strip.utility_mw, 1, 'MW')}; {site.name} can convert {write(limit, 1, 'MW')}."]

    def _show_place(self, strip: Strip | None, offer: AiOffer | None) -> None:
        rank = strip.rank if strip is not None else None
        price = _first(offer.price_usd_per_gpu_hour) if offer is not None and offer.kind == GPU_CLOUD else None
        for item in (self.dots, self.place):
            item.setVisible(rank is not None or price is not None)
        if strip is not None and rank is not None:
            average = strip.average_rent_usd_per_it_kw_month
            self.dots.show_prices(
                [(d.average_rent_usd_per_it_kw_month or 0.0, d.name) for d in priced_leases()], average, 0
            )
            words = f"more than {rank.below} of {rank.count} disclosed leases"
            words = words if rank.below else f"less than any of {rank.count} disclosed leases"
            shown = self.session.numbers.format(average, 2, "USD/IT kW-month")
            self.place.setText(f"It averages {shown} over its term: {words}; nearest {rank.nearest.name}.")
        elif price is not None:
            self._show_price(price)

    def _show_price(self, price: float) -> None:
        """A price of a GPU-hour among those of contracts; hours on demand are another market."""
        numbers = self.session.numbers
        known = [
            (p.price_usd_per_gpu_hour, f"{p.gpu}, {numbers.month(p.month)}, {MARKET_WORDS[p.kind]}")
            for p in contract_prices()
        ]
        self.dots.show_prices(known, price, 2)
        below = sum(paid < price for paid, _ in known)
        words = f"more than {below} of" if below else "no more than any of"
        nearest = min(known, key=lambda one: abs(one[0] - price))
        self.place.setText(
            f"It pays {numbers.format(price, 2, 'USD/GPU-hour')}: {words} {len(known)} published contract prices; "
            f"nearest {nearest[1]}. Prices on demand are another market."
        )

    def _show_terms(self, reading: Reading) -> None:
        terms = reading.read.terms
        for name in [n for n in self.rows if n not in {t.name for t in terms}]:
            self.rows.pop(name).remove(self._grid)
        for number, term in enumerate(terms):
            row = self.rows.get(term.name)
            if row is None:
                row = self.rows[term.name] = TermRow(term, self.session, self.answer, self.forget, self.terms)
            row.place(self._grid, number, below=self.is_narrow)
            row.show_term(term, reading)
        self._order_keys([self.rows[term.name] for term in terms])

    def _order_keys(self, rows: list[TermRow]) -> None:
        """Let Tab go down the dialog as it is read: terms are made after the buttons below them."""
        stops = [self.text, self.anew_button, self.site, *self.strip.values, self.place, self.beside]
        for row in rows:
            stops += [row.editor, *row.others, row.reset]
        stops += [self.notes, self.copy_button, self.close_button, self.compare_button, self.add_button]
        # Qt passes over a pair of which one takes no keyboard, and all after it would keep their former place.
        for one, following in pairwise(s for s in stops if s.focusPolicy() != Qt.FocusPolicy.NoFocus):
            QWidget.setTabOrder(one, following)

    @property
    def is_narrow(self) -> bool:
        """Whether words stand below their editors: there is no room beside."""
        return self.width() < theme.px(NARROW_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for number, row in enumerate(self.rows.values()):
            row.place(self._grid, number, below=self.is_narrow)

    # What to do with it

    def compare(self) -> None:
        """Say how it stands beside the site's other uses, without touching the plan."""
        strip = self.reading.strip if self.reading is not None else None
        if strip is None or self.reading is None:
            return
        write, site_id = self.session.numbers.money, self.site.currentData()
        found = [(PREFIX, "This offer", strip.net_usd_per_kw_month * 12_000, strip.npv_usd_per_mw)]
        found += [
            (f"uses.{use.id}", use.name, use.margin_usd_per_mw_year, use.npv_usd_per_mw)
            for use in self.session.results.uses
            if use.site_id == site_id
        ]
        rows = [
            [
                Cell(name, path=f"{owner}.npv_usd_per_mw"),
                Cell(write(margin), ink="calculated", is_number=True, path=f"{owner}.margin_usd_per_mw_year"),
                Cell(write(npv), ink="calculated", is_number=True, path=f"{owner}.npv_usd_per_mw"),
            ]
            for owner, name, margin, npv in found
        ]
        self.beside.show_rows(("Use", "Margin per MW-year", "NPV per MW"), rows)
        tall = self.beside.horizontalHeader().sizeHint().height() + self.beside.verticalHeader().length()
        self.beside.setFixedHeight(tall + 2 * self.beside.frameWidth() + theme.px(2))
        self.beside.show()

    def add(self) -> None:
        """Put the offer into the plan, with the text as evidence, as one undo step."""
        session, asked = self.session, self._question()
        read = read_offer(asked.text, session.plan, asked.site_id, asked.answers)
        if read.offer is None:
            self.read()
            return
        plan = add_to(session.plan, read.offer)
        price = "price_usd_per_gpu_hour" if read.offer.kind == GPU_CLOUD else "rent_usd_per_it_kw_month"
        plan = add_to(
            plan,
            Evidence(
                new_id(plan, ID_PREFIXES["evidence"]),
                path=f"ai_offers.{read.offer.id}.{price}",
                claim=" ".join(read.text.split()),
                source="The offer as it was received",
                date=session.today.isoformat(),
                note=assumptions_text(read, session.numbers)[:LONGEST_NOTE],
            ),
        )
        self.accept()
        session.edit(f"Add offer {read.offer.name}", plan)
        session.go_to("offers", f"ai_offers.{read.offer.id}.name")

    def copy(self) -> None:
        """Put the strip and the terms on the clipboard, with headings, as a spreadsheet takes them."""
        if self.reading is None or self.reading.read.offer is None:
            return
        numbers = self.session.numbers
        rows = [("Figure", "Value", "", ""), *((name, value, "", "") for name, value in self.strip.texts)]
        rows.append(("Term", "Value", "In the offer", "Why"))
        for term in self.reading.read.terms:
            value = clipboard_text(term.field, term.value, numbers)
            why = " ".join(filter(None, (numbers.say(term.reason), term.source)))
            rows.append((term.field.label, value, "you" if term.is_answered else term.quoted, why))
        QGuiApplication.clipboard().setText(block_text(rows))
        self.session.message.emit("Copied the offer's figures and terms.")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Shift+C copies, Ctrl+Enter adds; Enter alone does neither."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if control and shift and event.key() == Qt.Key.Key_C:
            self.copy()
        elif control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.add_button.click()
        else:
            super().keyPressEvent(event)

    def _stop(self) -> None:
        self.session.explainers.pop(PREFIX, None)
        self._settle.stop()
        self.worker.stop()


def assumptions_text(read: ReadOffer, numbers: Numbers) -> str:
    """What was assumed, in a line: for the note of the evidence."""
    assumed = [
        f"{t.field.label} {numbers.format_field(t.field, t.value)}" for t in read.assumptions if t.value is not None
    ]
    said = [f"{t.field.label} {numbers.format_field(t.field, t.value)}" for t in read.terms if t.is_answered]
    parts = [f"Assumed: {', '.join(assumed)}." if assumed else "", f"Said: {', '.join(said)}." if said else ""]
    return " ".join(filter(None, (*parts, *(numbers.say(n) for n in read.notes))))


def _first(price: Schedule | float | None) -> float | None:
    return price.values[0] if isinstance(price, Schedule) else price
