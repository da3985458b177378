"""Text on a picture for paper, measured with Inter's own widths, so that no label leaves the picture."""

from __future__ import annotations

from xml.sax.saxutils import escape

from models.use_names import with_number

HALO = ' stroke="#ffffff" stroke-width="2.4" stroke-linejoin="round"'
SIZE = 7.5
ASCENT = 0.36
"""Half of a digit's height, in font sizes: how far below its middle a line of text has its base."""

# Advance widths of Inter Regular, space to tilde, in hundredths of the font size.
_WIDTHS = (
    28, 28, 40, 63, 64, 81, 64, 22, 36, 36, 50, 66, 28, 46, 28, 36, 62, 46, 61, 64, 64, 61, 62, 57,
    62, 62, 28, 28, 66, 66, 66, 51, 94, 68, 65, 73, 72, 60, 59, 74, 74, 26, 54, 65, 56, 89, 75, 76,
    63, 76, 64, 64, 64, 74, 68, 95, 64, 66, 62, 36, 36, 36, 47, 45, 50, 56, 62, 56, 62, 58, 36, 61,
    59, 24, 24, 54, 24, 87, 59, 60, 61, 61, 37, 52, 36, 58, 56, 81, 54, 56, 54, 36, 33, 36, 66,
)  # fmt: skip
_SEMIBOLD = 1.04


def text_width(text: str, size: float = SIZE, *, strong: bool = False) -> float:
    """Width of a line of text, in the picture's unit; what Inter has no glyph for is taken as a square.

    Examples
    --------
    >>> round(text_width("100%", 10.0), 2)
    25.1
    """
    hundredths = sum(_WIDTHS[ord(c) - 32] if 32 <= ord(c) < 127 else 70 if ord(c) < 0x2E80 else 100 for c in text)
    return hundredths / 100.0 * size * (_SEMIBOLD if strong else 1.0)


def fitted(text: str, width: float, size: float = SIZE, *, strong: bool = False) -> str:
    """The text, cut with an ellipsis where it is wider than `width`."""
    if text_width(text, size, strong=strong) <= width:
        return text
    text, number = with_number(text)
    while text and text_width(f"{text}…{number}", size, strong=strong) > width:
        text = text[:-1].rstrip()
    return f"{text}…{number}"


def text_svg(
    x: float,
    y: float,
    text: str,
    color: str,
    *,
    anchor: str = "start",
    strong: bool = False,
    halo: bool = False,
    size: float = SIZE,
) -> str:
    """A line of text whose middle is at y; with a halo it can be read on top of a curve."""
    attributes = f' text-anchor="{anchor}"' if anchor != "start" else ""
    attributes += f' font-size="{size:g}"' if size != SIZE else ""
    attributes += ' font-weight="600"' if strong else ""
    attributes += f'{HALO} paint-order="stroke"' if halo else ""
    return f'<text x="{x:.2f}" y="{y + ASCENT * size:.2f}" fill="{color}"{attributes}>{safe(text)}</text>'


def safe(text: str, *, breaks: bool = False) -> str:
    """Text for XML, without the characters that XML cannot hold; line breaks stay where asked for."""
    kept = "".join(c if c.isprintable() or (breaks and c == "\n") else " " for c in text)
    return escape(kept, {'"': "&quot;"})
