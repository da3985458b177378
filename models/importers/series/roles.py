"""Which column of a table is what, from the words of its heading and from what its cells look like.

No layout is known by its file: ERCOT, NYISO, PJM, CAISO and what a utility sends differ in words only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.importers.series.outcome import METER, ROLES
from models.importers.series.sheets import Sheet
from models.importers.series.times import OFFSETS, day_in, day_of_parts, hour_in, stamp_in, time_in
from models.importers.tables import Cell

SAMPLE = 60
PLAIN = 9
"""From so many points on a word of a heading leaves no doubt."""
MIN_NUMBERS = 0.3
"""A column with so many numbers is one of numbers, whatever else stands in it: wrong cells are then named."""
MIN_WIDE_HOURS = 20
"""So many columns that are named like hours make a table with a day per row."""

_BEGIN = re.compile(r"\b(?:start|starting|begin|begins|beginning|from)\b|^hb$|intervalstart|startdate|starttime")
_END = re.compile(r"\b(?:end|ends|ending|to|until)\b|\bhe$|intervalend|enddate|endtime")
_TIME = re.compile(r"\b(?:time ?stamp|date ?time|time|date|day|interval|mtu|period|ts|unix|epoch)\b|datetime|timestamp")
_UTC = re.compile(r"\b(?:utc|gmt|zulu)\b|(?<=datetime)utc|gmt")
_HOUR = re.compile(r"\b(?:hour|hours|hr|hora|stunde)\b|\bhe$|^hb$|houre?nding|hourbeginning|deliveryhour|\btime\b")
_INTERVAL = re.compile(r"\b(?:interval|quarter|qtr|segment)\b|deliveryinterval")
_DAY_PARTS = {
    "year": re.compile(r"^(?:(?:delivery |local )?(?:year|yr)|yyyy|jahr|año|annee|année)$"),
    "month": re.compile(r"^(?:(?:delivery |local )?(?:month|mon|mo)|mm|monat|mes|mois)$"),
    "day": re.compile(r"^(?:(?:delivery |local )?day(?: of month)?|dd|tag|dia|día|jour)$"),
}
_FLAG = re.compile(r"\b(?:dst|daylight|repeated|repeat)\b|dstflag")
_ZONE = re.compile(r"\b(?:time ?zone|tz|offset)\b")
_LOCATION = (
    re.compile(r"settlement ?(?:point|location)(?! ?(?:type|price))|pnode ?name|node ?name|location ?name"),
    re.compile(r"^(?:location|node|hub|zone|name|settlement point name|resource|point|bus|area|load zone)$"),
    re.compile(r"\b(?:node|location|hub|pnode|zone|bus|meter)\b(?!.*\b(?:type|number)\b)"),
)
_LOCATION_TYPE = re.compile(r"\b(?:settlement ?point|location|pnode|node) ?type\b|^type$")
_MARKET = re.compile(r"\bmarket(?: run)?(?: id| type)?\b|market ?run ?id")
_COMPONENT = re.compile(r"\blmp ?type\b|^value$|^xml data item$|^component$")
_COMPONENTS = {"lmp", "mcc", "mce", "mcl", "mlc", "mghg", "mec", "energy", "congestion", "loss"}
_UNIT = re.compile(r"^(?:units?|uom|unit of measure)$")
_NO_VALUE = re.compile(
    r"\b(?:id|ptid|number|version|nbr|voltage|lat|latitude|lon|longitude|zip|row|pos|group|grp|num|seq|seconds|year|month|"
    r"week|weekday|temperature|temp|forecast error|count|account|service|address)\b"
)
_PRICE_WORDS = (
    (
        12,
        re.compile(r"\btotal lmp\b|^lmp\b|\blbmp\b|settlement ?point ?price|^spp\b|locational marginal price|\blmp\b"),
    ),
    (10, re.compile(r"\bprices?\b|\bpreis\b|\bprecio\b|\bprix\b|\bhoep\b")),
    (9, re.compile(r"(?:usd|\$|eur|€|cents?|cad|gbp|£|¢)\s?(?:per )?\s?[mk]wh")),
    (6, re.compile(r"\b(?:value|rate|cost|amount|mw)\b")),
)
_NO_PRICE = re.compile(r"congestion|loss|energy price|energy component|\bmcc\b|\bmlc\b|\bmcl\b|\bmec\b|\bghg\b")
_METER_WORDS = (
    (12, re.compile(r"\b(?:k|m|g)?wh\b")),
    (11, re.compile(r"\b(?:k|m|g)w\b")),
    (10, re.compile(r"\b(?:usage|consumption|energy|load|demand|import|imported|delivered|verbrauch|consumo)\b")),
    (6, re.compile(r"\b(?:value|reading|quantity|amount)\b")),
)
_NO_METER = re.compile(r"cost|price|\$|usd|temp|peak|generation|export|received|returned|power factor|reactive|kvar")
_HOUR_HEADING = re.compile(r"^(?:hour ending|hour beginning|hour|he|hb|hr|h|stunde)?\s*0?(\d{1,2})\s*([x*]?)$", re.I)


@dataclass(frozen=True, slots=True)
class Roles:
    """What became of a table's columns.

    Attributes
    ----------
    roles
        One key of `ROLES` per column.
    equals
        Columns that could as well be the value, the chosen one first.
    kinds
        What each column's cells look like: ``stamp``, ``date``, ``time``, ``hour``, ``number``, ``text`` or empty.
    """

    roles: tuple[str, ...]
    equals: tuple[int, ...]
    kinds: tuple[str, ...]

    def first(self, role: str) -> int | None:
        """The first column of a role."""
        return next((k for k, known in enumerate(self.roles) if known == role), None)

    def all(self, role: str) -> tuple[int, ...]:
        """Every column of a role."""
        return tuple(k for k, known in enumerate(self.roles) if known == role)


def words_of(heading: str) -> str:
    """A heading in lower case, with blanks between its words.

    Examples
    --------
    >>> words_of("SettlementPointName"), words_of("datetime_beginning_utc"), words_of("DSTFlag")
    ('settlement point name', 'datetime beginning utc', 'dst flag')
    """
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", heading)
    return re.sub(r"[\s_\-.:()\[\]/]+", " ", text).strip().lower()


def hour_of_heading(heading: str) -> tuple[int, bool] | None:
    """Seconds after midnight that the heading of an hour's column names, and whether it is the repeated hour's.

    Examples
    --------
    >>> hour_of_heading("HE01"), hour_of_heading("2X"), hour_of_heading("00:15"), hour_of_heading("Price")
    ((3600, False), (7200, True), (900, False), None)
    """
    text = re.sub(r"[\s_\-.]+", " ", heading).strip()
    if match := _HOUR_HEADING.match(text):
        number = int(match[1])
        return (number * 3600, bool(match[2])) if number <= 25 else None
    found = time_in(text) if re.match(r"^\d{1,2}:\d{2}", text) else None
    return (found.seconds, False) if found else None


def knows(heading: str) -> bool:
    """Whether a heading says something about a series; a cell of data does not."""
    words = words_of(heading)
    if hour_of_heading(heading) is not None:
        return True
    if not re.search(r"[a-z$€]", words) or len(words) > 60 or stamp_in(heading, "mdy") is not None:
        return False
    patterns = [
        _BEGIN,
        _END,
        _TIME,
        *_DAY_PARTS.values(),
        _HOUR,
        _INTERVAL,
        _FLAG,
        _ZONE,
        *_LOCATION,
        _LOCATION_TYPE,
        _MARKET,
        _UNIT,
    ]
    patterns += [pattern for _, pattern in (*_PRICE_WORDS, *_METER_WORDS)]
    return any(pattern.search(words) for pattern in patterns) or "/mwh" in heading.lower()


def knows_value(heading: str, kind: str) -> bool:
    """Whether a heading is plainly that of prices, or of a meter's readings."""
    patterns, never = (_METER_WORDS, _NO_METER) if kind == METER else (_PRICE_WORDS, _NO_PRICE)
    words, raw = words_of(heading), re.sub(r"[_/]", " ", heading.lower())
    found = any(points >= PLAIN and (pattern.search(words) or pattern.search(raw)) for points, pattern in patterns)
    return found and not never.search(words)


