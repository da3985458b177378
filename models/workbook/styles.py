"""How cells of the workbook look: blue on yellow can be typed into, grey was pasted, black is computed."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.sax.saxutils import quoteattr

GENERAL = "General"
KINDS = ("plain", "input", "pasted", "heading", "unit", "title", "note", "strong", "text")


@dataclass(frozen=True, slots=True)
class Style:
    """What a cell is, one of `KINDS`, and its number format."""

    kind: str
    format: str = GENERAL


_FONTS = {
    "plain": '<font><sz val="10"/><name val="Calibri"/></font>',
    "input": '<font><sz val="10"/><color rgb="FF0000FF"/><name val="Calibri"/></font>',
    "pasted": '<font><i/><sz val="10"/><color rgb="FF586174"/><name val="Calibri"/></font>',
    "bold": '<font><b/><sz val="10"/><name val="Calibri"/></font>',
    "title": '<font><b/><sz val="14"/><name val="Calibri"/></font>',
}
_FILLS = {
    "none": '<fill><patternFill patternType="none"/></fill>',
    "gray125": '<fill><patternFill patternType="gray125"/></fill>',
    "input": '<fill><patternFill patternType="solid"><fgColor rgb="FFFFF9DB"/></patternFill></fill>',
    "pasted": '<fill><patternFill patternType="solid"><fgColor rgb="FFF3F5F8"/></patternFill></fill>',
    "heading": '<fill><patternFill patternType="solid"><fgColor rgb="FFE9EFFD"/></patternFill></fill>',
}
_LOOKS = {  # font, fill, wrapped
    "plain": ("plain", "none", False),
    "input": ("input", "input", False),
    "pasted": ("pasted", "pasted", False),
    "heading": ("bold", "heading", True),
    "unit": ("pasted", "heading", True),
    "title": ("title", "none", False),
    "note": ("pasted", "none", False),
    "strong": ("bold", "none", False),
    "text": ("plain", "none", False),
}


@dataclass(eq=False)
class Styles:
    """The styles of a file, numbered as they are first used."""

    heading: Style = Style("heading")
    unit: Style = Style("unit")
    title: Style = Style("title")
    note: Style = Style("note")
    text: Style = Style("text")
    strong: Style = Style("strong")
    _numbers: dict[Style, int] = field(default_factory=lambda: {Style("plain"): 0})

    def number(self, style: Style) -> int:
        """The style's number in the file."""
        return self._numbers.setdefault(style, len(self._numbers))

    def xml(self) -> str:
        """The file's part that holds them."""
        formats = sorted({s.format for s in self._numbers} - {GENERAL})
        number_of = {GENERAL: 0} | {f: 164 + n for n, f in enumerate(formats)}
        fonts, fills = list(_FONTS), list(_FILLS)
        looks = []
        for style in self._numbers:
            font, fill, wraps = _LOOKS[style.kind]
            kind = style.kind
            # Text that begins with = + - or @ stays text, also after somebody has edited the cell.
            literal = ' quotePrefix="1"' if style.format == "@" else ""
            # A dash stands where its number would.
            side = ' horizontal="right"' if "0" in style.format and kind != "strong" else ""
            side = ' horizontal="left"' if kind == "strong" else side
            wrapped = ' wrapText="1"' if wraps else ""
            align = f'<alignment vertical="top"{side}{wrapped}/>'
            looks.append(
                f'<xf numFmtId="{49 if style.format == "@" else number_of[style.format]}" '
                f'fontId="{fonts.index(font)}" fillId="{fills.index(fill)}" borderId="0" xfId="0"{literal} '
                f'applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1">{align}</xf>'
            )
        listed = "".join(f'<numFmt numFmtId="{number_of[f]}" formatCode={quoteattr(f)}/>' for f in formats if f != "@")
        count = sum(f != "@" for f in formats)
        return (
            '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            + (f'<numFmts count="{count}">{listed}</numFmts>' if count else "")
            + f'<fonts count="{len(fonts)}">{"".join(_FONTS.values())}</fonts>'
            f'<fills count="{len(fills)}">{"".join(_FILLS.values())}</fills>'
            '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
            '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
            f'<cellXfs count="{len(looks)}">{"".join(looks)}</cellXfs>'
            '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
            '<dxfs count="2"><dxf><font><color rgb="FF1B7F4B"/></font><fill><patternFill><bgColor rgb="FFDFF5E8"/>'
            '</patternFill></fill></dxf><dxf><font><b/><color rgb="FFB42318"/></font><fill><patternFill>'
            '<bgColor rgb="FFFDE3E1"/></patternFill></fill></dxf></dxfs></styleSheet>'
        )
