"""Make this checkout runnable: system libraries, .venv, the locked packages, the `busbar` command.

Called by the Makefile before every target, so it first finds out in a few hundredths of a second whether there is
anything to do. Standard library only. It works where Debian's python3-venv is absent: pip then installs into the
environment from outside.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "busbar-setup.txt"
LOCK = ROOT / "requirements.txt"

# Shared library -> the Debian package that brings it. Qt's wheels bring everything else.
NEEDED = {  # without these Qt does not even load
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
}
FOR_A_SCREEN = {  # without these there is no window on X11
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


class SetupError(Exception):
    """What is missing and what to do about it, in one line."""


def main() -> int:
    """Do what is missing; 0 when the checkout is ready."""
    try:
        if sys.version_info < (3, 11):  # noqa: UP036 - this file is what an older Python meets first
            raise SetupError(
                f"Busbar needs Python 3.11 or later, this is {sys.version.split()[0]}: "
                "install one, or name it: make PYTHON=/path/to/python3.11 ..."
            )
        if sys.platform.startswith("linux"):
            provide_system_libraries()
        if not is_ready():
            provide_environment()
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


# System libraries


def packages_missing(libraries: dict[str, str]) -> list[str]:
    """Return the packages of those libraries that the loader cannot find."""
    missing = set()
    for library, package in libraries.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.add(package)
    return sorted(missing)


def provide_system_libraries() -> None:
    """Install what Qt loads; where that is not ours to do, say so in one line."""
    missing = packages_missing({**NEEDED, **FOR_A_SCREEN})
    if not missing:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"Installing system libraries: {' '.join(missing)}")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in (["apt-get", "update"], command):
            done = subprocess.run(
                step, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
            # A failed update may be one unreachable source out of many: only the installation counts.
            if done.returncode and step is command:
                sys.stderr.buffer.write(done.stdout)
        missing = packages_missing({**NEEDED, **FOR_A_SCREEN})
    if not missing:
        return
    advice = f"Qt needs system libraries that are missing; install them: sudo {' '.join(command)}"
    if packages_missing(NEEDED):
        raise SetupError(advice)
    if os.environ.get("DISPLAY"):
        say(advice)


# Environment


def wanted() -> str:
    """Say what .venv is made from; it is made anew, or brought up to date, when this differs from the stamp."""
    content = hashlib.sha256()
    for path in (LOCK, ROOT / "pyproject.toml", Path(__file__)):
        content.update(path.read_bytes())
    return f"{base()}\ncontent {content.hexdigest()}\n"


def base() -> str:
    """Say what makes an environment useless when it changes: the interpreter, and its place (scripts name it)."""
    return f"python {sys.version.split()[0]}\nplace {VENV}"


def is_ready() -> bool:
    """Whether the last set-up finished and was for these very files."""
    try:
        return STAMP.read_text(encoding="utf-8") == wanted() and PYTHON.exists()
    except OSError:
        return False


def provide_environment() -> None:
    """Create or update .venv and write the stamp last, so that an interrupted set-up starts again."""
    reuse = is_usable()
    STAMP.unlink(missing_ok=True)
    if not reuse:
        say(f"Creating {VENV.name} with Python {sys.version.split()[0]}")
        create()
    pip = pip_command()
    say(f"Installing the packages locked in {LOCK.name}" + ("" if reuse else " (about a minute, only this once)"))
    run([*pip, "install", "--require-hashes", "-r", str(LOCK)], "the locked packages could not be installed")
    # No isolation: setuptools is in the lock, so nothing is fetched. No dependencies: they are all there.
    run(
        [*pip, "install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)],
        "the busbar command could not be installed",
    )
    # pip has compiled the packages but not an editable checkout, and users may have forbidden Python to do it later.
    subprocess.run([str(PYTHON), "-m", "compileall", "-q", "app", "models", "resources"], cwd=ROOT, capture_output=True)
    STAMP.write_text(wanted(), encoding="utf-8")


def is_usable() -> bool:
    """Whether .venv runs, with the same Python and at the same place as now."""
    probe = "import sys; print('python', sys.version.split()[0]); print('place', sys.prefix)"
    try:
        done = subprocess.run([str(PYTHON), "-I", "-c", probe], capture_output=True, text=True)
        moved = STAMP.exists() and not STAMP.read_text(encoding="utf-8").startswith(base() + "\n")
    except OSError:
        return False
    return done.returncode == 0 and done.stdout.strip() == base() and not moved


def create() -> None:
    """Create an empty environment, with pip if this Python can (Debian keeps ensurepip in python3-venv)."""
    if importlib.util.find_spec("venv") is None:
        raise SetupError("This Python has no venv module; install it: sudo apt-get install -y python3-venv")
    options = [] if importlib.util.find_spec("ensurepip") else ["--without-pip"]
    run([outside_python(), "-m", "venv", "--clear", *options, str(VENV)], f"{VENV.name} could not be created")


def outside_python() -> str:
    """Return the interpreter that .venv is made with, also when .venv's own runs this file."""
    return getattr(sys, "_base_executable", None) or sys.executable


def pip_command() -> list[str]:
    """Return the pip to call: the environment's own, or else this Python's, working on the environment."""
    own = [str(PYTHON), "-m", "pip"]
    if subprocess.run([*own, "--version"], capture_output=True).returncode == 0:
        return own
    outer = [outside_python(), "-m", "pip", "--python", str(PYTHON)]
    if subprocess.run([*outer, "--version"], capture_output=True).returncode == 0:
        return outer
    raise SetupError(
        "There is no pip (22.3 or later) to install with: sudo apt-get install -y python3-pip python3-venv"
    )


def run(command: list[str], failure: str) -> None:
    """Run a command quietly; what it has to say about an error still reaches the terminal."""
    environment = {
        **os.environ,
        "PIP_QUIET": "2",
        "PIP_NO_INPUT": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if subprocess.run(command, env=environment, cwd=ROOT, stdin=subprocess.DEVNULL).returncode:
        raise SetupError(f"Set-up stopped: {failure}; the reason is above. The next call starts again here.")


def say(text: str) -> None:
    """Tell the user what takes the time."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
