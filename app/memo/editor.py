"""What a user changes of the memo, beside its preview: settings, exhibits, words beside figures, a house template."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.cards import Card, button, label
from app.memo.figure_words import FigureWords, InsertFigure, figure_words
from app.memo.logo import logo_of, logo_text
from app.memo.words_card import Words, WordsCard, continued_label, say_continued
from app.session import Session
from app.settings import settings_path
from app.shell.palette import Entry
from models.memo.front import MOST_SIGNERS, signers_in
from models.memo.parts import MemoContent
from models.memo.places import part_at, with_place
from models.memo.template import LIMIT_BYTES, differs_from, template_text, with_template
from models.memo.wording import LONGEST_WORDS
from models.problems import PlanFileError
from models.records.paper import MEMO_SETTINGS
from models.storage.disk import read_whole, write_whole

LINES = {"decision_asked": 3, "signers": 3, "dissent": 3}
HINTS = {
    "company": "Printed above the title",
    "prepared_by": "Name of the author",
    "decision_asked": "What the board is asked; the table of megawatts, dates and spending follows by itself",
    "decide_by": "2027-01-31; empty: the month of the first spending",
    "signers": f"One per line: name, role; up to {MOST_SIGNERS}",
    "dissent": "Who disagrees, and why",
}
WITH_FIGURES = ("decision_asked", "dissent")
"""Settings that may name figures, like the words below."""
WIDEST_LOGO = 84
TEMPLATE_FILTER = "Busbar memo template (*.json)"


class MemoEditor(QWidget):
    """The cards to the right of the preview under "Edit".

    Attributes
    ----------
    fields
        The settings' editors by name; all but the logo.
    exhibits
        The exhibits' check boxes by id.
    reasons
        Below each of them and the logo, why what was typed is not taken.
    continued
        Below the settings that may be long, in which exhibit they go on.
    words
        The card in which words are edited.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._content: MemoContent | None = None
        self._figures = FigureWords()
        self._refused: set[str] = set()
        session.document.plan_changed.connect(self._forget_refused)
        self.fields: dict[str, QLineEdit | Words] = {}
        self.reasons: dict[str, QLabel] = {}
        self.continued: dict[str, QLabel] = {}
        self.exhibits: dict[str, QCheckBox] = {}
        self.setProperty("role", "page")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, theme.px(4), 0)
        column.setSpacing(theme.px(12))
        column.addWidget(self._settings_card())
        self.words = WordsCard(
            lambda place, words, step: self._put(place, words, step, ("memo", place)), self._ask_figure
        )
        column.addWidget(self.words)
        column.addWidget(self._exhibits_card())
        column.addWidget(self._template_card())
        column.addStretch(1)

    # Settings

    def _settings_card(self) -> QWidget:
        card = Card("Page", "Stands on every export of this plan's memo.")
        for name, words in MEMO_SETTINGS.items():
            if name == "logo":
                continue
            field: QLineEdit | Words
            if name in LINES:
                field = Words(LINES[name])
                field.rested.connect(lambda name=name: self._take_setting(name))
            else:
                field = QLineEdit()
                field.editingFinished.connect(lambda name=name: self._take_setting(name))
            field.setPlaceholderText(HINTS[name])
            field.setAccessibleName(words)
            field.setToolTip(HINTS[name])
            field.setObjectName(f"memo.{name}")
            self.fields[name] = field
            head = label(words, "small")
            head.setBuddy(field)
            if isinstance(field, Words) and name in WITH_FIGURES:
                line = QHBoxLayout()
                line.addWidget(head, 1)
                insert = InsertFigure(field, lambda: self._figures, self._ask_figure)
                insert.setObjectName(f"memo.{name}.insert")
                line.addWidget(insert)
                card.add(line)
            else:
                card.add(head)
            card.add(field)
            card.add(self._reason(name))
            if name in WITH_FIGURES:
                self.continued[name] = continued_label()
                card.add(self.continued[name])
        row = QHBoxLayout()
        self.logo = label("", "small")
        self.logo.setAccessibleName("Logo")
        self.logo_button = button("Logo…", self.choose_logo, help="Take a picture file as the memo's logo")
        self.no_logo = button("Remove", lambda: self._put("logo", "", "Remove logo"), kind="quiet")
        row.addWidget(self.logo, 1)
        row.addWidget(self.logo_button)
        row.addWidget(self.no_logo)
        card.add(row)
        card.add(self._reason("logo"))
        return card

    def _ask_figure(self, entries: list[Entry]) -> None:
        self._session.figures_listed.emit(entries, "Which figure shall be inserted?")

    def _reason(self, name: str) -> QLabel:
        self.reasons[name] = label("", "error", wrap=True)
        self.reasons[name].setObjectName(f"memo.{name}.reason")
        self.reasons[name].hide()
        return self.reasons[name]

    def _take_setting(self, name: str) -> None:
        field = self.fields[name]
        text = (field.text() if isinstance(field, QLineEdit) else field.toPlainText()).strip()
        if name in WITH_FIGURES:
            text = self._figures.addressed(text)
        if name == "decide_by" and text:
            try:
                date.fromisoformat(text)
            except ValueError:
                self._refuse(name, f"{text} is no day; write it as 2027-01-31.")
                return
        if len(text) > LONGEST_WORDS:
            over = len(text) - LONGEST_WORDS
            why = f"Longer than {LONGEST_WORDS:,} characters and not in the memo yet: shorten it by {over:,}."
            self._refuse(name, why)
            return
        if name == "signers" and len(signers_in(text)) > MOST_SIGNERS:
            self._refuse(name, f"{len(signers_in(text))} names, but a page holds {MOST_SIGNERS}: take some out.")
            return
        self._refuse(name, "")
        if isinstance(field, QLineEdit):
            field.setModified(False)
        self._put(name, text, f"Change {MEMO_SETTINGS[name].lower()} of memo", ("memo", name))

    def _forget_refused(self, *_: object) -> None:
        """Another plan was put in place: what was typed for the last one is not its."""
        if self._session.document.plan is not self._session.document.saved_plan:
            return
        self.words.forget_refused()
        for name in self.reasons:
            field = self.fields.get(name)
            if isinstance(field, QLineEdit) and name in self._refused:
                field.setModified(False)
            self._refuse(name, "")

    def _refuse(self, name: str, why: str) -> None:
        """Say why a setting is not taken, until it is; what was typed stays in its field meanwhile."""
        (self._refused.add if why else self._refused.discard)(name)
        self._say(name, why)

    def _say(self, name: str, why: str) -> None:
        self.reasons[name].setText(why)
        self.reasons[name].setVisible(bool(why))

    def _put(self, place: str, words: str, step: str, merge_key: object = None) -> None:
        plan = self._session.document.plan
        held = part_at(plan, place)
        if words == (held.words if held is not None else ""):
            return
        now = self._content.title if self._content is not None else ""
        changed = with_place(plan, place, words=words, now="" if place in MEMO_SETTINGS else now)
        self._session.document.edit(step, changed, merge_key, place=self._session.scenario_id)

    def choose_logo(self) -> None:
        """Ask for a picture file."""
        self._ask("Logo", "Pictures (*.png *.jpg *.jpeg *.svg)", self.take_logo)

    def take_logo(self, path: Path) -> None:
        """Make a picture file the logo."""
        try:
            self._put("logo", logo_text(path), "Change logo of memo")
            self._say("logo", "")
        except PlanFileError as error:
            self._say("logo", str(error))

    # Exhibits

    def _exhibits_card(self) -> QWidget:
        card = Card("Exhibits", "What is unticked is left out of every format.")
        self._exhibit_rows = QVBoxLayout()
        self._exhibit_rows.setSpacing(theme.px(4))
        card.add(self._exhibit_rows)
        return card

    def _fill_exhibits(self, content: MemoContent) -> None:
        wanted = [p for p in content.places if p.can_hide]
        if [p.name for p in wanted] != list(self.exhibits):
            for box in self.exhibits.values():
                self._exhibit_rows.removeWidget(box)
                box.deleteLater()
            self.exhibits = {}
            for place in wanted:
                box = QCheckBox(place.label)
                box.setToolTip(place.label)
                box.clicked.connect(lambda shown, name=place.name: self._take_exhibit(name, shown))
                self.exhibits[place.name] = box
                self._exhibit_rows.addWidget(box)
        for place in wanted:
            self.exhibits[place.name].setChecked(place.is_shown)

    def _take_exhibit(self, name: str, shown: bool) -> None:
        plan = with_place(self._session.document.plan, name, shown=shown)
        words = self.exhibits[name].text()
        self._session.document.edit(
            f"{'Print' if shown else 'Leave out'} exhibit {words}", plan, place=self._session.scenario_id
        )

    # House template

    def _template_card(self) -> QWidget:
        card = Card("House template", "Company, logo, signers, exhibits and general remarks, for every plan's memo.")
        self.apply_button = button("Apply", self.apply_template, help="Take the house template for this memo")
        self.save_button = button(
            "Save", self.save_template, help="Keep what is general about this memo as the house template"
        )
        more = QToolButton()
        more.setText("More")
        more.setAccessibleName("More about the template")
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(more)
        menu.addAction("Save template to a file…", self._save_elsewhere)
        menu.addAction("Apply a template file…", lambda: self._ask("Template", TEMPLATE_FILTER, self.apply_template))
        more.setMenu(menu)
        row = QHBoxLayout()
        row.addWidget(self.save_button)
        row.addWidget(self.apply_button)
        row.addWidget(more)
        row.addStretch(1)
        card.add(row)
        return card

    @property
    def template_path(self) -> Path:
        """Where the house template of this machine is kept, beside the settings."""
        return settings_path().with_name("memo-template.json")

    def save_template(self, path: Path | None = None) -> None:
        """Keep this memo's general parts as the house template, or in a file."""
        target = path or self.template_path

        def step() -> None:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, template_text(self._session.document.plan).encode())
            self._session.message.emit(f"Template saved{'' if path is None else f' as {target.name}'}")

        self._tried(step)
        self._follow_template()

    def apply_template(self, path: Path | None = None) -> None:
        """Take the house template, or one from a file."""
        source = path or self.template_path

        def step() -> None:
            text = read_whole(source, LIMIT_BYTES)
            plan = with_template(self._session.document.plan, text, source.name)
            self._session.document.edit("Apply memo template", plan, place=self._session.scenario_id)

        self._tried(step)

    def _save_elsewhere(self) -> None:
        dialog = self._dialog("Save template", TEMPLATE_FILTER)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.fileSelected.connect(lambda name: self.save_template(Path(name)))
        dialog.open()

    def _follow_template(self) -> None:
        path = self.template_path
        can_apply = False
        if path.exists():
            try:
                can_apply = differs_from(self._session.document.plan, read_whole(path, LIMIT_BYTES), path.name)
            except PlanFileError:
                can_apply = True  # pressing it says what is wrong
        self.apply_button.setEnabled(can_apply)

    # All of it

    def show_content(self, content: MemoContent) -> None:
        """Follow the memo that was just written."""
        self._content = content
        plan = self._session.plan
        self._figures = figure_words(plan, self._session.results, content)
        for name, field in self.fields.items():
            if name in self._refused:
                continue
            part = part_at(content.plan or plan, name)
            words = part.words if part is not None else ""
            if name in WITH_FIGURES:
                self._say(name, self._figures.warning(words))
                words = self._figures.named(words)
            if isinstance(field, Words):
                field.put(words)
            elif not field.hasFocus() or not field.isModified():
                field.setText(words)
        self._show_logo(content)
        self.words.show_content(content, self._figures)
        self._fill_exhibits(content)
        self._follow_template()

    def show_continued(self, exhibits: dict[str, int]) -> None:
        """Say at each of the user's words that has no room on the first page in which exhibit it is whole."""
        for name, said in self.continued.items():
            say_continued(said, exhibits.get(name))
        self.words.show_continued(exhibits)

    def _show_logo(self, content: MemoContent) -> None:
        logo = logo_of(content.logo)
        self.no_logo.setVisible(bool(content.logo))
        if logo is None:
            self.logo.setPixmap(QPixmap())
            self.logo.setText("No picture" if content.logo else MEMO_SETTINGS["logo"])
            return
        pixmap = QPixmap()
        pixmap.loadFromData(logo.png, "PNG")
        # A wide one must leave its buttons their room, or the whole card would be cut off at the right.
        room = QSize(theme.px(WIDEST_LOGO), theme.px(26))
        self.logo.setPixmap(
            pixmap.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        )

    def finish(self) -> None:
        """Keep what is being typed."""
        for name, field in self.fields.items():
            if isinstance(field, Words):
                field.finish()
            elif field.isModified():
                self._take_setting(name)
        self.words.words.finish()

    def _tried(self, step: Callable[[], None]) -> None:
        try:
            step()
        except PlanFileError as error:
            self._session.message.emit(str(error))

    def _ask(self, title: str, filters: str, take: Callable[[Path], None]) -> None:
        dialog = self._dialog(title, filters)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: take(Path(name)))
        dialog.open()

    def _dialog(self, title: str, filters: str) -> QFileDialog:
        dialog = QFileDialog(self.window(), title, str(self._session.settings.folder), filters)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return dialog
