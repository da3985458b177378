"""All keys on one sheet, made from the table of commands, what mouse and keys do elsewhere, and the trade's rules."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.shell.commands import CATEGORIES, COMMANDS
from models.lint import RULES
from models.problems import Severity

ELSEWHERE: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Levers",
        (
            ("Drag", "Every figure and plot follows; one undo step"),
            ("Arrow keys", "1 % of the range, with Shift 10 %"),
            ("Double click, Backspace", "Back to the saved plan's value"),
        ),
    ),
    (
        "Numbers",
        (
            ("45 $/MWh, 4.5c/kWh, 12+3", "Units and sums are understood, and echoed"),
            ("Up, Down", "1 % more or less, with Shift 10 %"),
            ("Enter, Esc", "Take over, drop"),
        ),
    ),
    (
        "Findings",
        (
            ("Delete", "Set the finding aside, with a reason that the memo prints"),
            ("Ctrl+Enter", "In the reader of offers: add the offer to the plan"),
        ),
    ),
    (
        "Tables",
        (
            ("Ctrl+C, Ctrl+V", "Blocks to and from a spreadsheet; the table grows"),
            ("F2, Enter, Tab", "Edit, down, right"),
            ("Ctrl+Tab", "Out of the table; with Shift back"),
            ("Ctrl+D", "Fill down"),
        ),
    ),
)


class HelpSheet(QDialog):
    """The sheet; Esc closes it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("help_sheet")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keys and help")
        inner = QWidget(self)
        inner.setProperty("role", "page")
        grid = QGridLayout(inner)
        grid.setHorizontalSpacing(theme.px(28))
        grid.setVerticalSpacing(theme.px(14))
        sections: list[tuple[str, list[tuple[str, str]]]] = [
            (
                category,
                [
                    (
                        ", ".join(
                            QKeySequence(k).toString(QKeySequence.SequenceFormat.NativeText) for k in c.shortcuts
                        ),
                        c.text,
                    )
                    for c in COMMANDS
                    if c.category == category and c.shortcuts
                ],
            )
            for category in CATEGORIES
        ]
        sections += [(title, list(rows)) for title, rows in ELSEWHERE]
        columns: list[QVBoxLayout] = [QVBoxLayout(), QVBoxLayout()]
        filled = [0, 0]
        for title, rows in sections:
            shorter = filled.index(min(filled))
            filled[shorter] += len(rows) + 2
            columns[shorter].addWidget(_section(title, rows, inner))
        for number, column in enumerate(columns):
            column.setSpacing(theme.px(14))
            column.addStretch(1)
            grid.addLayout(column, 0, number)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setWidget(inner)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        rules = QScrollArea(self)
        rules.setWidgetResizable(True)
        rules.setWidget(_rules(self))
        tabs = QTabWidget(self)
        tabs.addTab(scroll, "Keys")
        tabs.addTab(rules, "Rules of the trade")
        column = QVBoxLayout(self)
        column.addWidget(tabs)
        column.addWidget(buttons)
        available = parent.size()
        self.resize(min(theme.px(860), available.width() - 40), min(theme.px(680), available.height() - 40))


def _rules(parent: QWidget) -> QWidget:
    """What Busbar questions although every number is possible, rule by rule."""
    box = QWidget(parent)
    box.setProperty("role", "page")
    grid = QGridLayout(box)
    grid.setHorizontalSpacing(theme.px(14))
    grid.setVerticalSpacing(theme.px(4))
    grid.setColumnStretch(1, 1)
    for number, rule in enumerate(RULES):
        left = QLabel("Warning" if rule.severity is Severity.WARNING else "Note", box)
        theme.set_look(left, role="warning" if rule.severity is Severity.WARNING else "muted")
        right = QLabel(rule.says, box)
        right.setTextFormat(Qt.TextFormat.PlainText)
        right.setWordWrap(True)
        right.setToolTip(rule.code)
        grid.addWidget(left, number, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(right, number, 1)
    return box


def _section(title: str, rows: list[tuple[str, str]], parent: QWidget) -> QWidget:
    box = QWidget(parent)
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setVerticalSpacing(theme.px(3))
    grid.setColumnStretch(1, 1)
    heading = QLabel(title, box)
    theme.set_look(heading, role="section")
    grid.addWidget(heading, 0, 0, 1, 2)
    for number, (keys, meaning) in enumerate(rows, start=1):
        left = QLabel(keys, box)
        left.setTextFormat(Qt.TextFormat.PlainText)
        left.setMinimumWidth(theme.px(150))
        theme.set_look(left, role="muted")
        right = QLabel(meaning, box)
        right.setWordWrap(True)
        grid.addWidget(left, number, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(right, number, 1)
    return box
