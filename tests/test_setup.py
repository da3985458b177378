"""The set-up itself: a lock that installs anywhere, a Qt binding that counts references, a wheel with all in it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QGraphicsRectItem, QWidget


@pytest.fixture(scope="module")
def lock(root: Path) -> str:
    return (root / "requirements.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


def entries(lock: str) -> list[str]:
    """Return the lock's requirements, each with its continuation lines joined and without comments."""
    lines = [line for line in lock.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return [entry for entry in "\n".join(lines).replace("\\\n", " ").splitlines() if entry]


def test_lock_names_no_index(lock: str) -> None:
    # An address would bind every installation to one machine's idea of where packages come from.
    assert "://" not in lock
    assert "http" not in lock
    assert [entry for entry in entries(lock) if entry.startswith("-")] == []
    assert " @ " not in lock


def test_lock_pins_and_hashes_every_requirement(lock: str) -> None:
    assert len(entries(lock)) > 20
    for entry in entries(lock):
        assert re.match(r"[a-z0-9-]+==[^\s;]+( ;.*?)?(\s+--hash=sha256:[0-9a-f]{64})+$", entry), entry[:80]


def test_lock_satisfies_every_dependency(lock: str, project: dict[str, Any]) -> None:
    # Guards against a dependency added by hand without `make lock`.
    locked: dict[str, list[str]] = {}
    for entry in entries(lock):
        pin = Requirement(entry.split("--hash")[0].strip())
        locked.setdefault(canonicalize_name(pin.name), []).append(str(pin.specifier).removeprefix("=="))
    for text in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        wanted = Requirement(text)
        versions = locked.get(canonicalize_name(wanted.name), [])
        assert versions, f"{wanted.name} is not locked"
        assert all(wanted.specifier.contains(version) for version in versions), (text, versions)


def test_every_dependency_says_why_it_is_there(root: Path, project: dict[str, Any]) -> None:
    lines = (root / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    for text in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        (line,) = [line for line in lines if line.strip().startswith(f'"{text}"')]
        assert re.search(r'",\s+# \w.{10,}', line), f"no reason beside {text}"


class _Sender(QObject):
    happened = Signal(bool)


def _call(name: str) -> Callable[[], object]:
    """Return a call of the binding that answers None, or passes True on."""
    widget, sender, path, item = QWidget(), _Sender(), QPainterPath(), QGraphicsRectItem()
    return {
        "QWidget.update": widget.update,
        "QWidget.resize": lambda: widget.resize(10, 10),
        "QWidget.parent": widget.parent,
        "QPainterPath.moveTo": lambda: path.moveTo(0.0, 0.0),
        "QGraphicsItem.scene": item.scene,
        "Signal.emit": lambda: sender.happened.emit(True),
    }[name]


@pytest.mark.parametrize(
    "name",
    ["QWidget.update", "QWidget.resize", "QWidget.parent", "QPainterPath.moveTo", "QGraphicsItem.scene", "Signal.emit"],
)
@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on: nothing can drift")
def test_qt_calls_do_not_lose_references(qapp: object, name: str) -> None:
    # PySide6 6.12.0 returned None and True without taking a reference: Python 3.11 aborted after some 5,600 calls,
    # far too late for any ordinary test to see.
    call = _call(name)
    call()
    none_before, true_before = sys.getrefcount(None), sys.getrefcount(True)
    for _ in range(500):
        call()
    assert abs(sys.getrefcount(None) - none_before) < 50
    assert abs(sys.getrefcount(True) - true_before) < 50


def test_every_folder_with_modules_is_a_package(root: Path) -> None:
    # Otherwise it works in the checkout, where any folder can be imported, and is absent from the wheel.
    for top in ("app", "models"):
        for module in (root / top).rglob("*.py"):
            assert (module.parent / "__init__.py").exists(), f"no __init__.py beside {module.relative_to(root)}"


@pytest.mark.slow
def test_wheel_holds_the_program_and_its_resources_only(root: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    source.mkdir()
    for folder in ("app", "models", "resources", "tests"):
        shutil.copytree(root / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "LICENSE"):
        shutil.copy(root / file, source)
    build = "import setuptools.build_meta as b, sys; b.build_wheel(sys.argv[1])"
    out.mkdir()
    subprocess.run([sys.executable, "-c", build, str(out)], cwd=source, check=True, capture_output=True)
    (wheel,) = out.glob("busbar_planner-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = {
        path.relative_to(source).as_posix()
        for folder in ("app", "models", "resources")
        for path in (source / folder).rglob("*")
        if path.is_file() and (folder == "resources" or path.suffix == ".py")
    }
    assert inside == expected
