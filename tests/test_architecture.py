"""The shape of the house: imports run one way, nothing reaches for the network, no module grows beyond a look."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST_MODULE = 450
NETWORK = {
    "socket", "ssl", "http", "urllib", "ftplib", "smtplib", "imaplib", "poplib", "telnetlib", "xmlrpc", "socketserver",
    "asyncio", "requests", "httpx", "aiohttp", "urllib3", "websockets",
    "PySide6.QtNetwork", "PySide6.QtWebSockets", "PySide6.QtWebEngineWidgets",
}  # fmt: skip

ORDER = (
    "arithmetic units sentences problems hours",  # sums and units as typed; sentences with numbers; what can be wrong
    "archives",  # archives of other hands
    "fields",  # how a field is described, read and replaced
    "curves kept sheets",  # values over time; what is computed once; a table that leaves the program
    "records plan",  # what a user edits
    "use_names",  # what lots and offers are called beside each other
    "catalogue machine_search",  # what ships, with its sources
    "metrics results",  # NPV and IRR; what an evaluation returns
    "network market",  # the network and its prices
    "drivers watch",  # every number that can be moved; those that are watched
    "scenarios",  # what-ifs
    "storage series_csv",  # a plan as JSON and as a file; hours as a table
    "provenance",  # where exported numbers come from
    "scenario_edits defaults unit_guard illustrative samples",  # what a new record starts with; what was probably meant
    "catalogue_sheets",  # the catalogue as tables
    "snoozes frozen",  # findings that were set aside; a plan of another day inside a plan
    "columns inputs power power_units terms",  # a plan as arrays; what energy costs; when contracts pay
    "mining hosting gpu_cloud",  # what a megawatt earns
    "bills",  # what power costs, line by line and hour by hour
    "crossovers lot_pricing power_checks lint checks evaluate",  # the answer, and everything questionable in it
    "narrowed recommendation flips waiting pair breakeven",  # what follows from it
    "figures evidence",  # every figure by its path; what inputs rest on
    "stress compare explain",  # ready-made what-ifs; scenarios side by side; a figure down to its inputs
    "figure_along influence solve sensitivity",  # a figure along an input; what hits a target; what moves it
    "decisions",  # what was decided, and what became of it
    "charts",  # what a drawing is, and results as drawings
    "importers market_pack_lines market_pack market_pack_out",  # data in; market values in and out
    "offer_text",  # an offer as it came
    "memo workbook",  # the memo's content; the workbook
    "sheet_book result_sheets",  # tables as a spreadsheet; the results as tables
)
"""Modules of models, line by line as in the design: each imports only from its own line and the lines above. A package
counts as one module. A new module is given its place here."""

LINE_OF = {name: number for number, line in enumerate(ORDER) for name in line.split()}
LATE = {  # imported inside functions only: the first window needs none of them
    "pandas", "scipy", "sqlite_utils", "openpyxl", "contourpy", "typst", "pyqtgraph", "pypdf",
}  # fmt: skip
DRAWING = ("app.charts.", "app.pages.break_even")  # may import pyqtgraph at the top: imported with the first plot


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(parsed(path)))


@pytest.fixture(autouse=True, scope="module")
def _forgotten() -> Iterator[None]:
    """A million nodes would make every search for garbage slow, while they are made and while they are kept."""
    gc.disable()
    yield
    gc.enable()
    nodes_of.cache_clear()
    parsed.cache_clear()


def imports_of(path: Path, *, top_only: bool = False) -> Iterator[str]:
    """Full names of what a module imports; with `top_only` not what its functions import."""
    for node in parsed(path).body if top_only else nodes_of(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def reaches(imported: str, package: str) -> bool:
    return imported == package or imported.startswith(package + ".")


def test_that_models_import_no_qt_and_nothing_of_the_application() -> None:
    for path in modules("models"):
        for imported in imports_of(path):
            for package in ("app", "PySide6", "shiboken6", "pyqtgraph", "tests"):
                assert not reaches(imported, package), f"{name_of(path)} imports {imported}"


def test_that_a_module_of_models_imports_only_from_above() -> None:
    for path in modules("models"):
        parts = name_of(path).split(".")
        if len(parts) == 1:
            continue
        own = parts[1]
        assert own in LINE_OF, f"give {own} its place in ORDER"
        for imported in imports_of(path):
            if reaches(imported, "models") and imported != "models":
                other = imported.split(".")[1]
                assert other in LINE_OF, f"give {other} its place in ORDER"
                assert LINE_OF[other] <= LINE_OF[own], f"{name_of(path)} imports {other} from below"


def test_that_no_two_modules_import_each_other() -> None:
    graph: dict[str, set[str]] = {}
    paths = modules("models", "app")
    names = {name_of(path) for path in paths}
    for path in paths:
        graph[name_of(path)] = {i for i in imports_of(path, top_only=True) if i in names} - {name_of(path)}
    while free := [name for name, needs in graph.items() if not needs & graph.keys()]:
        for name in free:
            del graph[name]
    assert sorted(graph) == []


def test_that_every_place_in_the_order_is_taken() -> None:
    there = {name_of(path).split(".")[1] for path in modules("models") if name_of(path) != "models"}
    assert sorted(set(LINE_OF) - there) == []


def test_that_nothing_reaches_for_the_network() -> None:
    for path in modules("models", "app", "resources"):
        for imported in imports_of(path):
            for package in NETWORK:
                assert not reaches(imported, package), f"{name_of(path)} imports {imported}"


def test_that_heavy_packages_are_imported_where_they_are_used() -> None:
    for path in modules("models", "app"):
        drawing = name_of(path).startswith(DRAWING)
        for imported in imports_of(path, top_only=True):
            package = imported.split(".")[0]
            assert package not in LATE or (package == "pyqtgraph" and drawing), f"{name_of(path)} imports {imported}"


def test_that_a_module_can_be_read_in_one_sitting() -> None:
    for path in modules("models", "app", "resources", "tools"):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= LONGEST_MODULE, f"{name_of(path)} has {lines} lines"


def test_that_no_name_says_nothing() -> None:
    for path in modules("models", "app"):
        assert path.stem not in ("utils", "util", "helpers", "helper", "common", "manager", "misc", "tools"), path


def test_that_everything_is_caught_in_two_places_at_most() -> None:
    found = []
    for path in modules("models", "app"):
        for node in nodes_of(path):
            if isinstance(node, ast.ExceptHandler):
                caught = [n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)] if node.type else ["everything"]
                again = any(isinstance(n, ast.Raise) and n.exc is None for n in ast.walk(node))
                if not again and {"everything", "Exception", "BaseException"} & set(caught):
                    found.append(f"{name_of(path)}:{node.lineno}")
    assert len(found) <= 2, found


def test_that_dialogs_are_opened_and_never_executed() -> None:
    for path in modules("app"):
        for node in nodes_of(path):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("exec", "exec_")
            ):
                # The one event loop of the application.
                assert name_of(path) == "app.main", f"{path.name}:{node.lineno}"
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                call = f"{node.value.id}.{node.attr}"
                for dialog, asks in BLOCKING.items():
                    assert node.value.id != dialog or node.attr not in asks, f"{path.name}:{node.lineno} {call}"


BLOCKING = {
    "QMessageBox": {"question", "warning", "information", "critical", "about"},
    "QFileDialog": {"getOpenFileName", "getOpenFileNames", "getSaveFileName", "getExistingDirectory"},
    "QInputDialog": {"getText", "getItem", "getInt", "getDouble", "getMultiLineText"},
}


def test_that_only_overrides_of_qt_are_not_snake_case() -> None:
    """Qt's names are for what Qt calls; everything of our own is written as Python is."""
    from pyqtgraph import AxisItem, PlotCurveItem, ViewBox
    from PySide6 import QtCore, QtGui, QtWidgets

    classes = [getattr(module, name) for module in (QtCore, QtGui, QtWidgets) for name in dir(module)]
    known = {
        name for owner in (*classes, AxisItem, PlotCurveItem, ViewBox) if isinstance(owner, type) for name in dir(owner)
    }
    for path in modules("app", "models"):
        for node in nodes_of(path):
            if isinstance(node, ast.FunctionDef) and node.name != node.name.lower():
                assert node.name in known, f"{name_of(path)}: {node.name}"
