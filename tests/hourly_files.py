"""Files of hourly prices in the layouts that markets and spreadsheets use, written from instants and prices."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

import numpy as np

CENTRAL = ZoneInfo("America/Chicago")
EASTERN = ZoneInfo("America/New_York")
HOUR = datetime.timedelta(hours=1)

Reading = tuple[datetime.datetime, float]
"""Beginning of an interval in UTC, and its price."""


def readings(first: str, days: float, zone: ZoneInfo = CENTRAL, minutes: int = 60, seed: int = 7) -> list[Reading]:
    """Consecutive readings from a local midnight to another, with prices in cents that differ from each other."""
    start = datetime.datetime.fromisoformat(first)
    begin = start.replace(tzinfo=zone).astimezone(datetime.UTC)
    end = (start + datetime.timedelta(days=days)).replace(tzinfo=zone).astimezone(datetime.UTC)
    step = datetime.timedelta(minutes=minutes)
    count = round((end - begin) / step)
    prices = np.random.default_rng(seed).permutation(count) * 0.01 + 12.34
    return [(begin + step * k, round(float(price), 2)) for k, price in enumerate(prices)]


def hourly(read: Sequence[Reading]) -> np.ndarray:
    """The mean price of every hour, by hand."""
    hours: dict[datetime.datetime, list[float]] = {}
    for moment, price in read:
        hours.setdefault(moment.replace(minute=0), []).append(price)
    first, last = min(hours), max(hours)
    count = round((last - first) / HOUR) + 1
    return np.array([np.mean(hours.get(first + HOUR * k, [np.nan])) for k in range(count)])


def csv(heading: str, lines: Sequence[str]) -> bytes:
    return ("\n".join([heading, *lines]) + "\n").encode()


def ercot_day_ahead(read: Sequence[Reading]) -> bytes:
    """NP4-190: hour ending as a time, and a mark of the repeated hour."""
    lines = []
    for moment, price in read:
        local = moment.astimezone(CENTRAL)
        flag = "Y" if local.fold else "N"
        lines.append(f"{local:%m/%d/%Y},{local.hour + 1:02d}:00,HB_NORTH, {price:.2f},{flag}")
    return csv("DeliveryDate,HourEnding,SettlementPoint,SettlementPointPrice,DSTFlag", lines)


def ercot_real_time(read: Sequence[Reading]) -> bytes:
    """NP6-905: hour and quarter as numbers."""
    lines = []
    for moment, price in read:
        local = moment.astimezone(CENTRAL)
        flag = "Y" if local.fold else "N"
        lines.append(f"{local:%m/%d/%Y},{local.hour + 1},{local.minute // 15 + 1},HB_NORTH,HU,{price:.2f},{flag}")
    heading = "DeliveryDate,DeliveryHour,DeliveryInterval,SettlementPointName,SettlementPointType,"
    return csv(f"{heading}SettlementPointPrice,DSTFlag", lines)


def gridstatus(read: Sequence[Reading]) -> bytes:
    """Beginning and end with their offsets."""
    step = read[1][0] - read[0][0]
    lines = []
    for moment, price in read:
        local, end = moment.astimezone(CENTRAL), (moment + step).astimezone(CENTRAL)
        lines.append(f"{local},{local},{end},HB_NORTH,Trading Hub,DAY_AHEAD_HOURLY,{price:.2f}")
    return csv("Time,Interval Start,Interval End,Location,Location Type,Market,SPP", lines)


def nyiso(read: Sequence[Reading]) -> bytes:
    """Local times at the beginning; the repeated hour simply stands twice."""
    lines = [f'"{m.astimezone(EASTERN):%m/%d/%Y %H:%M}","WEST",61752,{p:.2f},0.50,0.00' for m, p in read]
    heading = '"Time Stamp","Name","PTID","LBMP ($/MWHr)","Marginal Cost Losses ($/MWHr)",'
    return csv(f'{heading}"Marginal Cost Congestion ($/MWHr)"', lines)


def pjm(read: Sequence[Reading]) -> bytes:
    """UTC and Eastern prevailing time, 12-hour clock, with the parts of the price beside the total."""
    lines = []
    for moment, price in read:
        local = moment.astimezone(EASTERN)
        utc, ept = (f"{t.month}/{t.day}/{t.year} {t:%I:%M:%S %p}" for t in (moment, local))
        lines.append(f"{utc},{ept},51217,WESTERN HUB,,,HUB,,{price - 1:.2f},{price:.2f},0.70,0.30")
    heading = "datetime_beginning_utc,datetime_beginning_ept,pnode_id,pnode_name,voltage,equipment,type,zone,"
    return csv(f"{heading}system_energy_price_da,total_lmp_da,congestion_price_da,marginal_loss_price_da", lines)


def caiso(read: Sequence[Reading]) -> bytes:
    """OASIS: a line for each component, hours in GMT."""
    lines = []
    for moment, price in read:
        local = moment.astimezone(ZoneInfo("America/Los_Angeles"))
        times = f"{moment:%Y-%m-%dT%H:%M:%S-00:00},{moment + HOUR:%Y-%m-%dT%H:%M:%S-00:00}"
        for name, value in (("LMP", price), ("MCC", 1.5), ("MCE", price - 2.0), ("MCL", 0.5)):
            lines.append(
                f"{times},{local:%Y-%m-%d},{local.hour + 1},0,TH_NP15_GEN-APND,DAM,{name},LMP_PRC,{value:.2f},1"
            )
    heading = "INTERVALSTARTTIME_GMT,INTERVALENDTIME_GMT,OPR_DT,OPR_HR,OPR_INTERVAL,NODE,MARKET_RUN_ID,LMP_TYPE,"
    return csv(f"{heading}XML_DATA_ITEM,MW,GRP", lines)


def iso_ne(read: Sequence[Reading]) -> bytes:
    """Comment, heading, data and trailer lines, and 02X for the repeated hour."""
    lines = ['"C","Day-Ahead Energy Market Hourly LMP Report"', '"C","Filename: WW_DALMP_ISO_20241103.csv"']
    lines.append('"H","Date","Hour Ending","Location ID","Location Name","Location Type",'
                 '"Locational Marginal Price","Congestion Component"')  # fmt: skip
    lines.append('"H","Date","String","Number","String","String","$/MWh","$/MWh"')
    for moment, price in read:
        local = moment.astimezone(EASTERN)
        hour = f"{local.hour + 1:02d}{'X' if local.fold else ''}"
        lines.append(f'"D","{local:%m/%d/%Y}","{hour}",4000,".H.INTERNAL_HUB","HUB",{price:.2f},0.10')
    lines.append(f'"T",{len(read)}')
    return ("\n".join(lines) + "\n").encode()


def wide(read: Sequence[Reading]) -> bytes:
    """A day per row, HE01 to HE24 and one more for the repeated hour."""
    days: dict[str, dict[str, float]] = {}
    for moment, price in read:
        local = moment.astimezone(CENTRAL)
        label = f"HE{local.hour + 1:02d}{'X' if local.fold else ''}"
        days.setdefault(f"{local:%Y-%m-%d}", {})[label] = price
    labels = [f"HE{hour:02d}" for hour in range(1, 25)]
    labels.insert(2, "HE02X")
    lines = [
        ",".join([day, "HB_NORTH", *(f"{hours[label]:.2f}" if label in hours else "" for label in labels)])
        for day, hours in days.items()
    ]
    return csv(",".join(["Date", "Hub", *labels]), lines)


def european(read: Sequence[Reading]) -> bytes:
    """A preamble, days first, decimal commas, semicolons, Windows' encoding; dollars all the same."""
    lines = ["Strompreise für Büro Süd", "Erstellt: gestern", "", "Datum;Hour beginning;Price (USD/MWh)"]
    for moment, price in read:
        local = moment.astimezone(CENTRAL)
        lines.append(
            f"{local:%d.%m.%Y};{local:%H:%M};{price:.2f}".replace(f"{price:.2f}", f"{price:.2f}".replace(".", ","))
        )
    return ("\r\n".join(lines) + "\r\n").encode("cp1252")


