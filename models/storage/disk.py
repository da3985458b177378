"""Read and write a file whole, and say in one sentence why it cannot be done.

A written file is the old one or the new one at every moment, whatever happens to the process or the power supply.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Never

from models.problems import PlanFileError
from models.storage.beside import Beside

_LEFTOVER_AGE_S = 3600.0

# By name, because not every system knows every number.
_REASONS = {
    "ENOENT": ("there is no such file or folder", "check the name"),
    "EISDIR": ("this is a folder", "choose a file"),
    "ENOTDIR": ("a part of its folder's name is a file", "check the name"),
    "EACCES": ("you have no permission for this file or its folder", "choose another folder or ask its owner"),
    "EPERM": ("you have no permission for this file or its folder", "choose another folder or ask its owner"),
    "EROFS": ("the disk can only be read", "choose another folder"),
    "ENOSPC": ("the disk is full", "free some space and save again"),
    "EDQUOT": ("your share of the disk is used up", "free some space and save again"),
    "EFBIG": ("the file would be larger than the disk allows", "choose another folder"),
    "ENAMETOOLONG": ("the name is too long", "choose a shorter one"),
    "EINVAL": ("the disk does not accept this name", "choose another one"),
    "ELOOP": ("the name is a link that leads back to itself", "choose another file"),
    "EIO": ("the disk reports an error", "save to another disk"),
    "EBUSY": ("another program is using the file", "close it there and try again"),
    "ETXTBSY": ("another program is using the file", "close it there and try again"),
}
_WINDOWS_IN_USE = (32, 33)  # ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION


def read_whole(path: str | os.PathLike[str], limit_bytes: int) -> bytes:
    """The bytes of a file, which stays as it is.

    Parameters
    ----------
    limit_bytes
        A larger file is refused before it is read [bytes].

    Raises
    ------
    PlanFileError
        Where it cannot be read; the message says why.
    """
    where = os.fspath(path)
    try:
        # Looked at before opening: a pipe would never open, and a device would never end.
        info = os.stat(path)
        if stat.S_ISDIR(info.st_mode):
            raise PlanFileError("this is a folder", where, "choose a file")
        if not stat.S_ISREG(info.st_mode):
            raise PlanFileError("this is a device or a pipe, not a file", where, "choose a file")
        data = b""
        if info.st_size <= limit_bytes:
            with open(path, "rb") as file:
                data = file.read(limit_bytes + 1)
    except OSError as error:
        refuse_os_error(error, where)
    except ValueError:
        raise PlanFileError("the name holds a character that no file can have", where, "choose another one") from None
    if max(len(data), info.st_size) > limit_bytes:
        what = f"the file is larger than {limit_bytes // 1_000_000} MB, more than Busbar reads of its kind"
        raise PlanFileError(what, where, "choose another file")
    return data


def write_whole(path: str | os.PathLike[str], data: bytes) -> None:
    """Put bytes in place as a file, as `put_in_place` does.

    Raises
    ------
    PlanFileError
        Where it cannot be written; the old file is then as it was, and nothing is left beside it.
    """
    put_in_place(path, lambda temporary: _fill(temporary, data))


def put_in_place(path: str | os.PathLike[str], fill: Callable[[Path], None]) -> str:
    """Put a file in place at once: temporary file in the same folder, synced, moved over the old one, folder synced.

    A link keeps leading to its target, and the target gets the new content. The permissions of an old file stay.

    Parameters
    ----------
    fill
        Writes the content into the temporary file, which is there and empty. What it raises goes on to the caller,
        an `OSError` as a `PlanFileError`.

    Returns
    -------
    str
        SHA-256 of the content as hexadecimal text.

    Raises
    ------
    PlanFileError
        Where it cannot be written; the old file is then as it was, and nothing is left beside it.
    """
    where = os.fspath(path)
    try:
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise PlanFileError("this is a folder", where, "choose a file name in it")
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
        # Moving another file over a write-protected one would succeed: the protection is meant all the same.
        if mode is not None and not os.access(target, os.W_OK):
            raise PlanFileError("the file is write-protected", where, "save it under another name")
        mark = f".busbar-{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:12]}-"
        _remove_leftovers(target.parent, mark)
        temporary = target.parent / f"{mark}{secrets.token_hex(8)}.tmp"
        try:
            _create(temporary)
            early = _EarlyWrites(temporary)
            try:
                fill(temporary)
            finally:
                early.end()
            content = _synced(temporary)
            early.result()
            if mode is not None:
                os.chmod(temporary, mode)
            _replace(temporary, target)
        except BaseException:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        refuse_os_error(error, where)
    except ValueError:
        raise PlanFileError("the name holds a character that no file can have", where, "choose another one") from None
    _sync_folder(target.parent)
    return content


def refuse_os_error(error: OSError, where: str) -> Never:
    """Raise what the operating system said about a file as a `PlanFileError`."""
    if getattr(error, "winerror", None) in _WINDOWS_IN_USE:
        what, remedy = _REASONS["EBUSY"]
    else:
        said = (error.strerror or type(error).__name__).rstrip(".")
        what, remedy = _REASONS.get(
            errno.errorcode.get(error.errno or 0, ""), (f"the system says: {said}", "choose another file or folder")
        )
    raise PlanFileError(what, where, remedy) from error


def _create(path: Path) -> None:
    # os.open rather than tempfile: a new file gets the permissions that the user's other new files get.
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))


def _fill(path: Path, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)


class _EarlyWrites:
    """Has the disk take a file while the rest of it is still being made: 50 MB wait 0.04 s less in the end.

    What goes wrong here must be heard: the system tells of a block that it could not write only once.
    """

    _EVERY_S = 0.004

    def __init__(self, path: Path) -> None:
        self._path = path
        self._has_ended = Event()
        self._error: OSError | None = None
        self._thread = Thread(target=self._run, name="early writes", daemon=True)
        self._is_on = hasattr(os, "fdatasync")  # Windows would not move a file that is open, macOS has no such call
        if self._is_on:
            try:
                self._thread.start()
            except RuntimeError:  # at the end of a process no thread can be started any more
                self._is_on = False

    def end(self) -> None:
        """Say that the file is whole."""
        self._has_ended.set()

    def result(self) -> None:
        """Wait for what is at work.

        Raises
        ------
        OSError
            Where the disk could not take something.
        """
        if self._is_on:
            self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            handle = os.open(self._path, os.O_RDWR)
            try:
                while not self._has_ended.wait(self._EVERY_S):
                    os.fdatasync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            self._error = error


def _synced(path: Path) -> str:
    """Have the disk take a file, and make its SHA-256 meanwhile: the disk is at work, the processor waits."""
    with open(path, "rb+") as file:
        syncing = Beside(lambda: os.fsync(file.fileno()))
        try:
            return hashlib.file_digest(file, "sha256").hexdigest()
        finally:
            syncing.result()


def _replace(temporary: Path, target: Path) -> None:
    """Move a file over another, whose blocks are then freed beside the work: of 50 MB that takes 0.04 s.

    Held open, the old content outlives its name; whoever closes it last waits for the disk. Windows moves nothing over
    a file that is open, and frees without anyone waiting.
    """
    old = None
    if os.name != "nt" and target.is_file():  # a pipe would never open
        with suppress(OSError):
            old = os.open(target, os.O_RDONLY)
    try:
        os.replace(temporary, target)
    finally:
        if old is not None:
            Beside(lambda: os.close(old))


def _remove_leftovers(folder: Path, mark: str) -> None:
    """Remove what a process that was killed while saving this very file left behind, once it is surely dead."""
    for old in folder.glob(f"{mark}*.tmp"):
        with suppress(OSError):
            if time.time() - old.stat().st_mtime > _LEFTOVER_AGE_S:
                old.unlink()


def _sync_folder(folder: Path) -> None:
    """Make the move itself survive a power cut, where the system can: not on Windows, not on every network share."""
    if os.name == "nt":
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
