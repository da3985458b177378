"""Who has a plan file open: a lock beside it, and whether another program has changed it meanwhile."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLockFile

from models.problems import PlanFileError
from models.storage.disk import read_whole
from models.storage.plan_file import LIMIT_BYTES


class PlanLockedError(PlanFileError):
    """The plan is open elsewhere; a copy can be opened."""


class ChangedOnDiskError(PlanFileError):
    """Another program has changed the file since it was opened; it can be overwritten with force."""


def lock_plan(path: Path) -> QLockFile | None:
    """Lock a plan file for this process until `unlock` is called on what is returned.

    Returns
    -------
    QLockFile or None
        None where the folder takes no lock, because it can only be read or is not there: then nobody can save either.

    Raises
    ------
    PlanLockedError
        Where a living process has it open; the message names it. The lock of a dead one is taken over.
    """
    target = Path(os.path.realpath(path))
    lock = QLockFile(str(target.with_name(f".{target.name[:200]}.lock")))
    lock.setStaleLockTime(0)  # a plan may stay open for weeks: only the owner's death makes a lock stale
    if lock.tryLock(0):
        return lock
    if lock.error() != QLockFile.LockError.LockFailedError:
        return None
    process, host, _ = _owner(lock)
    who = "this window or another one of this process" if process == os.getpid() else f"process {process} on {host}"
    raise PlanLockedError(f"the plan is already open in {who}", str(path), "close it there, or open a copy")


def _owner(lock: QLockFile) -> tuple[int, str, str]:
    info = lock.getLockInfo()
    return info if isinstance(info, tuple) and len(info) == 3 else (0, "an unknown machine", "")


@dataclass(frozen=True, slots=True)
class DiskState:
    """How a file looked when it was read or written.

    Attributes
    ----------
    stamp
        Size, times and place on the disk; equal stamps mean an untouched file. None where not known.
    sha256
        Of the file's bytes.
    """

    stamp: tuple[int, ...] | None
    sha256: str

    def refuse_change(self, path: Path) -> None:
        """Raise where the file is there but holds something else by now.

        Raises
        ------
        ChangedOnDiskError
            With what the user can do.
        """
        stamp = stamp_of(path)
        if stamp is None or stamp == self.stamp:
            return
        if hashlib.sha256(read_whole(path, LIMIT_BYTES)).hexdigest() != self.sha256:
            remedy = "save under another name, open it anew, or overwrite it"
            raise ChangedOnDiskError("another program has changed the file since it was opened", str(path), remedy)


def stamp_of(path: Path) -> tuple[int, ...] | None:
    """Size, times and place of a file on the disk; None where it cannot be told."""
    try:
        info = os.stat(path)
    except OSError:
        return None
    return (info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)