def workbook(read: Sequence[Reading]) -> bytes:
    """A sheet per month, as ERCOT's yearly workbooks have them, with hours as numbers and days as days."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for moment, price in read:
        local = moment.astimezone(CENTRAL)
        name = f"{local:%b}"
        if name not in book.sheetnames:
            book.create_sheet(name).append(
                [
                    "Delivery Date",
                    "Delivery Hour",
                    "Repeated Hour Flag",
                    "Settlement Point Name",
                    "Settlement Point Price",
                ]
            )
        flag = "Y" if local.fold else "N"
        book[name].append([local.date(), local.hour + 1, flag, "HB_NORTH", price])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def packed(name: str, content: bytes) -> bytes:
    """A ZIP file of one."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return stream.getvalue()


LAYOUTS: dict[str, tuple[Callable[[Sequence[Reading]], bytes], ZoneInfo]] = {
    "ercot_day_ahead": (ercot_day_ahead, CENTRAL),
    "ercot_real_time": (ercot_real_time, CENTRAL),
    "gridstatus": (gridstatus, CENTRAL),
    "nyiso": (nyiso, EASTERN),
    "pjm": (pjm, EASTERN),
    "caiso": (caiso, ZoneInfo("America/Los_Angeles")),
    "iso_ne": (iso_ne, EASTERN),
    "wide": (wide, CENTRAL),
    "workbook": (workbook, CENTRAL),
}
"""Every layout that tells the passes of the repeated hour apart, and the zone of its days."""


def green_button(
    starts: Sequence[int], values: Sequence[int], *, length: int = 3600, uom: int = 72, power: int = 0
) -> bytes:
    """A Green Button file of one electricity meter, on Eastern time, and a gas meter that nobody asked for."""
    readings = "".join(
        f"<IntervalReading><timePeriod><duration>{length}</duration><start>{start}</start></timePeriod>"
        f"<value>{value}</value></IntervalReading>"
        for start, value in zip(starts, values, strict=True)
    )

    def entry(own: str, up: str, content: str, related: str = "") -> str:
        links = f'<link rel="self" href="{own}"/><link rel="up" href="{up}"/>'
        links += f'<link rel="related" href="{related}"/>' if related else ""
        return f"<entry>{links}<content>{content}</content></entry>"

    espi = 'xmlns="http://naesb.org/espi"'
    parts = [
        entry("L/1", "L", f"<LocalTimeParameters {espi}><dstOffset>3600</dstOffset><tzOffset>-18000</tzOffset>"
              "</LocalTimeParameters>"),
        entry("R/1", "R", f"<ReadingType {espi}><powerOfTenMultiplier>{power}</powerOfTenMultiplier><uom>{uom}</uom>"
              "</ReadingType>"),
        entry("R/2", "R", f"<ReadingType {espi}><uom>169</uom></ReadingType>"),
        entry("M/1", "M", f"<MeterReading {espi}/>", "R/1"),
        entry("M/2", "M", f"<MeterReading {espi}/>", "R/2"),
        entry("M/1/B/1", "M/1/B", f"<IntervalBlock {espi}>{readings}</IntervalBlock>"),
        entry("M/2/B/1", "M/2/B", f"<IntervalBlock {espi}>{readings}</IntervalBlock>"),
    ]  # fmt: skip
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">{"".join(parts)}</feed>'.encode()
