"""The line under a field: what was understood, what is wrong, which reading is meant, what a finding proposes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app import theme
from app.forms.entry import Entry
from app.numbers import Numbers
from app.word_lines import in_lines
from models.problems import Finding, Repair, Severity

ROLE_OF_SEVERITY = {Severity.ERROR: "negative", Severity.WARNING: "warning", Severity.INFO: "muted"}
NARROWEST = 120
LABEL_OF_SEVERITY = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "small"}


class NoteLine(QWidget):
    """An icon, a sentence that wraps, and chips that answer it."""

    def __init__(self, icon: str, icon_role: str, label_role: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = text
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(theme.px(3))
        row = QHBoxLayout()
        row.setSpacing(theme.px(5))
        if icon:
            picture = QLabel()
            size = theme.px(14)
            picture.setPixmap(theme.icon(icon, icon_role).pixmap(QSize(size, size), self.devicePixelRatioF()))
            row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        self.label = QLabel(text)
        self.label.setProperty("role", label_role)
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        row.addWidget(self.label, 1)
        outer.addLayout(row)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(theme.px(6))
        self._words: dict[QPushButton, str] = {}
        outer.addLayout(self._chips)

    def keep_on_one_line(self) -> None:
        """Cut the sentence off at the right; all of it stands in the tooltip."""
        self.label.setWordWrap(False)
        self.label.setToolTip(self.label.text())
        self.label.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            room = self.label.width()
            self.label.setText(self.label.fontMetrics().elidedText(self.text, Qt.TextElideMode.ElideRight, room))
        return super().eventFilter(watched, event)

    def add_chip(self, text: str, press: Callable[[], None]) -> QPushButton:
        """A small button that answers the note."""
        chip = QPushButton(text)
        chip.setProperty("kind", "chip")
        chip.setAccessibleName(text)
        chip.setAccessibleDescription(self.label.text())
        chip.clicked.connect(lambda: press())
        if not self._words:
            self._chips.addStretch(1)
        self._chips.insertWidget(self._chips.count() - 1, chip, 0, Qt.AlignmentFlag.AlignLeft)
        chip.show()
        self._words[chip] = text
        self._fit()
        return chip

    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        # A long answer breaks its line instead of widening the form, whose right side would then be out of sight.
        return QSize(min(least.width(), theme.px(NARROWEST)), least.height()) if self._words else least

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Put the answers beneath each other where they need more room, and break those that still do."""
        room, wanted = max(self.width(), theme.px(NARROWEST)), 0
        for chip, text in self._words.items():
            chip.ensurePolished()
            around = chip.sizeHint().width() - max(map(chip.fontMetrics().horizontalAdvance, chip.text().split("\n")))
            chip.setText(in_lines(text, room - around, chip.fontMetrics(), len(text)))
            wanted += chip.sizeHint().width() + self._chips.spacing()
        fits = wanted - self._chips.spacing() <= room
        self._chips.setDirection(QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom)


class NoteRow(QWidget):
    """All notes of one field, one beneath the other; takes no room while there are none.

    Parameters
    ----------
    numbers
        The locale that findings are worded in.

    Signals
    -------
    reading_chosen
        The value of the reading that a person chose.
    repair_chosen
        The `Repair` that a person chose.
    """

    reading_chosen = Signal(object)
    repair_chosen = Signal(object)

    def __init__(self, numbers: Numbers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._say = numbers.say
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, theme.px(2))
        self._layout.setSpacing(theme.px(4))
        self._entry: Entry | None = None
        self._findings: tuple[Finding, ...] = ()
        self._source = ""
        self._on_finding: Callable[[QWidget, Finding], None] | None = None
        self.hide()

    @property
    def texts(self) -> list[str]:
        """The sentences on show, from the top."""
        return [line.text for line in self._lines()]

    @property
    def chips(self) -> list[QPushButton]:
        """The answers on offer."""
        return [chip for line in self._lines() for chip in line.findChildren(QPushButton)]

    def _lines(self) -> list[NoteLine]:
        items = [self._layout.itemAt(i).widget() for i in range(self._layout.count())]
        return [line for line in items if isinstance(line, NoteLine)]

    def show_entry(self, entry: Entry | None) -> None:
        """Show how the text being typed is read."""
        if entry != self._entry:
            self._entry = entry
            self._rebuild()

    def show_findings(self, findings: tuple[Finding, ...]) -> None:
        """Show what is questionable in the stored value."""
        if findings != self._findings:
            self._findings = findings
            self._rebuild()

    def on_finding(self, made: Callable[[QWidget, Finding], None]) -> None:
        """Call this with the line of every finding that is shown."""
        self._on_finding = made

    def show_source(self, source: str) -> None:
        """Show where a default comes from, as long as nothing else has to be said."""
        if source != self._source:
            self._source = source
            self._rebuild()

    def focus_first_chip(self) -> None:
        """Bring the keyboard to the answers."""
        if self.chips:
            self.chips[0].setFocus(Qt.FocusReason.TabFocusReason)

    def _rebuild(self) -> None:
        for line in self._lines():
            self._layout.removeWidget(line)
            line.hide()
            line.deleteLater()
        entry = self._entry
        if entry is not None and entry.problem:
            self._add("error", "negative", "error", entry.problem)
        elif entry is not None and entry.alternatives:
            line = self._add("help", "warning", "warning", f"{entry.echo}:")
            for value, words in entry.alternatives:
                line.add_chip(words, partial(self.reading_chosen.emit, value))
        elif entry is not None and entry.echo:
            self._add("", "", "small", entry.echo)
        else:
            for finding in self._findings:
                self._add_finding(finding)
            if not self._findings and self._source:
                line = self._add("", "", "small", f"Default: {self._source}")
                line.keep_on_one_line()
        self.setVisible(bool(self._lines()))

    def _add_finding(self, finding: Finding) -> None:
        severity = finding.severity
        words = self._say(finding.message)
        line = self._add(str(severity), ROLE_OF_SEVERITY[severity], LABEL_OF_SEVERITY[severity], words)
        if self._on_finding is not None:
            self._on_finding(line, finding)
        for repair in finding.repairs:
            line.add_chip(self._say(repair.label), partial(self._choose, repair))

    def _choose(self, repair: Repair) -> None:
        self.repair_chosen.emit(repair)

    def _add(self, *words: Any) -> NoteLine:
        line = NoteLine(*words, parent=self)
        self._layout.addWidget(line)
        # Qt would show it in the next turn of the event loop; a bubble needs its height now.
        line.show()
        return line
