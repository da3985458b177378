"""Archives and XML of other hands: workbooks, Word files and packed readings are ZIP files, whoever made them."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from models.problems import PlanFileError

DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What reading a damaged archive raises, in its directory or in a part."""
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)")


@contextmanager
def opened(data: bytes, name: str, called: str, remedy: str = "copy or download it again") -> Iterator[zipfile.ZipFile]:
    """An archive, with what is wrong with it answered in one sentence, also while its parts are read.

    Parameters
    ----------
    data, name
        Of the file.
    called
        What kind of file it is to the reader: "the workbook".
    remedy
        For one that is damaged.

    Raises
    ------
    PlanFileError
        Where it is damaged, protected, or packed as no office program and no file manager packs.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for part in archive.infolist():
                if part.flag_bits & 1:
                    raise PlanFileError(f"{called} is protected by a password", name, "save it without one")
                if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise PlanFileError(f"{called} is packed in an unusual way", name, "unpack it and save it anew")
            yield archive
    except DAMAGED as error:
        raise PlanFileError(f"{called} is damaged or cut off ({str(error)[:80]})", name, remedy) from None


def declaration(xml: bytes) -> re.Match[bytes] | None:
    """Where XML declares a document type or an entity, in any encoding that its parser reads; None where it does not.

    Entities are how a small XML grows without bound, and no program that writes our files declares any.

    Examples
    --------
    >>> declaration('<?xml version="1.0"?><!DOCTYPE a><a/>'.encode("utf-16")) is None, declaration(b"<a>!</a>") is None
    (False, True)
    """
    return _DECLARATION.search(xml.replace(b"\x00", b""))
