"""The parts of a Word file that are the same for every memo: styles, lists, settings, and how parts become a file."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import date
from xml.sax.saxutils import escape, quoteattr

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
SVG_EXTENSION = "{96DAC541-7B7A-43D3-8B79-37D633B846F1}"
SVG_NAMESPACE = "http://schemas.microsoft.com/office/drawing/2016/SVG/main"
EMU_PER_POINT = 12_700
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OBFUSCATED_FONT = "application/vnd.openxmlformats-officedocument.obfuscatedFont"
ITEM_ID = "{6B1F3E52-6B77-4C0B-9E0A-8C3F4E0B5A11}"
"""Of the custom part that carries the record; any constant does."""

INK, MUTED, RULE, TINT, ACCENT, SOFT = "131A26", "586174", "DDE1E8", "F3F5F8", "2257E0", "E9EFFD"

# id: (name, based on, paragraph properties, run properties). Sizes of type are in half points, of space in twentieths.
_STYLES = {
    "Title": ("Title", "", '<w:keepNext/><w:spacing w:before="0" w:after="180" w:line="490" w:lineRule="exact"/>',
              '<w:b/><w:sz w:val="44"/><w:szCs w:val="44"/>'),
    "Heading1": ("heading 1", "", '<w:keepNext/><w:keepLines/><w:spacing w:before="440" w:after="160"/>'
                 '<w:outlineLvl w:val="0"/>', '<w:b/><w:sz w:val="25"/><w:szCs w:val="25"/>'),
    "Heading2": ("heading 2", "", '<w:keepNext/><w:keepLines/><w:spacing w:before="200" w:after="80"/>'
                 '<w:outlineLvl w:val="1"/>', '<w:b/><w:sz w:val="18"/><w:szCs w:val="18"/>'),
    "Lead": ("Lead", "", '<w:spacing w:after="160"/>', '<w:sz w:val="22"/><w:szCs w:val="22"/>'),
    "Note": ("Note", "", '<w:spacing w:before="60" w:after="160"/>',
             f'<w:color w:val="{MUTED}"/><w:sz w:val="15"/><w:szCs w:val="15"/>'),
    "Kicker": ("Kicker", "Note", '<w:spacing w:before="0" w:after="100"/>', ""),
    "Caption": ("caption", "Note", '<w:spacing w:before="40" w:after="200"/>', ""),
    "ChartTitle": ("Chart title", "", '<w:keepNext/><w:spacing w:before="160" w:after="40"/>',
                   '<w:b/><w:sz w:val="17"/><w:szCs w:val="17"/>'),
    "Chart": ("Chart", "", '<w:keepNext/><w:spacing w:after="0"/>', ""),
    "CardLabel": ("Card label", "Note", '<w:keepNext/><w:spacing w:before="80" w:after="0"/>', ""),
    "CardFigure": ("Card figure", "", '<w:keepNext/><w:spacing w:before="20" w:after="20"/>',
                   '<w:b/><w:sz w:val="31"/><w:szCs w:val="31"/>'),
    "CardNote": ("Card note", "Note", '<w:spacing w:before="0" w:after="80"/>', ""),
    "SignRoom": ("Room to sign", "", '<w:keepNext/><w:spacing w:before="200" w:after="0" w:line="160" '
                 'w:lineRule="exact"/>', '<w:sz w:val="8"/><w:szCs w:val="8"/>'),
    "TableText": ("Table text", "", '<w:spacing w:before="40" w:after="40" w:line="228" w:lineRule="auto"/>',
                  '<w:sz w:val="15"/><w:szCs w:val="15"/>'),
    "TableHead": ("Table head", "TableText", "<w:keepNext/>", "<w:b/>"),
    "ListBullet": ("List Bullet", "", '<w:numPr><w:numId w:val="1"/></w:numPr><w:spacing w:after="60"/>'
                   "<w:contextualSpacing/>", ""),
    "Gap": ("Gap", "", '<w:spacing w:before="0" w:after="0" w:line="120" w:lineRule="exact"/>',
            '<w:sz w:val="8"/><w:szCs w:val="8"/>'),
    "Footer": ("footer", "", f'<w:pBdr><w:top w:val="single" w:sz="4" w:space="6" w:color="{RULE}"/></w:pBdr><w:tabs>'
               '<w:tab w:val="right" w:pos="9840"/></w:tabs><w:spacing w:after="0"/>',
               f'<w:color w:val="{MUTED}"/><w:sz w:val="14"/><w:szCs w:val="14"/>'),
}  # fmt: skip


_SIZES = re.compile(r'(<w:szC?s? w:val="|w:before="|w:after="|w:line="(?=\d+" w:lineRule="exact"))(\d+)')
"""Sizes of type and of spaces in the styles; lines that are a share of the type follow by themselves."""


def valid(text: str) -> str:
    """The text without what no XML may hold, escaped.

    Examples
    --------
    >>> valid("a < b\\x01")
    'a &lt; b'
    """
    return escape(printable(text))


def printable(text: str) -> str:
    """The text without what no XML may hold: control characters, halves of characters, and two that are none."""
    return "".join(
        c for c in text if c in "\t\n" or " " <= c <= "\ud7ff" or (c >= "\ue000" and c not in "\ufffe\uffff")
    )


def styles(language: str, scale: float = 1.0) -> str:
    """The part that says how paragraphs look, with type and spaces by so much smaller or larger."""
    found = [
        f'{HEAD}<w:styles xmlns:w="{W}"><w:docDefaults><w:rPrDefault><w:rPr>'
        '<w:rFonts w:ascii="Inter" w:hAnsi="Inter" w:eastAsia="Inter" w:cs="Inter"/>'
        f'<w:color w:val="{INK}"/><w:sz w:val="19"/><w:szCs w:val="19"/>'
        f'<w:lang w:val={quoteattr(language)} w:eastAsia="en-US" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        '<w:pPrDefault><w:pPr><w:spacing w:after="120" w:line="264" w:lineRule="auto"/></w:pPr></w:pPrDefault>'
        '</w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
        '<w:qFormat/></w:style><w:style w:type="table" w:default="1" w:styleId="TableNormal">'
        '<w:name w:val="Normal Table"/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar>'
        '<w:left w:w="80" w:type="dxa"/><w:right w:w="80" w:type="dxa"/>'
        "</w:tblCellMar></w:tblPr></w:style>"
    ]
    for style_id, (name, based_on, paragraph, run) in _STYLES.items():
        found.append(
            f'<w:style w:type="paragraph" w:styleId="{style_id}"><w:name w:val="{name}"/>'
            f'<w:basedOn w:val="{based_on or "Normal"}"/>'
            + ('<w:next w:val="Normal"/>' if style_id.startswith(("Heading", "Title")) else "")
            + f"<w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
        )
    whole = "".join([*found, "</w:styles>"])
    return whole if scale == 1.0 else _SIZES.sub(lambda m: f"{m[1]}{round(int(m[2]) * scale)}", whole)


NUMBERING = (
    f'{HEAD}<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="hybridMultilevel"/>'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="–"/><w:lvlJc w:val="left"/>'
    '<w:pPr><w:ind w:left="220" w:hanging="220"/></w:pPr></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)
SETTINGS = (
    f'{HEAD}<w:settings xmlns:w="{W}"><w:embedTrueTypeFonts/><w:saveSubsetFonts/>'
    '<w:defaultTabStop w:val="720"/><w:characterSpacingControl w:val="doNotCompress"/>'
    '<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" '
    'w:val="15"/></w:compat></w:settings>'
)
ITEM_PROPERTIES = (
    f'{HEAD}<ds:datastoreItem ds:itemID="{ITEM_ID}" xmlns:ds="{OFFICE}/customXml"><ds:schemaRefs/></ds:datastoreItem>'
)
APPLICATION = f'{HEAD}<Properties xmlns="{OFFICE}/extended-properties"><Application>Busbar</Application></Properties>'

_TYPES = {
    "/word/document.xml": "wordprocessingml.document.main+xml",
    "/word/styles.xml": "wordprocessingml.styles+xml",
    "/word/numbering.xml": "wordprocessingml.numbering+xml",
    "/word/settings.xml": "wordprocessingml.settings+xml",
    "/word/footer1.xml": "wordprocessingml.footer+xml",
    "/word/fontTable.xml": "wordprocessingml.fontTable+xml",
    "/docProps/app.xml": "extended-properties+xml",
    "/docProps/custom.xml": "custom-properties+xml",
    "/customXml/itemProps1.xml": "customXmlProperties+xml",
}


def relationships(targets: Mapping[str, tuple[str, str]]) -> str:
    """A part's relationships.

    Parameters
    ----------
    targets
        By id: the kind's last word or its whole address, and the target; web addresses are outside of the file.
    """
    found = []
    for name, (kind, target) in targets.items():
        address = kind if ":" in kind else f"{R}/{kind}"
        outside = ' TargetMode="External"' if kind == "hyperlink" else ""
        found.append(f'<Relationship Id="{name}" Type="{address}" Target={quoteattr(target)}{outside}/>')
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{"".join(found)}</Relationships>'


def drawing_run(number: int, name: str, said: str, size_pt: tuple[float, float], picture: str, vector: str = "") -> str:
    """A run with a picture in the line: its relationship as pixels, and as a vector where there is one."""
    across, down = (round(side * EMU_PER_POINT) for side in size_pt)
    more = (
        f'<a:extLst><a:ext uri="{SVG_EXTENSION}"><asvg:svgBlip xmlns:asvg="{SVG_NAMESPACE}" '
        f'r:embed="{vector}"/></a:ext></a:extLst>'
        if vector
        else ""
    )
    return (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{across}" cy="{down}"/>'
        f'<wp:docPr id="{number}" name="{name}" descr={quoteattr(printable(said))}/>'
        f'<a:graphic><a:graphicData uri="{DRAWING}/picture">'
        f'<pic:pic><pic:nvPicPr><pic:cNvPr id="{number}" name="{name}"/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="{picture}">{more}</a:blip><a:stretch><a:fillRect/></a:stretch>'
        f'</pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{across}" cy="{down}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
        "</wp:inline></w:drawing></w:r>"
    )


def content_types(with_record: bool) -> str:
    """The part that says of what kind each other part is."""
    overrides = [
        f'<Override PartName="{name}" ContentType="application/vnd.openxmlformats-officedocument.{kind}"/>'
        for name, kind in _TYPES.items()
        if with_record or not name.startswith("/customXml")
    ]
    core = "application/vnd.openxmlformats-package.core-properties+xml"
    return (
        f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>'
        '<Default Extension="svg" ContentType="image/svg+xml"/>'
        f'<Default Extension="odttf" ContentType="{OBFUSCATED_FONT}"/>'
        f'{"".join(overrides)}<Override PartName="/docProps/core.xml" ContentType="{core}"/></Types>'
    )


def core_properties(*, title: str, author: str, description: str, keywords: str, language: str, day: date) -> str:
    """What a file manager shows of the document."""
    dublin = "http://purl.org/dc"
    when = f'xsi:type="dcterms:W3CDTF">{day.isoformat()}T00:00:00Z'
    return (
        f'{HEAD}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" xmlns:dc="{dublin}/elements/1.1/" '
        f'xmlns:dcterms="{dublin}/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{valid(title)}</dc:title><dc:creator>{valid(author)}</dc:creator>"
        f"<cp:keywords>{valid(keywords)}</cp:keywords><dc:description>{valid(description)}</dc:description>"
        f"<cp:lastModifiedBy>{valid(author)}</cp:lastModifiedBy><cp:revision>1</cp:revision>"
        f"<dcterms:created {when}</dcterms:created><dcterms:modified {when}</dcterms:modified>"
        f"<dc:language>{valid(language)}</dc:language></cp:coreProperties>"
    )


def custom_properties(properties: Mapping[str, str]) -> str:
    """Further properties of the document, which Word lists under "Custom"."""
    found = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{number}" name={quoteattr(name)}>'
        f"<vt:lpwstr>{valid(text)}</vt:lpwstr></property>"
        for number, (name, text) in enumerate(properties.items(), start=2)
    )
    return (
        f'{HEAD}<Properties xmlns="{OFFICE}/custom-properties" xmlns:vt="{OFFICE}/docPropsVTypes">{found}</Properties>'
    )


def packed(parts: Mapping[str, str | bytes], day: date) -> bytes:
    """The parts as one file; the same bytes for the same parts.

    Parameters
    ----------
    parts
        By name, the content types first.
    day
        The date that the archive gives to each.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in parts.items():
            # An archive knows no day before 1980.
            entry = zipfile.ZipInfo(name, (max(day.year, 1980), day.month, day.day, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            entry.create_system = 0
            archive.writestr(entry, content)
    return made.getvalue()
