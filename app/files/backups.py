"""Backups of plan files: the last ten different states of each, in the user's data folder.

A state is kept when a file has opened well, and when edits that a dead process left behind are taken over or given up.
"""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from models.problems import PlanFileError
from models.storage.disk import write_whole
from models.storage.plan_file import SUFFIX

KEPT = 10

_NAME = re.compile(r".*-(?P<path>[0-9a-f]{12})-(?P<time>\d{8}T\d{12})-(?P<content>[0-9a-f]{12})\.busbar\Z", re.DOTALL)
_TIME_FORMAT = "%Y%m%dT%H%M%S%f"
_STEM_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Backup:
    """A state of a plan file as it once was; `file` is itself a plan file."""

    file: Path
    kept_at: datetime

    @property
    def time(self) -> str:
        """When it was kept, to the minute of the user's own clock."""
        return self.kept_at.astimezone().strftime("%Y-%m-%d %H:%M")


def data_folder() -> Path:
    """Where Busbar keeps what is no setting: BUSBAR_HOME, or the operating system's folder for it."""
    home = os.environ.get("BUSBAR_HOME")
    if home:
        return Path(home)
    from platformdirs import user_data_dir

    return Path(user_data_dir("busbar", appauthor=False))


def keep_backup(path: Path, data: bytes) -> None:
    """Keep the bytes of a sound plan file, unless its newest backup is the same.

    A backup that cannot be written is no reason not to open a plan: nothing is raised.
    """
    content = hashlib.sha256(data).hexdigest()[:12]
    older = backups_of(path)
    if older and _NAME.match(older[0].file.name)["content"] == content:  # type: ignore[index]
        return
    now = datetime.now(UTC).strftime(_TIME_FORMAT)
    with suppress(PlanFileError, OSError):
        folder = data_folder() / "backups"
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / f"{path.stem[:_STEM_LENGTH]}-{_path_mark(path)}-{now}-{content}{SUFFIX}", data)
        for backup in older[KEPT - 1 :]:
            backup.file.unlink()


def backups_of(path: Path) -> list[Backup]:
    """The backups of a plan file, newest first; also of one that is damaged or gone."""
    mark = _path_mark(path)
    found = []
    for file in plan_files_in(data_folder() / "backups"):
        match = _NAME.match(file.name)
        if match and match["path"] == mark:
            found.append(Backup(file, datetime.strptime(match["time"], _TIME_FORMAT).replace(tzinfo=UTC)))
    return sorted(found, key=lambda backup: backup.kept_at, reverse=True)


def plan_files_in(folder: Path) -> list[Path]:
    """The plan files in a folder of Busbar's own; none where it is not there or may not be read."""
    try:
        return [Path(entry.path) for entry in os.scandir(folder) if entry.name.endswith(SUFFIX)]
    except OSError:
        return []


def _path_mark(path: Path) -> str:
    """A name for a path that fits into a file's name, the same for every way to write the path."""
    return hashlib.sha256(os.fsencode(os.path.normcase(os.path.realpath(path)))).hexdigest()[:12]