def is_data(cells: Sequence[Cell]) -> bool:
    """Whether a line holds a day and a number: it is no heading then."""
    if not any(stamp_in(cell, "mdy") or stamp_in(cell, "dmy") for cell in cells[:6]):
        return False
    return any(_kind_of(cell) in ("number", "hour") for cell in cells)


def _kind_of(cell: Cell) -> str:
    """What one cell looks like."""
    if isinstance(cell, float):
        return "hour" if cell == int(cell) and 0 <= cell <= 25 else "number"
    text = cell.strip()
    if not text:
        return ""
    if hour_in(text) is not None and not re.match(r"^\d{3,}$", text):
        return "time" if ":" in text or re.search(r"[ap]m", text, re.I) else "hour"
    if re.match(r"^\d+(?:\.\d+)?$", text) and not re.match(r"^(?:19|20)\d{6}$", text):
        return "number"
    is_day = day_in(text, "mdy") is not None or day_in(text, "dmy") is not None
    if not is_day and re.match(r"^[(+\-−$€£]*\s*[\d.,'\s]*\d[)%]?$", text):
        return "number"
    is_stamp = stamp_in(text, "mdy") is not None or stamp_in(text, "dmy") is not None
    return "date" if is_day else "stamp" if is_stamp else "text"


def _number_kind(words: str, cells: Sequence[Cell]) -> str:
    """What numbers are under a heading of times: hours as 0100, a spreadsheet's days, or seconds since 1970.

    Under any other heading a number of that size is a number: a mine's meter reads 45,292 kWh every hour.
    """
    known = [cell for cell in cells if cell != ""]
    if _HOUR.search(words) and all(hour_in(cell) is not None for cell in known):
        return "time"
    if _TIME.search(words) or _BEGIN.search(words) or _END.search(words):
        stamps = [stamp_in(cell, "mdy") for cell in known]
        if all(stamp is not None for stamp in stamps):
            return "stamp" if any(stamp and stamp[1].seconds for stamp in stamps) else "date"
    return "number"


