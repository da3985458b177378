"""Every command of the window in one table: menus, keys, the palette and the help sheet are made from it.

A command names the method that does it, as an attribute path from the window (``files.save``), and the property that
says whether it can be done now. Nothing else in the program assigns a shortcut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from app.data_out import COPY_KEYS, SAVE_KEYS

PAGES: tuple[tuple[str, str], ...] = (
    ("start", "Start"),
    ("market", "Market"),
    ("sites", "Sites"),
    ("power", "Power"),
    ("fleet", "Fleet"),
    ("offers", "AI offers"),
    ("break_even", "Break-even"),
    ("scenarios", "Scenarios"),
    ("sensitivity", "Sensitivity"),
    ("evidence", "Evidence"),
    ("memo", "Memo"),
    ("decisions", "Decisions"),
)
"""Name and title of every page, in the order of the work; see `page_keys`."""
NUMBERED_PAGES = 9
MORE_PAGE_KEYS = {"evidence": "Ctrl+Shift+E", "memo": "Ctrl+Shift+M", "decisions": "Ctrl+G"}


def page_keys(name: str, number: int) -> str:
    """The keys that open a page: Ctrl and its number, from the tenth on those of `MORE_PAGE_KEYS`.

    Examples
    --------
    >>> page_keys("market", 2), page_keys("evidence", 10)
    ('Ctrl+2', 'Ctrl+Shift+E')
    """
    return f"Ctrl+{number}" if number <= NUMBERED_PAGES else MORE_PAGE_KEYS[name]


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that the user can tell Busbar to do.

    Attributes
    ----------
    id
        Stable name, ``category.verb``.
    text
        What menus and palette call it; an ellipsis where it asks something first.
    handler
        Attribute path from the window to a method.
    category
        Its menu; one of `CATEGORIES`.
    shortcuts
        Keys in Qt's portable spelling, the first one shown.
    enabled
        Attribute path from the window to a property; always possible where empty.
    icon
        A drawing in resources/icons, or none.
    starts_group
        Whether the menu draws a line above it.
    help
        One sentence for the help sheet and tooltips; empty where the text says it all.
    argument
        What the handler is given; nothing where empty.
    """

    id: str
    text: str
    handler: str
    category: str
    shortcuts: tuple[str, ...] = ()
    enabled: str = ""
    icon: str = ""
    starts_group: bool = False
    help: str = ""
    argument: str = ""


CATEGORIES = ("File", "Edit", "Go", "View", "Help")

