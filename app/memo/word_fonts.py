"""The typefaces that a memo carries in its Word file, so that its pages look the same where Inter is not installed.

A word processor takes them out of the file only for this document: their first bytes are veiled with a key that stands
beside them (ECMA-376, part 1, 17.8.1). Their licence, the SIL Open Font License, lets documents carry them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import resources
from app.memo.docx_package import HEAD, R, W, relationships

FAMILY = "Inter"
FALLBACK = "Calibri"
"""Where a reader does not take typefaces out of a file, and has no Inter."""
FACES = {
    "embedRegular": ("Inter-Regular.ttf", "{3B1C7A52-8F0E-4D6B-A1C4-5E2D90B7F613}"),
    "embedBold": ("Inter-Bold.ttf", "{C64E0D97-2A35-4B18-9F7D-0B83E15AC2D4}"),
}
"""By how the table of typefaces calls a style: its file, and its key; any constant does."""
VEILED_BYTES = 32


def veiled(font: bytes, key: str) -> bytes:
    """A typeface with its first bytes veiled, or a veiled one without.

    Examples
    --------
    >>> veiled(bytes(17), "{00112233-4455-6677-8899-AABBCCDDEEFF}").hex()
    'ffeeddccbbaa99887766554433221100ff'
    """
    mask = bytes.fromhex(key.strip("{}").replace("-", ""))[::-1] * 2
    return bytes(byte ^ part for byte, part in zip(font[:VEILED_BYTES], mask, strict=False)) + font[VEILED_BYTES:]


@cache
def font_parts() -> Mapping[str, str | bytes]:
    """The parts of a Word file that hold typefaces, by name."""
    targets = {}
    parts: dict[str, str | bytes] = {}
    faces = ""
    for number, (style, (file, key)) in enumerate(FACES.items(), start=1):
        data = (Path(resources.__file__).parent / "word_fonts" / file).read_bytes()
        parts[f"word/fonts/font{number}.odttf"] = veiled(data, key)
        targets[f"rId{number}"] = ("font", f"fonts/font{number}.odttf")
        faces += f'<w:{style} r:id="rId{number}" w:fontKey="{key}"/>'
    parts["word/fontTable.xml"] = (
        f'{HEAD}<w:fonts xmlns:w="{W}" xmlns:r="{R}"><w:font w:name="{FAMILY}"><w:altName w:val="{FALLBACK}"/>'
        f'<w:charset w:val="00"/><w:family w:val="swiss"/><w:pitch w:val="variable"/>{faces}</w:font></w:fonts>'
    )
    parts["word/_rels/fontTable.xml.rels"] = relationships(targets)
    return parts
