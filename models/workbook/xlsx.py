"""An .xlsx file written cell by cell: sheets of texts, numbers and formulas, names, and what may be typed where.

Written here rather than by openpyxl, because a plan's months are some hundred thousand formulas of a few shapes: a row
of a block is one template that is filled in for each month, which is twenty times faster, and the bytes depend on
nothing but the plan. The format is SpreadsheetML (ECMA-376 part 1); texts stand inline, so that none becomes a formula.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from xml.sax.saxutils import escape, quoteattr

from models.workbook.styles import Style, Styles

LONGEST_TEXT = 32_000
"""A cell holds 32,767 characters; longer texts are cut."""
MAX_ROWS = 1_048_576
LONGEST_FORMULA = 8_192

# What XML cannot hold, and text that a reader would take for the escape of such a character.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula, written without its ``=``."""

    text: str


Content = str | float | bool | Formula | None
Cell = tuple[Content, Style]
"""What stands in a cell, and how it looks; None leaves it empty."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a block of months.

    Attributes
    ----------
    heading, unit
        What stands above it.
    formula
        Of one row, as a template: ``{r}`` is its own row, ``{u}`` the one above, ``{d}`` the one below; further names
        are the rows of other blocks, see `Sheet.block`. A number or text stands as it is.
    style
        How the cells look.
    """

    heading: str
    unit: str
    formula: str
    style: Style


@cache
def letters(column: int) -> str:
    """The letters of a column, counted from 1.

    Examples
    --------
    >>> letters(1), letters(28)
    ('A', 'AB')
    """
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def text_in_xml(text: str) -> str:
    """A text as a cell may hold it: characters that XML cannot hold in the format's own escape.

    Examples
    --------
    >>> text_in_xml("a<b\\x07"), text_in_xml("_x0041_")
    ('a&lt;b_x0007_', '_x005F_x0041_')
    """
    return escape(_UNWRITABLE.sub(lambda m: f"_x{ord(m.group()):04X}_", text[:LONGEST_TEXT]))


def constant(number: float) -> str:
    """A number as a formula holds it, with all its digits.

    Examples
    --------
    >>> constant(1e-06), constant(float("nan"))
    ('1E-06', 'NA()')
    """
    return repr(float(number)).upper() if math.isfinite(number) else "NA()"