def _kinds(sheet: Sheet) -> tuple[str, ...]:
    step = max(1, len(sheet) // SAMPLE)
    found = []
    for index in range(len(sheet.headings)):
        cells = [*sheet.columns[index][:20], *sheet.columns[index][20::step]]
        words = words_of(sheet.headings[index])
        counts: dict[str, int] = {}
        for kind in map(_kind_of, cells):
            if kind:
                counts[kind] = counts.get(kind, 0) + 1
        if "hour" in counts and "number" in counts:
            # Whole numbers among others are numbers; a column of hours may hold a wrong one.
            wrong, other = ("number", "hour") if _HOUR.search(words) else ("hour", "number")
            counts[other] += counts.pop(wrong)
        if counts.get("number", 0) >= MIN_NUMBERS * sum(counts.values()):
            counts = {_number_kind(words, cells): 1}
        if "date" in counts and "stamp" in counts:
            counts["stamp"] += counts.pop("date")
        found.append(max(counts, key=lambda kind: counts[kind]) if counts else "")
    return tuple(found)


def propose_roles(sheet: Sheet, kind: str, told: Sequence[tuple[int, str]] = (), column: str | None = None) -> Roles:
    """What each column is.

    Parameters
    ----------
    sheet
        The table.
    kind
        ``prices`` or ``meter``.
    told
        The user's choices: a column's number and its role.
    column
        Heading, or number from 1, of the value's column where the user chose one.
    """
    kinds = _kinds(sheet)
    roles = [""] * len(kinds)
    chosen = {index: role for index, role in told if index < len(kinds) and role in ROLES}
    hours = [hour_of_heading(heading) for heading in sheet.headings]
    is_wide = sum(h is not None for h in hours) >= MIN_WIDE_HOURS
    if is_wide:
        roles = ["hour_value" if h is not None else "" for h in hours]
    for index, (heading, cells) in enumerate(zip(sheet.headings, kinds, strict=True)):
        if not roles[index]:
            roles[index] = _role(words_of(heading), cells, sheet.columns[index][:SAMPLE])
    _take_location(sheet, kinds, roles, set(chosen))
    _one_time(sheet, kinds, roles)
    _take_split_day(sheet, kinds, roles)
    for index, role in chosen.items():
        roles[index] = role
        if role in ("value", "date", "year", "month", "day", "hour", "start", "end", "time"):
            roles = ["" if k not in chosen and known == role else known for k, known in enumerate(roles)]
    if is_wide and "value" not in chosen.values():
        return Roles(tuple(roles), (), kinds)
    equals = _values(sheet, kinds, roles, kind, column)
    if equals and "value" not in roles:
        roles[equals[0]] = "value"
    return Roles(tuple(roles), equals, kinds)


def _role(words: str, cells: str, samples: Sequence[Cell]) -> str:
    """A column's role as far as it can be told alone; values and locations are chosen among all."""
    texts = {str(cell).strip().lower() for cell in samples}
    texts.discard("")
    if cells == "stamp":
        return "start" if _BEGIN.search(words) else "end" if _END.search(words) else "time"
    if cells == "date":
        return "date"
    if _FLAG.search(words) and texts <= {"y", "n", "yes", "no", "true", "false", "0", "1", "t", "f"}:
        return "flag"
    if _ZONE.search(words) and texts and texts <= OFFSETS.keys():
        return "zone"
    if cells in ("time", "hour"):
        if cells == "hour" and _INTERVAL.search(words) and "hour" not in words and not re.search(r"\bhe\b", words):
            return "interval"
        if cells == "time" or _HOUR.search(words):
            return "hour"
    if cells == "text":
        if texts and texts <= _COMPONENTS and (len(texts) > 1 or _COMPONENT.search(words)):
            return "component"
        if _UNIT.search(words):
            return "unit"
        if _MARKET.search(words):
            return "market"
        if _LOCATION_TYPE.search(words):
            return "location_type"
    return ""


def _take_location(sheet: Sheet, kinds: Sequence[str], roles: list[str], taken: set[int]) -> None:
    free = [k for k, role in enumerate(roles) if not role and k not in taken and kinds[k] == "text"]
    for pattern in _LOCATION:
        for index in free:
            if pattern.search(words_of(sheet.headings[index])):
                roles[index] = "location"
                return


def _one_time(sheet: Sheet, kinds: Sequence[str], roles: list[str]) -> None:
    """Of several timestamps take the surest: with an offset or in UTC, and the beginning rather than the end."""

    def rank(index: int) -> tuple[int, int]:
        sure = 0 if names_utc(sheet, index) else 1
        return sure, ("start", "time", "end").index(roles[index])

    stamps = sorted((k for k, role in enumerate(roles) if role in ("start", "time", "end")), key=rank)
    for other in stamps[1:]:
        is_pair = {roles[stamps[0]], roles[other]} == {"start", "end"} and rank(other)[0] == rank(stamps[0])[0]
        if not is_pair or next(k for k in stamps if roles[k] == roles[other]) != other:
            roles[other] = ""
    days = [k for k, role in enumerate(roles) if role == "date"]
    hours = [k for k, role in enumerate(roles) if role == "hour"]
    for other in days[1:]:
        roles[other] = ""
    if len(hours) > 1:
        best = next((k for k in hours if _BEGIN.search(words_of(sheet.headings[k]))), hours[0])
        for other in hours:
            roles[other] = "hour" if other == best else ""
    has_stamp = bool(stamps) and (not hours or not days or rank(stamps[0])[0] == 0)
    if has_stamp:
        for index, role in enumerate(roles):
            if role in ("date", "hour", "interval"):
                roles[index] = ""
    else:
        for index in stamps:
            if days and hours:
                roles[index] = ""
            elif hours and kinds[index] == "stamp":
                # A day with the time 00:00 beside it, and the hour in a column of its own.
                roles[index] = "date" if index == stamps[0] else ""


def _take_split_day(sheet: Sheet, kinds: Sequence[str], roles: list[str]) -> None:
    """A day whose year, month and day have a column each, where no column holds it whole."""
    if any(role in ("date", "start", "time", "end") for role in roles):
        return
    words = [words_of(heading) for heading in sheet.headings]
    found = {
        part: next((k for k, text in enumerate(words) if pattern.search(text)), None)
        for part, pattern in _DAY_PARTS.items()
    }
    places = [k for k in found.values() if k is not None]
    if len(places) < len(_DAY_PARTS):
        return
    rows = zip(*(sheet.columns[k][:SAMPLE] for k in places), strict=True)
    if not any(day_in(day_of_parts(cells), "mdy") is not None for cells in rows):
        return
    for part, index in found.items():
        if index is not None:
            roles[index] = part
    minutes = next((k for k, text in enumerate(words) if re.search(r"^(?:minutes?|mi)$", text) and not roles[k]), None)
    # Minutes that are the same in every line say nothing about which part of an hour it is.
    if minutes is not None and len(set(sheet.columns[minutes])) > 1:
        roles[minutes] = "interval"


def names_utc(sheet: Sheet, index: int) -> bool:
    """Whether a column of timestamps says what instants they are."""
    if _UTC.search(words_of(sheet.headings[index])):
        return True
    found = [stamp_in(cell, "mdy") or stamp_in(cell, "dmy") for cell in sheet.columns[index][:SAMPLE]]
    told = [stamp[1].offset is not None for stamp in found if stamp]
    return bool(told) and all(told)


def says_end(heading: str) -> bool | None:
    """Whether a heading says that times are the ends of intervals; None where it says nothing."""
    words = words_of(heading)
    if _BEGIN.search(words):
        return False
    return True if _END.search(words) else None


def _values(sheet: Sheet, kinds: Sequence[str], roles: Sequence[str], kind: str, column: str | None) -> tuple[int, ...]:
    """Columns that can be the value, the likeliest first, of equal likelihood only."""
    if column is not None:
        named = [k for k, h in enumerate(sheet.headings) if h.strip().lower() == column.strip().lower()]
        if not named and column.isdecimal() and 0 < int(column) <= len(kinds):
            named = [int(column) - 1]
        if named:
            return (named[0], *(k for k in _equals(sheet, kinds, roles, kind) if k != named[0]))
    return _equals(sheet, kinds, roles, kind)


def _equals(sheet: Sheet, kinds: Sequence[str], roles: Sequence[str], kind: str) -> tuple[int, ...]:
    patterns, never = (_METER_WORDS, _NO_METER) if kind == METER else (_PRICE_WORDS, _NO_PRICE)
    scores: dict[int, int] = {}
    for index, heading in enumerate(sheet.headings):
        if roles[index] not in ("", "value") or kinds[index] not in ("number", "hour", ""):
            continue
        words = words_of(heading)
        raw = re.sub(r"[_/]", " ", heading.lower())
        score = max((points for points, pattern in patterns if pattern.search(words) or pattern.search(raw)), default=0)
        if kinds[index] == "":
            score = score if score >= 9 else -1
        elif never.search(words):
            score = -1
        elif not score:
            score = -1 if _NO_VALUE.search(words) else 1 if kinds[index] == "number" else 0
        if score > 0:
            scores[index] = score
    best = max(scores.values(), default=0)
    return tuple(index for index, score in scores.items() if score == best)
