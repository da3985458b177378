"""Makes the typefaces that a memo carries in its Word file, from those in resources/fonts.

Word draws embedded typefaces with quadratic outlines only, and a memo needs neither all scripts nor all features. Needs
fontTools, which nothing else does: ``pip install fonttools`` beside, then ``python tools/word_fonts.py``.
"""

from __future__ import annotations

from pathlib import Path

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable

RESOURCES = Path(__file__).resolve().parent.parent / "resources"
MADE = {"Inter-Regular.otf": ("Regular", "Inter-Regular.ttf"), "Inter-SemiBold.otf": ("Bold", "Inter-Bold.ttf")}
"""The memo's bold is Inter's semi-bold, in the PDF as well."""
RANGES = ((0x20, 0x17F), (0x218, 0x21B), (0x370, 0x3FF), (0x400, 0x45F), (0x2010, 0x2044), (0x2070, 0x209C),
          (0x20A0, 0x20BF), (0x2122, 0x2122), (0x2190, 0x2199), (0x2200, 0x2265), (0x25A0, 0x25CF))  # fmt: skip
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl"]
MOST_ERROR = 1.0
"""Of an outline, in units of 2816 to the em."""


def made(source: Path, style: str) -> TTFont:
    """A subset of a typeface with quadratic outlines, under Word's name for its style."""
    font = TTFont(source, recalcTimestamp=False)
    _widen_figures(font)
    options = Options()
    options.layout_features = FEATURES
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.hinting = False
    options.glyph_names = False
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
    subsetter.subset(font)
    glyphs = font.getGlyphSet()
    order = font.getGlyphOrder()
    drawn = {}
    for name in order:
        pen = TTGlyphPen(glyphs)
        glyphs[name].draw(Cu2QuPen(pen, MOST_ERROR, reverse_direction=True))
        drawn[name] = pen.glyph()
    for table in ("CFF ", "VORG", "hdmx"):
        if table in font:
            del font[table]
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, drawn
    font["glyf"].compile(font)
    for name, glyph in drawn.items():
        left = getattr(glyph, "xMin", 0)
        font["hmtx"][name] = (font["hmtx"][name][0], left)
    limits = newTable("maxp")
    limits.tableVersion, limits.numGlyphs, limits.maxZones = 0x00010000, len(order), 1
    for limit in ("TwilightPoints", "Storage", "FunctionDefs", "InstructionDefs", "StackElements"):
        setattr(limits, f"max{limit}", 0)
    limits.maxSizeOfInstructions, limits.maxComponentElements = 0, 0
    font["maxp"] = limits
    font["maxp"].recalc(font)
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"
    for name in font["name"].names:
        changed = {1: "Inter", 2: style, 4: f"Inter {style}", 6: f"Inter-{style}", 3: f"Inter {style} for Word"}
        if name.nameID in changed:
            name.string = changed[name.nameID]
    if style == "Bold":
        font["OS/2"].usWeightClass = 700
        font["OS/2"].fsSelection = (font["OS/2"].fsSelection & ~0x40) | 0x20
        font["head"].macStyle |= 1
    return font


def _widen_figures(font: TTFont) -> None:
    """Make figures equally wide, as on the memo's paper."""
    layout = font["GSUB"].table
    wanted = [f.Feature for f in layout.FeatureList.FeatureRecord if f.FeatureTag == "tnum"]
    equal = {}
    for number in {n for feature in wanted for n in feature.LookupListIndex}:
        for table in layout.LookupList.Lookup[number].SubTable:
            equal |= getattr(getattr(table, "ExtSubTable", table), "mapping", {})
    for table in font["cmap"].tables:
        for code in [code for code in table.cmap if chr(code) in "0123456789"]:
            table.cmap[code] = equal.get(table.cmap[code], table.cmap[code])


def main() -> None:
    """Write them all."""
    for source, (style, target) in MADE.items():
        made(RESOURCES / "fonts" / source, style).save(RESOURCES / "word_fonts" / target)


if __name__ == "__main__":
    main()
