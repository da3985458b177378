"""Green Button (ESPI) XML: metered energy in intervals of UTC, as utilities let their customers download it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from models.archives import declaration
from models.importers.series.times import HOUR, MOST_OFFSET
from models.importers.series.zones import CENTRAL, EASTERN, MOUNTAIN, PACIFIC, zone_of_offset
from models.problems import PlanFileError

# Codes of the standard's UomType: what one of each is in watts, where it is a power.
_WATTS = {38: 1.0}
_NAMES = {72: "Wh", 38: "W"}
_OTHER_NAMES = {169: "therms", 42: "m³", 119: "ft³", 31: "J", 132: "BTU", 71: "VAh", 73: "varh", 61: "VA", 63: "var"}
_DST_ZONES = {-5: EASTERN, -6: CENTRAL, -7: MOUNTAIN, -8: PACIFIC, -4: "America/Halifax", -9: "America/Anchorage"}
_SIZES = {-3: "m", 0: "", 3: "k", 6: "M", 9: "G"}


@dataclass(frozen=True, slots=True, eq=False)
class MeterReadings:
    """The intervals of one meter.

    Attributes
    ----------
    starts, lengths
        Seconds of UTC, and seconds; shape (R,).
    energy_mwh
        Shape (R,).
    unit
        As the file counts: "Wh", "kWh", "W".
    zone
        Its local zone; empty where it names none.
    offset
        Text of the offset that intervals name, such as ``-0500``; empty where they name none or several.
    title
        Of the meter; empty where it has none.
    others
        Meters of the file that were left out, by what they measure.
    meters
        Names of the electricity meters in the file, each different.
    """

    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    energy_mwh: NDArray[np.float64]
    unit: str
    zone: str
    offset: str
    title: str
    others: tuple[str, ...]
    meters: tuple[str, ...]


@dataclass(slots=True)
class _Entry:
    """What an Atom entry says of its own address, of others, and holds."""

    own: str
    up: str
    related: tuple[str, ...]
    title: str
    content: ElementTree.Element | None


def is_xml(data: bytes) -> bool:
    """Whether a file is XML, whatever its name."""
    head = data[:4].replace(b"\x00", b"")
    return data.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")[:400].replace(b"\x00", b"").startswith(
        (b"<?xml", b"<feed", b"<ns")
    ) or (head.startswith(b"<") and b"espi" in data[:4000])


def read_green_button(data: bytes, name: str, location: str | None = None) -> MeterReadings:
    """The electricity of a Green Button file.

    Parameters
    ----------
    data, name
        Of the file.
    location
        Name of the meter where it holds several; None for the one with the most readings.

    Raises
    ------
    PlanFileError
        Where it is no well-formed XML, declares entities, or holds no electricity.
    """
    if declared := declaration(data):
        line = data[: declared.start()].count(b"\n") + 1
        raise PlanFileError(f"line {line} declares a document type", name, "download the file again from the utility")
    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        line, column = getattr(error, "position", (1, 0))
        what = f"line {line}, column {column + 1}: the XML is damaged"
        raise PlanFileError(what, name, "download the file again") from None
    entries = [_entry(element) for element in root.iter() if _tag(element) == "entry"]
    kinds = {entry.own: reading for entry in entries if (reading := _child(entry.content, "ReadingType")) is not None}
    meters = [entry for entry in entries if _child(entry.content, "MeterReading") is not None]
    blocks = [entry for entry in entries if _child(entry.content, "IntervalBlock") is not None]
    points = [entry for entry in entries if _child(entry.content, "UsagePoint") is not None]
    groups: dict[str, list[_Entry]] = {}
    for block in blocks:
        owner = next((m.own for m in meters if m.own and _belongs(block, m)), "")
        groups.setdefault(owner, []).append(block)
    if not groups:
        raise PlanFileError("it is XML without any interval reading", name, "choose a Green Button file with usage")
    found: list[tuple[str, int, int, list[ElementTree.Element]]] = []
    others: list[str] = []
    for owner, owned in groups.items():
        meter = next((m for m in meters if m.own == owner), None)
        kind = _kind_of(meter, kinds)
        code, power = _number(kind, "uom", 72), _number(kind, "powerOfTenMultiplier", 0)
        readings = [reading for block in owned for reading in _readings(block)]
        title = _named(meter, points)
        if code not in _NAMES:
            others.append(f"{title or 'a meter'} in {_OTHER_NAMES.get(code, f'unit {code}')}")
        elif _number(kind, "flowDirection", 1) == 19:
            others.append(f"{title or 'a meter'}: energy delivered to the grid")
        else:
            found.append((title, code, power, readings))
    if not found:
        raise PlanFileError(
            f"it holds no electricity, only {', '.join(others)}", name, "choose the electricity meter's file"
        )
    if len(found) > 1:
        found = [
            (label, *item[1:]) for label, item in zip(_told_apart([item[0] for item in found]), found, strict=True)
        ]
    names = tuple(item[0] for item in found)
    named = [item for item in found if location is not None and item[0].lower() == location.lower()]
    if location is not None and not named and len(found) > 1:
        raise PlanFileError(f"it holds no meter {location!r}", name, f"it has {', '.join(names[:8])}")
    chosen = max(named or found, key=lambda item: len(item[3]))
    others += [item[0] for item in found if item is not chosen]
    return _arrays(chosen, _zone(entries), tuple(others), names, name)


def _named(meter: _Entry | None, points: list[_Entry]) -> str:
    """A meter by the usage point that it belongs to and its own title, as far as they have any."""
    if meter is None:
        return ""
    point = next((p for p in points if p.own and meter.own.startswith(p.own + "/")), None)
    titles = dict.fromkeys(title for title in (point.title if point is not None else "", meter.title) if title)
    return ", ".join(titles)


def _told_apart(titles: list[str]) -> list[str]:
    """Names of several meters that differ: what has none, or another's, gets its number in the file."""
    return [
        title if title and titles.count(title) == 1 else f"{title or 'meter'} ({number})"
        for number, title in enumerate(titles, start=1)
    ]