@dataclass(eq=False)
class Sheet:
    """One sheet, written from top to bottom.

    Attributes
    ----------
    name
        Plain letters, or quoted in formulas.
    widths
        Of columns from the left, in characters.
    frozen
        The first cell that scrolls, as ``C5``; empty for none.
    """

    name: str
    styles: Styles
    widths: Sequence[float] = ()
    frozen: str = ""
    rows_written: int = 0
    _parts: list[str] = field(default_factory=list)
    _rules: list[str] = field(default_factory=list)
    _choices: list[str] = field(default_factory=list)

    @property
    def next_row(self) -> int:
        """The row that is written next, from 1."""
        return self.rows_written + 1

    def row(self, cells: Iterable[Cell | None]) -> int:
        """Write one row; returns its number. Headings and units have room for two lines and more."""
        number = self.next_row
        listed = [(at, c) for at, c in enumerate(cells, start=1) if c is not None]
        found = "".join(self._cell(f"{letters(at)}{number}", c) for at, c in listed)
        tall = len(listed) > 2 and listed[-1][1][1].kind in ("heading", "unit")
        longest = max((len(c[0]) for _, c in listed if isinstance(c[0], str)), default=0) if tall else 0
        lines = min(max(-(-longest // 15), 2), 4)
        height = f' ht="{14 * lines}" customHeight="1"' if tall else ""
        self._parts.append(f'<row r="{number}"{height}>{found}</row>')
        self.rows_written = number
        return number

    def skip_to(self, row: int) -> None:
        """Leave rows empty, so that `row` is written next."""
        assert row >= self.next_row, (self.name, row, self.next_row)
        self.rows_written = row - 1

    def block(self, columns: Sequence[Column], count: int, others: dict[str, int] | None = None) -> int:
        """Write headings, units and `count` rows of the same formulas; returns the first of these rows.

        Parameters
        ----------
        columns
            From the first column on.
        count
            How many rows.
        others
            For further names in the templates the row that belongs to the first row here; it moves along.
        """
        looks = self.styles
        self.row((c.heading, looks.heading) for c in columns)
        first = self.row((c.unit, looks.unit) for c in columns) + 1
        cells = []
        for at, column in enumerate(columns, start=1):
            assert len(column.formula) < LONGEST_FORMULA, column.heading
            cells.append(
                f'<c r="{letters(at)}{{r}}" s="{looks.number(column.style)}"><f>{escape(column.formula)}</f></c>'
            )
        template = '<row r="{r}">' + "".join(cells) + "</row>"
        shifts = {name: row - first for name, row in (others or {}).items()}
        self._parts.extend(
            template.format(r=r, u=r - 1, d=r + 1, **{name: r + by for name, by in shifts.items()})
            for r in range(first, first + count)
        )
        self.rows_written = first + count - 1
        return first

    def numbers(self, rows: Iterable[Sequence[float]], style: Style) -> int:
        """Write rows of plain numbers, quickly; returns the first of these rows."""
        first, look = self.next_row, self.styles.number(style)
        at = first
        for at, values in enumerate(rows, start=first):
            cells = "".join(
                f'<c r="{letters(k)}{at}" s="{look}"><v>{v!r}</v></c>' for k, v in enumerate(values, start=1)
            )
            self._parts.append(f'<row r="{at}">{cells}</row>')
            self.rows_written = at
        return first

    def colour_where(self, cells: str, formula: str, good: bool) -> None:
        """Colour cells green or red where a formula (for the first of them) holds."""
        self._rules.append(
            f'<conditionalFormatting sqref="{cells}"><cfRule type="expression" dxfId="{0 if good else 1}" '
            f'priority="{len(self._rules) + 1}"><formula>{escape(formula)}</formula></cfRule></conditionalFormatting>'
        )

    def whole_between(self, cells: str, low: int, high: int, message: str) -> None:
        """Let cells take a whole number in a range only."""
        self._choices.append(
            f'<dataValidation type="whole" allowBlank="0" showInputMessage="1" showErrorMessage="1" '
            f"error={quoteattr(message)} prompt={quoteattr(message)} "
            f'sqref="{cells}"><formula1>{low}</formula1><formula2>{high}</formula2></dataValidation>'
        )

    def _cell(self, at: str, cell: Cell) -> str:
        content, style = cell
        look = self.styles.number(style)
        match content:
            case None:
                return f'<c r="{at}" s="{look}"/>'
            case Formula(text):
                assert len(text) < LONGEST_FORMULA, at
                return f'<c r="{at}" s="{look}"><f>{escape(text)}</f></c>'
            case bool():
                return f'<c r="{at}" s="{look}" t="b"><v>{int(content)}</v></c>'
            case str():
                inside = f'<t xml:space="preserve">{text_in_xml(content)}</t>'
                return f'<c r="{at}" s="{look}" t="inlineStr"><is>{inside}</is></c>'
        if not math.isfinite(content):
            return f'<c r="{at}" s="{look}" t="e"><v>#N/A</v></c>'
        return f'<c r="{at}" s="{look}"><v>{content!r}</v></c>'

    def xml(self, *, is_first: bool) -> str:
        """The sheet's part of the file."""
        assert self.rows_written <= MAX_ROWS, self.name
        pane = ""
        if self.frozen:
            column, row = re.fullmatch(r"([A-Z]+)([0-9]+)", self.frozen).groups()  # type: ignore[union-attr]
            x, y = next(n for n in range(200) if letters(n + 1) == column), int(row) - 1
            corner = "bottomRight" if x and y else "bottomLeft" if y else "topRight"
            sides = (f' xSplit="{x}"' if x else "") + (f' ySplit="{y}"' if y else "")
            pane = f'<pane{sides} topLeftCell="{self.frozen}" activePane="{corner}" state="frozen"/>'
        selected = ' tabSelected="1"' if is_first else ""
        columns = "".join(
            f'<col min="{n}" max="{n}" width="{w}" customWidth="1"/>' for n, w in enumerate(self.widths, start=1)
        )
        return (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
            f'<sheetViews><sheetView{selected} showGridLines="0" workbookViewId="0">{pane}</sheetView></sheetViews>'
            '<sheetFormatPr defaultRowHeight="15"/>'
            + (f"<cols>{columns}</cols>" if columns else "")
            + f"<sheetData>{''.join(self._parts)}</sheetData>"
            + "".join(self._rules)
            + (
                f'<dataValidations count="{len(self._choices)}">{"".join(self._choices)}</dataValidations>'
                if self._choices
                else ""
            )
            + '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
            '<pageSetup orientation="landscape" fitToHeight="0"/></worksheet>'
        )


@dataclass(eq=False)
class Book:
    """The whole file.

    Attributes
    ----------
    sheets
        In the order of their tabs.
    names
        Named ranges: name → ``Sheet!$A$1``.
    """

    title: str
    program: str
    styles: Styles = field(default_factory=Styles)
    sheets: list[Sheet] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def sheet(self, name: str, widths: Sequence[float] = (), frozen: str = "") -> Sheet:
        """A new sheet behind those that there are."""
        made = Sheet(name, self.styles, widths, frozen)
        self.sheets.append(made)
        return made

    def name(self, wanted: str, reference: str) -> str:
        """Give a cell a name made of letters, digits, dots and underscores; returns it."""
        made = re.sub(r"[^A-Za-z0-9_.]", "_", wanted)
        while made.lower() in self._lower:
            made += "_"
        self._lower.add(made.lower())
        self.names[made] = reference
        return made

    def __post_init__(self) -> None:
        self._lower: set[str] = set()

    def bytes(self) -> bytes:
        """The file; the same for the same content."""
        count = len(self.sheets)
        sheets = "".join(
            f'<sheet name={quoteattr(s.name)} sheetId="{n}" r:id="rId{n}"/>' for n, s in enumerate(self.sheets, start=1)
        )
        names = "".join(
            f"<definedName name={quoteattr(n)}>{escape(r)}</definedName>"
            for n, r in sorted(self.names.items(), key=lambda item: item[0].lower())
        )
        relations = "".join(
            f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in range(1, count + 1)
        )
        overrides = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
            for n in range(1, count + 1)
        )
        parts = {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>{overrides}'
            f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
            '<Override PartName="/docProps/core.xml" '
            'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
            '<Override PartName="/docProps/app.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.extended-properties+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
            f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" '
            'Target="docProps/core.xml"/>'
            f'<Relationship Id="rId3" Type="{_OFFICE}/extended-properties" Target="docProps/app.xml"/></Relationships>',
            "docProps/core.xml": f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{text_in_xml(self.title)}</dc:title>'
            f"<dc:creator>{text_in_xml(self.program)}</dc:creator></cp:coreProperties>",
            "docProps/app.xml": "<Properties "
            'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
            "<Application>Busbar</Application></Properties>",
            "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            f'xmlns:r="{_OFFICE}"><bookViews><workbookView xWindow="0" yWindow="0" windowWidth="28800" '
            f'windowHeight="16000"/></bookViews><sheets>{sheets}</sheets>'
            + (f"<definedNames>{names}</definedNames>" if names else "")
            + '<calcPr calcId="191029" fullCalcOnLoad="1"/></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}'
            f'<Relationship Id="rId{count + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        }
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as file:

            def write(name: str, text: str) -> None:
                if not text.startswith("<?xml"):
                    text = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{text}'
                # The time of the file system is not part of the plan.
                entry = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                file.writestr(entry, text.encode(), compresslevel=3)

            for name, text in parts.items():
                write(name, text)
            for number, sheet in enumerate(self.sheets, start=1):
                write(f"xl/worksheets/sheet{number}.xml", sheet.xml(is_first=number == 1))
            # Last, because a sheet's cells say which styles there are.
            write("xl/styles.xml", self.styles.xml())
        return held.getvalue()


_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