COMMANDS: tuple[Command, ...] = (
    Command("file.new", "New plan", "files.new", "File", ("Ctrl+N",), icon="new"),
    Command("file.open", "Open…", "files.open", "File", ("Ctrl+O",), icon="open"),
    Command("file.save", "Save", "files.save", "File", ("Ctrl+S",), icon="save", starts_group=True),
    Command("file.save_as", "Save as…", "files.save_as", "File", ("Ctrl+Shift+S",)),
    Command(
        "file.import", "Import table…", "files.import_table", "File", ("Ctrl+I",), icon="import", starts_group=True
    ),
    Command(
        "file.read_offer",
        "Read an offer…",
        "read_offer",
        "File",
        ("Ctrl+Shift+O",),
        icon="offers",
        help="Type or paste an offer as it came, and see what it comes to per megawatt.",
    ),
    Command(
        "file.import_pack",
        "Import market pack…",
        "files.import_pack",
        "File",
        icon="market",
        help="Dated market values from a colleague, shown as a difference before they are applied.",
    ),
    Command(
        "file.import_actuals",
        "Import actual months…",
        "decisions.import_actuals",
        "File",
        icon="decisions",
        help="What months turned out to be, to compare with what was decided.",
    ),
    Command("file.export_pack", "Export market pack…", "exports.export_pack", "File"),
    Command("file.export_memo", "Export memo…", "exports.export_memo", "File", ("Ctrl+E",), icon="export"),
    Command(
        "file.verify_memo",
        "Verify a memo…",
        "exports.verify_memo",
        "File",
        icon="check",
        help="Recompute the figures of an exported memo, and name those that were changed.",
    ),
    Command(
        "file.export_workbook",
        "Export workbook…",
        "exports.export_workbook",
        "File",
        ("Ctrl+Shift+X",),
        icon="export",
        help="The plan as an .xlsx file whose results are formulas of its inputs.",
    ),
    Command(
        "file.save_table",
        "Save table or chart as…",
        "data.save",
        "File",
        (SAVE_KEYS,),
        icon="table",
        help="What the keyboard is on, as CSV or XLSX, a chart as PNG or SVG too, with units and where it comes from.",
    ),
    Command(
        "file.export_tables",
        "Export all tables…",
        "data.save_all",
        "File",
        icon="export",
        help="All results of the scenario on show as one .xlsx file, a sheet per table.",
    ),
    Command("file.quit", "Quit", "close", "File", ("Ctrl+Q",), starts_group=True),
    Command("edit.undo", "Undo", "undo", "Edit", ("Ctrl+Z",), "can_undo", icon="undo"),
    Command("edit.redo", "Redo", "redo", "Edit", ("Ctrl+Shift+Z", "Ctrl+Y"), "can_redo", icon="redo"),
    Command(
        "edit.copy_table",
        "Copy table or chart with headings",
        "data.copy",
        "Edit",
        (COPY_KEYS,),
        icon="duplicate",
        starts_group=True,
        help="All of what the keyboard is on, with units and where it comes from; of a chart the picture as well.",
    ),
    Command(
        "edit.pin",
        "Pin a lever…",
        "levers.choose_field",
        "Edit",
        ("Ctrl+L",),
        icon="pin",
        starts_group=True,
        help="Put any number of the plan beside the pages, with a slider.",
    ),
    Command(
        "edit.revert_levers",
        "Reset all levers",
        "levers.reset_all",
        "Edit",
        ("Ctrl+Shift+L",),
        icon="revert",
        help="Every pinned input returns to its value in the saved plan.",
    ),
    Command(
        "edit.new_scenario",
        "New scenario…",
        "scenarios.new",
        "Edit",
        ("Ctrl+Alt+N",),
        icon="scenarios",
        starts_group=True,
        help="A what-if that inherits from the scenario on show; what you change then goes into it.",
    ),
    Command(
        "edit.stress",
        "Apply stress pack…",
        "scenarios.choose_stress",
        "Edit",
        ("Ctrl+Alt+S",),
        icon="risk",
        help="A ready-made what-if: difficulty up, a tenant's default, a late delivery, dearer power.",
    ),
    Command(
        "decision.record",
        "Record decision…",
        "decisions.record",
        "Edit",
        ("Ctrl+Alt+D",),
        icon="decisions",
        starts_group=True,
        help="Freeze what was decided on the scenario on show, with the plan and the memo of today.",
    ),
    Command(
        "edit.revert_value",
        "Revert value to parent",
        "scenarios.revert_value",
        "Edit",
        ("Ctrl+R",),
        "scenarios.is_on_show",
        icon="revert",
        help="The value that the keyboard is at is inherited again.",
    ),
    *(
        Command(f"go.{name}", title, "show_page", "Go", (page_keys(name, number),), icon=name, argument=name)
        for number, (name, title) in enumerate(PAGES, start=1)
    ),
    Command("go.next_finding", "Next finding", "findings.go_to_next", "Go", ("F4",), starts_group=True),
    Command("go.palette", "Command palette…", "show_palette", "Go", ("Ctrl+K",), icon="search"),
    Command(
        "view.theme", "Next theme: light, dark, system", "view.next_theme", "View", ("Ctrl+Shift+T",), icon="settings"
    ),
    Command("view.larger", "Larger text", "view.larger_text", "View", ("Ctrl++", "Ctrl+="), starts_group=True),
    Command("view.smaller", "Smaller text", "view.smaller_text", "View", ("Ctrl+-",)),
    Command("view.normal", "Normal text size", "view.normal_text", "View", ("Ctrl+0",)),
    Command(
        "view.levers", "Show or hide levers", "view.toggle_levers", "View", ("F6",), icon="levers", starts_group=True
    ),
    Command("view.findings", "Show or hide findings", "view.toggle_findings", "View", ("F7",)),
    Command(
        "view.explain",
        "Explain this number",
        "explain_focused",
        "View",
        ("F8",),
        icon="help",
        help="The formula of the number under the keyboard, down to inputs with source and date.",
    ),
    Command("view.full_screen", "Full screen", "view.toggle_full_screen", "View", ("F11",)),
    Command("view.reset_layout", "Reset layout", "view.reset_layout", "View"),
    Command("help.keys", "Keys and help", "show_help", "Help", ("F1", "?"), icon="help"),
    Command(
        "help.plan_file",
        "Query the plan file with SQL…",
        "show_plan_file",
        "Help",
        icon="table",
        help="The tables of results in the plan's SQLite file: columns, units, signs, and queries to start from.",
    ),
    Command("help.about", "About Busbar", "show_about", "Help"),
)