_LATEST = 4_102_444_800  # 2100-01-01
_LONGEST = 366 * 86_400
_HIGHEST = 10**15


def _arrays(
    chosen: tuple[str, int, int, list[ElementTree.Element]],
    zone: str,
    others: tuple[str, ...],
    meters: tuple[str, ...],
    name: str,
) -> MeterReadings:
    title, code, power, readings = chosen
    starts, lengths, values = [], [], []
    for number, reading in enumerate(readings, start=1):
        texts = [_text(reading, path) for path in (("timePeriod", "start"), ("timePeriod", "duration"), ("value",))]
        try:
            start, length, value = (int(text) for text in texts)
        except ValueError:
            seen = ", ".join(text or "none" for text in texts)
            what = f"interval reading {number} has no whole start, duration and value ({seen})"
            raise PlanFileError(what, name, "download the file again") from None
        if not (abs(start) <= _LATEST and length <= _LONGEST and abs(value) < _HIGHEST):
            what = f"interval reading {number} holds a start, duration or value that no meter gives"
            raise PlanFileError(what, name, "download the file again")
        if length <= 0:
            raise PlanFileError(f"interval reading {number} lasts {length} seconds", name, "download the file again")
        starts.append(start)
        lengths.append(length)
        values.append(value)
    if not starts:
        raise PlanFileError("it holds no interval reading", name, "choose a Green Button file with usage")
    if abs(power) > 15:
        raise PlanFileError(f"it gives its readings in units of 10^{power}", name, "download the file again")
    spans = np.array(lengths, dtype=np.int64)
    amounts = np.array(values, dtype=np.float64) * 10.0**power / 1e6
    if code in _WATTS:
        amounts = amounts * spans / HOUR
    unit = f"{_SIZES[power]}{_NAMES[code]}" if power in _SIZES else f"10^{power} {_NAMES[code]}"
    offsets = {_text(reading, ("timePeriod", "timezone")) for reading in readings}
    offset = offsets.pop() if len(offsets) == 1 else ""
    return MeterReadings(np.array(starts, dtype=np.int64), spans, amounts, unit, zone, offset, title, others, meters)


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _child(element: ElementTree.Element | None, tag: str) -> ElementTree.Element | None:
    return None if element is None else next((child for child in element if _tag(child) == tag), None)


def _text(element: ElementTree.Element | None, path: tuple[str, ...]) -> str:
    for tag in path:
        element = _child(element, tag)
    return (element.text or "").strip() if element is not None else ""


def _number(element: ElementTree.Element | None, tag: str, default: int) -> int:
    text = _text(element, (tag,))
    # Of a number too long to be one the first digits are as wrong, and Python reads no more than some thousands.
    return int(text[:10]) if re.match(r"^[+\-]?\d+$", text) else default


def _entry(element: ElementTree.Element) -> _Entry:
    links: dict[str, list[str]] = {}
    for link in element:
        if _tag(link) == "link":
            links.setdefault(link.get("rel", ""), []).append(link.get("href", "").rstrip("/"))
    own = links.get("self", [""])[0]
    up = links.get("up", [""])[0]
    content = _child(element, "content")
    return _Entry(own, up, tuple(links.get("related", ())), _text(element, ("title",)), content)


def _belongs(block: _Entry, meter: _Entry) -> bool:
    return block.up in meter.related or block.own in meter.related or block.own.startswith(meter.own + "/")


def _kind_of(meter: _Entry | None, kinds: dict[str, ElementTree.Element]) -> ElementTree.Element | None:
    """The reading type that a meter names; of unnamed ones the only one."""
    if meter is not None:
        for address in meter.related:
            if address in kinds:
                return kinds[address]
    return next(iter(kinds.values())) if len(kinds) == 1 else None


def _readings(block: _Entry) -> Iterator[ElementTree.Element]:
    for element in block.content if block.content is not None else ():
        if _tag(element) == "IntervalBlock":
            yield from (child for child in element if _tag(child) == "IntervalReading")


def _zone(entries: list[_Entry]) -> str:
    """The zone of the time parameters: with daylight time the North American one of that offset."""
    for entry in entries:
        local = _child(entry.content, "LocalTimeParameters")
        if local is None or not _text(local, ("tzOffset",)):
            continue
        offset = _number(local, "tzOffset", 0)
        if abs(offset) > MOST_OFFSET:
            continue
        if _number(local, "dstOffset", 0) and offset % HOUR == 0 and offset // HOUR in _DST_ZONES:
            return _DST_ZONES[offset // HOUR]
        return zone_of_offset(offset)
    return ""
