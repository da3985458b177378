"""Recording a decision: its name, day and who took it, and what each site's megawatts are given to."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QGridLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.cards import label
from app.keeping_dialog import KeepingDialog
from app.latest import Latest
from app.memo.files import content_of
from app.numbers import Numbers
from app.picker import Picker
from app.session import Session
from models.decisions.freeze import Choices, SiteChoice, choices_of, freeze
from models.memo.parts import MemoContent
from models.memo.proof import memo_digest
from models.recommendation import IDLE, Option
from models.scenarios import scenario_name

DIGEST_SHOWN = 16
MOST_SITES_PX = 260


def memo_of(plan: object, today: object, scenario_id: str) -> tuple[MemoContent, str]:
    """The memo of a plan and its digest; takes a moment, so it is made beside the window."""
    content = content_of(plan, today, scenario_id)  # type: ignore[arg-type]
    return content, memo_digest(content)


class DecisionDialog(KeepingDialog):
    """Freezes a decision on the scenario on show, as one undo step.

    Attributes
    ----------
    name, decided_on, decided_by, note
        Where these are typed.
    pickers
        By site id: what was chosen, and what was turned down.
    digest
        The memo's digest, once it has been computed.
    said
        Why it cannot be recorded like that; empty at first.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, ("decision", session.scenario_id), parent)
        self.setObjectName("record_decision")
        self.setWindowTitle("Record decision")
        self._room = (parent or self).screen().availableSize()
        self.setMinimumWidth(min(theme.px(740), self._room.width() * 9 // 10))
        self._plan = session.document.plan
        self._scenario_id = session.scenario_id
        self._results = session.results
        self._memo: tuple[MemoContent, str] | None = None
        self.choices = choices_of(session.plan, self._results)
        self.name = self._line("Decision", self._proposed_name())
        self.decided_on = self._line("Decided on", session.today.isoformat())
        self.decided_by = self._line("Decided by", "")
        self.decided_by.setPlaceholderText("Who took it: the board, the investment committee")
        self.note = self._line("Note", "")
        self.note.setPlaceholderText("Why, where it was not as the memo says")
        self.pickers: dict[str, tuple[QComboBox, QComboBox]] = {}
        self.digest = label("being computed …", "small")
        self.digest.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.said = label("", "error", wrap=True)
        answers = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.button = QPushButton("Record decision", self)
        self.button.setProperty("kind", "primary")
        self.button.setDefault(True)
        answers.addButton(self.button, QDialogButtonBox.ButtonRole.AcceptRole)
        answers.accepted.connect(self.accept)
        answers.rejected.connect(self.reject)
        self._arrange(answers)
        self.work = Latest(self)
        self.work.done.connect(self._take_memo)
        self.work.request(partial(memo_of, self._plan, session.today, self._scenario_id))
        self.take_up()
        self.name.setFocus()
        self.name.selectAll()

    @property
    def _fields(self) -> dict[str, QLineEdit]:
        return {"name": self.name, "on": self.decided_on, "by": self.decided_by, "note": self.note}

    def typed(self) -> dict[str, Any]:
        chosen = {pair: tuple(p.currentData() for p in pickers) for pair, pickers in self.pickers.items()}
        return {name: field.text() for name, field in self._fields.items()} | {
            f"site {s}": c for s, c in chosen.items()
        }

    def type_again(self, typed: dict[str, Any]) -> None:
        for name, field in self._fields.items():
            field.setText(typed[name])
        for site_id, pickers in self.pickers.items():
            for picker, chosen in zip(pickers, typed[f"site {site_id}"], strict=True):
                if (row := picker.findData(chosen)) >= 0:  # it may have left the plan
                    picker.setCurrentIndex(row)

    def _line(self, words: str, text: str) -> QLineEdit:
        found = QLineEdit(text, self)
        found.setAccessibleName(words)
        found.textEdited.connect(lambda _text: self.said.clear())
        return found

    def _proposed_name(self) -> str:
        if len(self.choices) != 1:
            return f"Decision of {self.session.numbers.month(self.session.today.isoformat()[:7])}"
        site = self.choices[0]
        return f"{site.option(site.recommended.chosen_id).name} at {site.site_name}"

    def _arrange(self, answers: QDialogButtonBox) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(theme.px(12))
        form.setVerticalSpacing(theme.px(8))
        for words, field in (
            ("Decision", self.name),
            ("Decided on", self.decided_on),
            ("Decided by", self.decided_by),
            ("Note", self.note),
            ("Scenario", label(scenario_name(self._plan, self._scenario_id), "")),
            ("Memo", self.digest),
        ):
            caption = label(words, "muted")
            caption.setBuddy(field)
            form.addRow(caption, field)
        inside = QWidget()
        inside.setProperty("role", "page")
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, theme.px(4), 0)
        grid.setHorizontalSpacing(theme.px(10))
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)
        for column, words in enumerate(("Site", "Chosen", "Turned down")):
            grid.addWidget(label(words, "small"), 0, column)
        for row, site in enumerate(self.choices, start=1):
            grid.addWidget(label(site.site_name, ""), row, 0)
            chosen, rejected = self._site_pickers(site)
            grid.addWidget(chosen, row, 1)
            grid.addWidget(rejected, row, 2)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        scroll.setMinimumHeight(
            min(inside.sizeHint().height() + theme.px(4), theme.px(MOST_SITES_PX), self._room.height() // 4)
        )
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
        column_.setSpacing(theme.px(12))
        column_.addWidget(self.taken_up)
        column_.addLayout(form)
        about = "As the memo recommends, unless it was decided otherwise. Both are counted on the same megawatts."
        column_.addWidget(label(about, "small", wrap=True))
        column_.addWidget(scroll, 1)
        column_.addWidget(self.said)
        column_.addWidget(answers)

    def _site_pickers(self, site: Choices) -> tuple[QComboBox, QComboBox]:
        chosen, rejected = OptionPicker(), OptionPicker()
        for picker, words, option_id in (
            (chosen, "Chosen", site.recommended.chosen_id),
            (rejected, "Turned down", site.recommended.rejected_id),
        ):
            picker.setAccessibleName(f"{words} at {site.site_name}")
            picker.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            picker.setMinimumContentsLength(8)
            for option in site.options:
                picker.addItem(option_words(option, self.session.numbers), option.id)
            picker.setCurrentIndex(max(picker.findData(option_id), 0))
            picker.setToolTip(f"{words} at {site.site_name}, with the memo's NPV per megawatt")
            picker.currentIndexChanged.connect(lambda _row: self.said.clear())
        chosen.activated.connect(lambda _row: rejected.setCurrentIndex(_other(site, chosen, rejected)))
        self.pickers[site.site_id] = (chosen, rejected)
        return chosen, rejected

    def _take_memo(self, memo: tuple[MemoContent, str]) -> None:
        self._memo = memo
        self.digest.setText(f"{memo[1][:DIGEST_SHOWN]}…" if memo[1] else "too large to carry its own proof")
        self.digest.setToolTip(memo[1])

    def accept(self) -> None:
        """Record the decision, or say what is missing."""
        same = [s.site_name for s in self.choices if _is_same(*self.pickers[s.site_id])]
        if same:
            self.said.setText(f"At {same[0]} the same is chosen and turned down; choose another of the two.")
            return
        if not self.decided_by.text().strip():
            self.said.setText("Decided by is empty; write who took the decision.")
            self.decided_by.setFocus()
            return
        self.work.flush()
        content, digest = self._memo or memo_of(self._plan, self.session.today, self._scenario_id)
        chosen = [
            SiteChoice(site_id, one.currentData(), other.currentData())
            for site_id, (one, other) in self.pickers.items()
        ]
        try:
            plan = freeze(
                self._plan,
                self._results,
                self._scenario_id,
                name=self.name.text(),
                decided_on=self.decided_on.text().strip(),
                decided_by=self.decided_by.text(),
                chosen=chosen,
                memo_digest=digest,
                plan_digest=content.plan_digest,
                recommendation=content.title,
                program_version=content.program_version,
                note=self.note.text().strip(),
            )
        except ValueError as error:
            self.said.setText(str(error))
            return
        super().accept()
        decision = plan.decisions[-1]
        self.session.edit_base(f"Record decision {decision.name}", plan)
        self.session.go_to("decisions", f"decisions.{decision.id}")

    def done(self, answer: int) -> None:
        self.work.leave()
        super().done(answer)


class OptionPicker(Picker):
    """Picks an option: where its words have no room the name is cut, and never what it is worth."""

    def shown_text(self) -> str:
        name, between, figure = self.currentText().rpartition(", ")
        shown, whole = super().shown_text(), self.currentText()
        if shown == whole or not between:
            return shown
        measured, dots = self.fontMetrics(), "…"
        room = measured.horizontalAdvance(shown)
        while name and measured.horizontalAdvance(f"{name}{dots}{between}{figure}") > room:
            name = name[:-1].rstrip()
        return f"{name}{dots}{between}{figure}"


def option_words(option: Option, numbers: Numbers) -> str:
    """An option in a picker: its name, and what the memo has it at per megawatt."""
    if option.kind == IDLE:
        return "Idle"
    return f"{option.name}, {numbers.money(option.npv_usd_per_mw)}/MW"


def _other(site: Choices, chosen: QComboBox, rejected: QComboBox) -> int:
    """What is turned down stays, unless it was chosen now: then the best of the others."""
    if not _is_same(chosen, rejected):
        return rejected.currentIndex()
    return rejected.findData(site.runner_up(chosen.currentData()))


def _is_same(chosen: QComboBox, rejected: QComboBox) -> bool:
    return bool(chosen.count() > 1 and chosen.currentData() == rejected.currentData())