def slot(window: QWidget, command: Command) -> Callable[[], None]:
    """A slot for `triggered` that drops its ``checked`` argument and finds the handler when it is called."""

    def run() -> None:
        handler = attrgetter(command.handler)(window)
        handler(command.argument) if command.argument else handler()

    return run


class Commands:
    """The window's actions, made from `COMMANDS`.

    Attributes
    ----------
    actions
        By command id.
    """

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self.actions: dict[str, QAction] = {}
        for command in COMMANDS:
            action = QAction(command.text.replace("&", "&&"), window)
            action.setObjectName(command.id)
            action.setShortcuts([QKeySequence(keys) for keys in command.shortcuts])
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            # Without this the platform may move "About" and "Quit" only by guessing from the words.
            action.setMenuRole(MENU_ROLES.get(command.id, QAction.MenuRole.NoRole))
            if command.help:
                action.setToolTip(command.help)
            action.triggered.connect(slot(window, command))
            window.addAction(action)
            self.actions[command.id] = action

    def of_category(self, category: str) -> Iterable[tuple[Command, QAction]]:
        """Commands of one menu with their actions, in the table's order."""
        return [(c, self.actions[c.id]) for c in COMMANDS if c.category == category]

    def refresh(self) -> None:
        """Enable what can be done now."""
        for command in COMMANDS:
            if command.enabled:
                self.actions[command.id].setEnabled(bool(attrgetter(command.enabled)(self._window)))

    def name_undo(self, undo_text: str, redo_text: str) -> None:
        """Say in the menu what would be undone: "Undo paste 36 cells"."""
        self.actions["edit.undo"].setText(named("Undo", undo_text))
        self.actions["edit.redo"].setText(named("Redo", redo_text))

    def fill_menu(self, category: str, menu: Any) -> None:
        """Put one category's commands into a menu."""
        for command, action in self.of_category(category):
            if command.starts_group:
                menu.addSeparator()
            menu.addAction(action)


MENU_ROLES = {
    "file.quit": QAction.MenuRole.QuitRole,
    "help.about": QAction.MenuRole.AboutRole,
}


def named(verb: str, step: str) -> str:
    """A step after a verb: "Change BTC price" becomes "Undo change BTC price", but "BTC price" keeps its capitals."""
    if len(step) > 1 and step[1].islower():
        step = step[0].lower() + step[1:]
    return f"{verb} {step}" if step else verb


def shortcut_text(command: Command) -> str:
    """The keys as this platform writes them; empty where there are none."""
    return (
        QKeySequence(command.shortcuts[0]).toString(QKeySequence.SequenceFormat.NativeText) if command.shortcuts else ""
    )
