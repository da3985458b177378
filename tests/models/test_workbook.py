"""The workbook: every figure of an evaluation as formulas that any spreadsheet computes as Busbar does.

LibreOffice recalculates what Busbar wrote; without it these tests are skipped. Files are converted many at once,
because starting it takes longer than most of them.
"""

from __future__ import annotations

import csv
import dataclasses
import html
import io
import math
import re
import shutil
import subprocess
import warnings
import zipfile
from collections.abc import Iterator
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings

from models import fields
from models.drivers import with_value
from models.evaluate import evaluate
from models.fields import Schedule
from models.plan import Plan, Scenario
from models.samples import sample, sample_names
from models.scenarios import plan_for, scenario_by_name
from models.workbook.cases import LAYOUT_FIELDS, cases, is_live
from models.workbook.content import workbook_bytes
from models.workbook.xlsx import letters, text_in_xml
from tests.strategies import HOSTILE_TEXTS, dear, plans
from tests.workbook_plans import drawn_plan

SAMPLES = [name for name, *_ in sample_names()]
UNKNOWN = "—"
CLOSE = 1e-9
FUNCTIONS = {
    "ABS", "AND", "CHOOSE", "IF", "IFERROR", "INDEX", "INT", "IRR", "ISERROR", "ISTEXT", "LEFT", "MATCH", "MAX", "MID",
    "MIN", "MMULT", "MOD", "N", "NA", "OR", "RIGHT", "ROW", "ROWS", "SIGN", "SMALL", "SUM", "SUMPRODUCT", "VALUE",
}  # fmt: skip
"""All of them in Excel 2007, LibreOffice and every other spreadsheet; none is volatile, none spills."""

AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,3"
"""The third sheet in UTF-8, numbers with all their digits: a third of the time that a whole workbook takes."""

needs_soffice = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")


# Reading


def opened(data: bytes, **options: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(io.BytesIO(data), **options)


def contents_of(data: bytes) -> str:
    """Which sheets and names a workbook has, as its file says it."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return parts.read("xl/workbook.xml").decode()


def sheets_of(data: bytes) -> list[str]:
    return re.findall(r'<sheet name="([^"]+)"', contents_of(data))


def formulas_of(data: bytes) -> Iterator[tuple[str, str, str]]:
    """Sheet, cell and text of every formula."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        for number, name in enumerate(sheets_of(data), start=1):
            xml = file.read(f"xl/worksheets/sheet{number}.xml").decode()
            for cell, formula in re.findall(r'<c r="([A-Z]+[0-9]+)"[^>]*><f>([^<]*)</f>', xml):
                yield name, cell, html.unescape(formula)


def reconciled(file: Path) -> dict[str, tuple[str, Any, Any]]:
    """By path the unit, Busbar's value and the workbook's, as LibreOffice shows them."""
    with file.open(encoding="utf-8", newline="") as text:
        rows = list(csv.reader(text))[7:]
    return {row[1]: (row[2], _number(row[3]), _number(row[4])) for row in rows}


def largest_gap(file: Path) -> float | None:
    """How far both sides are apart at crossovers that are values; None where all are formulas."""
    with file.open(encoding="utf-8", newline="") as text:
        row = list(csv.reader(text))[2]
    return float(row[5]) if row[0].startswith("Largest gap") else None


def _number(cell: str) -> Any:
    if cell.endswith("%"):
        return float(cell[:-1]) / 100.0
    return cell if cell == UNKNOWN else float(cell)


def recalculated(folder: Path, files: dict[str, bytes]) -> dict[str, Path]:
    """The sheet Reconciliation of files as LibreOffice computes them anew, by the files' names."""
    source, target = folder / "written", folder / "recalculated"
    source.mkdir()
    for name, data in files.items():
        (source / f"{name}.xlsx").write_bytes(data)
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            AS_CSV,
            "--outdir",
            target,
            *(source / f"{name}.xlsx" for name in files),
        ],
        check=True,
        capture_output=True,
        timeout=600,
    )
    return {name: target / f"{name}-Reconciliation.csv" for name in files}


def floor_of(unit: str) -> float:
    """What a difference is held against at least: sums that come to nothing have rounded on their way."""
    if unit.startswith("USD/MW") and "MWh" not in unit:
        return 100.0
    return {"BTC/PH/day": 1e-12, "USD/MWh": 0.01, "USD/IT kW-month": 0.01, "USD/GPU-hour": 0.01}.get(unit, 1e-6)


def difference(unit: str, busbar: float | None, own: Any) -> float:
    """Relative; infinite where one is a dash and the other is not."""
    if busbar is None or not math.isfinite(busbar):
        return 0.0 if own == UNKNOWN else math.inf
    if not isinstance(own, int | float):
        return math.inf
    return abs(busbar - own) / max(abs(busbar), abs(own), floor_of(unit))


def json_figures(plan: Plan) -> dict[str, float | None]:
    """What `busbar evaluate --json` says of a plan, by path."""
    said = evaluate(plan).to_json()
    found = {f"market.{name}": value for name, value in said["market"].items()}
    for use in said["uses"]:
        numbers = {k: v for k, v in use.items() if k not in ("id", "name", "kind", "site_id", "irr_roots_fraction")}
        for name, item in numbers.pop("break_evens").items():
            numbers |= {f"break_evens.{name}.{key}": value for key, value in item.items()}
        found |= {f"uses.{use['id']}.{name}": value for name, value in numbers.items()}
    for row in said["crossovers"]:
        pair = f"crossovers.{row['asic_id']}.{row['offer_id']}.{row['basis']}"
        found |= {
            f"{pair}.{name}": value
            for name, value in row.items()
            if name not in ("asic_id", "offer_id", "basis", "reason")
        }
    return found


def compare(file: Path, plan: Plan, leave_out: str = "") -> int:
    """Hold every figure of a recalculated file against an evaluation; returns how many were numbers."""
    found, wanted = reconciled(file), json_figures(plan)
    assert set(found) == set(wanted)
    wrong = {}
    for path, value in wanted.items():
        unit, _, own = found[path]
        if leave_out and re.search(leave_out, path):
            continue
        if difference(unit, value, own) > CLOSE:
            wrong[path] = (value, own)
    assert not wrong, (file.name, wrong)
    return sum(value is not None for value in wanted.values())


# Typing into the workbook as a person would


def typed(data: bytes, entries: dict[str, Any], column: str = "F") -> bytes:
    """The file with values typed into the base plan's column of the inputs."""
    named = dict(re.findall(r'<definedName name="([^"]+)"[^>]*>([^<]+)<', contents_of(data)))
    row_of = {name: named[name].rpartition("$")[2] for name in entries}
    return patched(data, {f"{column}{row_of[path]}": value for path, value in entries.items()})


def switched(data: bytes, number: int) -> bytes:
    """The file with another scenario switched on."""
    return patched(data, {"E3": number})


def patched(data: bytes, cells: dict[str, Any], sheet: str = "Inputs") -> bytes:
    part = f"xl/worksheets/sheet{sheets_of(data).index(sheet) + 1}.xml"
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(held, "w") as new:
        for item in old.namelist():
            text = old.read(item)
            if item == part:
                xml = text.decode()
                for cell, value in cells.items():
                    if isinstance(value, bool):
                        inside = f' t="b"><v>{int(value)}</v></c>'
                    elif isinstance(value, str):
                        inside = f' t="inlineStr"><is><t>{text_in_xml(value)}</t></is></c>'
                    else:
                        inside = f"><v>{value!r}</v></c>"
                    xml, count = re.subn(rf'<c r="{cell}" s="(\d+)"(/>|.*?</c>)', rf'<c r="{cell}" s="\1"{inside}', xml)
                    assert count == 1, cell
                text = xml.encode()
            new.writestr(item, text)
    return held.getvalue()


@cache
def base_workbook(sample_name: str) -> bytes:
    """A sample without its scenarios."""
    return workbook_bytes(dataclasses.replace(sample(sample_name), scenarios=()))


# What the file is


@pytest.fixture(scope="module")
def briefing() -> bytes:
    return workbook_bytes(sample("briefing"))


@pytest.fixture(scope="module")
def book(briefing: bytes) -> Any:
    """The briefing's workbook as an independent reader has it, for looking at only."""
    return opened(briefing)


def test_that_the_same_plan_gives_the_same_bytes(briefing: bytes) -> None:
    assert workbook_bytes(sample("briefing")) == briefing


@pytest.mark.parametrize("seed", [3, 6, 31, 39, 46])
def test_that_the_workbook_holds_every_figure_of_an_evaluation(seed: int) -> None:
    plan = drawn_plan(seed)
    rows = opened(workbook_bytes(plan), read_only=True)["Reconciliation"].iter_rows(min_row=8, values_only=True)
    pasted = {row[1]: row[7] for row in rows}
    wanted = json_figures(plan)
    assert set(pasted) == set(wanted)
    for path, value in wanted.items():
        assert pasted[path] == (UNKNOWN if value is None else pytest.approx(value, rel=1e-15)), path


def test_that_results_are_formulas_and_that_months_hold_no_pasted_number(book: Any) -> None:
    for name in ("Market", "Contracts", "Power", "Mining", "Leases", "Own GPUs", "Lots", "Offers", "Crossovers"):
        for row in book[name].iter_rows():
            for cell in row:
                assert not isinstance(cell.value, int | float), (name, cell.coordinate)
    figures = [
        cell for row in book["Results"].iter_rows(min_row=12, min_col=5) for cell in row if cell.value != UNKNOWN
    ]
    assert figures
    assert all(cell.data_type == "f" for cell in figures)


def test_that_every_input_and_every_figure_has_a_name(book: Any) -> None:
    plan = sample("briefing")
    names = {name: item.attr_text for name, item in book.defined_names.items()}
    for path in ("market.btc_price_usd", "asic_lots.a1.power_w", "ai_offers.o1.first_rent_month"):
        sheet, _, row = names[path].rpartition("!$E$")
        assert (sheet, book[sheet][f"A{row}"].value) == ("Inputs", path)
    for path in json_figures(plan):
        name = path if path in names else f"figure.{path}"
        if path.count(".break_evens.") or not path.startswith(("uses.o", "crossovers")):
            assert name in names, path
    assert names["Scenario"] == "Inputs!$E$3"


def test_that_every_number_stands_under_its_unit(book: Any) -> None:
    assert [cell.value for cell in book["Results"][11]][4:] == [
        "MW", *["USD/MW-year"] * 4, "USD/MW", "USD/MW", "fraction/year", *["months"] * 3,
        "USD/MWh", "USD/BTC", "USD/PH/day", "USD/MW-year", "USD/MWh", "USD/MWh",
        *["USD/MWh", "USD/BTC", "USD/PH/day"] * 3,
    ]  # fmt: skip
    for name in ("Mining", "Leases", "Own GPUs", "Power", "Contracts"):
        headings, units = ([cell.value for cell in book[name][row]] for row in (5, 6))
        assert all(unit for heading, unit in zip(headings, units, strict=True) if heading != "Month"), name


@pytest.mark.parametrize("seed", [53, 54, 76, 97])
def test_that_formulas_are_plain_and_short_enough_for_any_spreadsheet(seed: int) -> None:
    data = workbook_bytes(drawn_plan(seed))
    used: set[str] = set()
    for _, cell, formula in formulas_of(data):
        assert len(formula) <= 8_192, cell
        used |= set(re.findall(r"\b([A-Z][A-Z0-9]*)\(", re.sub(r'"[^"]*"', '""', formula)))
        assert "{" not in formula, cell
    assert {"IF", "SUM"} <= used <= FUNCTIONS


def test_that_a_users_text_stays_text(subtests: pytest.Subtests) -> None:
    texts = [t for t in (*HOSTILE_TEXTS, "bell\x07", "_x0041_", "x" * 40_000, "\ufffe") if t.strip()]
    plan, turn = sample("briefing"), cycle(texts)
    lots = {f"t{k}": dataclasses.replace(plan.asic_lots[0], id=f"t{k}", model=text) for k, text in enumerate(texts)}
    plan = dataclasses.replace(
        plan,
        plan=dataclasses.replace(plan.plan, name=next(turn), horizon_months=13),
        sites=tuple(dataclasses.replace(s, name=next(turn)) for s in plan.sites),
        asic_lots=tuple(lots.values()),
        ai_offers=tuple(dataclasses.replace(o, name=next(turn), counterparty=next(turn)) for o in plan.ai_offers),
        scenarios=tuple(Scenario(f"c{k}", t, (("market.btc_price_usd", 1e5),)) for k, t in enumerate(texts)),
    )
    data = workbook_bytes(plan)
    book, formulas = opened(data), {formula for _, _, formula in formulas_of(data)}
    for key, lot in lots.items():
        with subtests.test(lot.model[:40]):
            row = book.defined_names[f"asic_lots.{key}.model"].attr_text.rpartition("$")[2]
            cell, text = book["Inputs"][f"F{row}"], lot.model
            assert cell.data_type == "s"
            # openpyxl reads a carriage return as a line feed, as XML demands, and leaves the escapes as they are.
            assert text_in_xml(str(cell.value)) == text_in_xml(text_in_xml(text)) or cell.value == text
            assert cell.style_id == 0 or cell.quotePrefix
            assert not formulas & {text, text.lstrip("=")}


@settings(dear, suppress_health_check=list(HealthCheck))
@given(plans())
def test_that_any_plan_that_can_be_stored_becomes_a_file_that_opens(plan: Plan) -> None:
    short = dataclasses.replace(
        plan, plan=dataclasses.replace(plan.plan, horizon_months=min(plan.plan.horizon_months, 14))
    )
    data = workbook_bytes(dataclasses.replace(short, scenarios=()))
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        for name in file.namelist():
            ElementTree.fromstring(file.read(name))
    assert "Results" in opened(data, read_only=True).sheetnames


def test_that_a_scenario_that_changes_the_layout_is_left_out_with_its_reason_and_can_stand_alone() -> None:
    plan = sample("flexible")
    kind = Scenario("c1", "All at index", ((f"power_contracts.{plan.power_contracts[0].id}.kind", "index"),))
    plan = dataclasses.replace(plan, scenarios=(kind,))
    columns, left_out = cases(plan)
    assert [case.id for case in columns] == ["base"]
    assert "kind" in left_out[0].reason
    words = [cell.value for row in opened(workbook_bytes(plan), read_only=True)["Read me"].iter_rows() for cell in row]
    assert "All at index" in words
    alone, _ = cases(plan, "c1")
    assert [case.name for case in alone] == ["All at index"]
    assert alone[0].plan.power_contracts[0].kind == "index"


def test_that_all_rates_of_return_are_listed_where_there_are_several() -> None:
    plan = sample("one-site")
    lot = dataclasses.replace(plan.asic_lots[0], purchase_price_usd_per_unit=900.0)
    plan = dataclasses.replace(
        plan,
        assumptions=dataclasses.replace(plan.assumptions, economic_shutdown=False),
        market=dataclasses.replace(plan.market, difficulty_growth_fraction_per_year=0.25),
        asic_lots=(lot,),
        scenarios=(),
    )
    roots = evaluate(plan).by_id[lot.id].irr_roots_fraction
    assert len(roots) > 1
    cells = [cell.value for cell in opened(workbook_bytes(plan))["IRR"][6]]
    assert [float(cell.lstrip("=")) for cell in cells[-2 * len(roots) :: 2]] == [pytest.approx(r) for r in roots]


def test_that_inputs_which_nothing_follows_say_so(book: Any) -> None:
    sheet = book["Inputs"]
    live = {row[0].value: row[-2].value for row in sheet.iter_rows(min_row=7)}
    plan = sample("briefing")
    for table, names in LAYOUT_FIELDS.items():
        for record in getattr(plan, table):
            for name in names:
                path = f"{table}.{record.id}.{name}"
                assert live.get(path, "no") == "no", path
                assert not is_live(plan, path)
    assert live["market.btc_price_usd"] == live["ai_offers.o1.first_rent_month"] == "yes"


# Recalculated


@needs_soffice
@pytest.mark.slow
def test_that_libreoffice_computes_what_busbar_does(tmp_path: Path) -> None:
    """As written, with each scenario switched on, and with inputs typed over: all at once, since it starts slowly."""
    written = {name: sample(name) for name in SAMPLES} | {f"drawn{seed}": drawn_plan(seed) for seed in DRAWN}
    data = {name: workbook_bytes(plan) for name, plan in written.items()}
    scenarios = [switch for name in ("briefing", "one-site", "drawn54") for switch in _switches(name, written, data)]
    changes = list(_changes())
    files = recalculated(tmp_path, data | {name: made for name, made, _ in [*scenarios, *changes]})
    assert len(files) == len(written) + len(scenarios) + len(changes)
    counted = {name: compare(files[name], plan) for name, plan in written.items()}
    assert all(counted[name] > 50 for name in SAMPLES)
    assert sum(counted.values()) > 1_500
    hours = [name for name, plan in written.items() if any(c.price_series_id for c in plan.power_contracts)]
    # At a crossover that is a value, formulas run the machines at its price and find them worth the offer.
    assert max(gap for name in hours if (gap := largest_gap(files[name])) is not None) <= CLOSE
    assert largest_gap(files["flexible"]) is not None
    for name in written:
        for _, busbar, own in reconciled(files[name]).values():
            assert (busbar == UNKNOWN) == (own == UNKNOWN)
    for name, _, plan in scenarios:
        compare(files[name], plan)
        for path, (unit, busbar, own) in reconciled(files[name]).items():
            assert difference(unit, None if busbar == UNKNOWN else busbar, own) <= CLOSE, (name, path)
    for name, _, plan in changes:
        # The scale of the price path at which machines equal an offer is a value where they stop by the hour.
        leave_out = "" if plan.power_contracts[0].kind == "fixed" else r"crossovers\..*(hashprice_usd|btc_price)"
        compare(files[name], plan, leave_out)
        assert any(busbar != own for _, busbar, own in reconciled(files[name]).values()), name


DRAWN = (53, 54, 76, 81, 97, 122, 131)
"""Together they have every kind of contract, hours that restarts smooth, monthly tables, and every kind of offer."""


def _switches(name: str, written: dict[str, Plan], data: dict[str, bytes]) -> Iterator[tuple[str, bytes, Plan]]:
    """A workbook with another scenario switched on, and the plan it has to come to."""
    columns, left_out = cases(written[name])
    assert not left_out
    for number, case in enumerate(columns[1:], start=2):
        plan = plan_for(written[name], scenario_by_name(written[name], case.id))
        yield f"{name}-{number}", switched(data[name], number), plan


CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "market": (
        "briefing",
        {
            "market.btc_price_usd": 95_000.0,
            "market.difficulty_growth_fraction_per_year": 0.12,
            "power_contracts.p1.energy_price_usd_per_mwh": 71.5,
            "sites.s1.mining_pue": 1.08,
            "assumptions.mining_discount_rate_fraction": 0.22,
            "assumptions.lease_discount_rate_fraction": 0.07,
            "ai_offers.o1.first_rent_month": "2028-02",
            "ai_offers.o1.escalator_fraction_per_year": 0.05,
        },
    ),
    "running": (
        "briefing",
        {
            "assumptions.economic_shutdown": False,
            "power_contracts.p1.adders_usd_per_mwh": 40.0,
            "ai_offers.o1.power_paid_by": "operator",
            "ai_offers.o1.summer_pue": 1.2,
        },
    ),
    "machines": ("one-site", {"asic_lots.a1.power_w": 3_100.0, "asic_lots.a1.purchase_price_usd_per_unit": 2_900.0}),
    "halving": (
        "own-gpus",
        {
            "market.block_height": 1_049_000,
            "market.fees_btc_per_block": 0.2,
            "ai_offers.o1.price_usd_per_gpu_hour": 3.4,
            "ai_offers.o1.ramp_months": 9,
        },
    ),
    "start": (
        "own-gpus",
        {
            "plan.start": "2027-11",
            "plan.horizon_months": 50,
            "ai_offers.o2.capex_months": 3,
            "ai_offers.o2.hall_residual_fraction": 0.4,
        },
    ),
    "block": ("flexible", {"power_contracts.p1.block_mw": 11.0, "power_contracts.p1.energy_price_usd_per_mwh": 52.0}),
    "charges": (
        "flexible",
        {"power_contracts.p1.demand_charge_usd_per_kw_month": 3.0, "market.btc_price_usd": 55_000.0},
    ),
}
"""By name a sample, and what is typed into its workbook and into Busbar."""


def _changes() -> Iterator[tuple[str, bytes, Plan]]:
    """Workbooks with inputs typed over, and the plan with the same inputs."""
    for name, (sample_name, entries) in CHANGES.items():
        plan = sample(sample_name)
        made = typed(base_workbook(sample_name), entries)
        for path, value in entries.items():
            assert fields.read(plan, path) != value, path
            assert is_live(plan, path), path
            plan = with_value(plan, path, value)
        yield name, made, plan
    # A monthly table: the first value on the sheet of tables.
    path = "power_contracts.p1.energy_price_usd_per_mwh"
    tables = [Schedule(("2026-04", "2027-09", "2031-01"), (first, 61.0, 44.0)) for first in (50.0, 75.0)]
    before, after = (fields.replace(dataclasses.replace(sample("own-gpus"), scenarios=()), path, t) for t in tables)
    yield "table", patched(workbook_bytes(before), {"C6": 75.0}, sheet="Tables"), after


def test_that_the_horizon_takes_no_more_months_than_there_are_rows(book: Any) -> None:
    sheet = book["Inputs"]
    (limit,) = (v for v in sheet.data_validations.dataValidation if "months" in (v.error or ""))
    assert (limit.formula1, limit.formula2) == ("1", "192")
    assert [sheet[f"C{cell.min_row}"].value for cell in limit.sqref.ranges] == ["Horizon"]


def test_that_more_scenarios_than_the_switch_takes_are_left_out_with_the_reason() -> None:
    many = tuple(Scenario(f"c{n}", f"Case {n}", (("market.btc_price_usd", 1e4 + n),)) for n in range(1, 261))
    columns, left_out = cases(dataclasses.replace(sample("own-gpus"), scenarios=many))
    assert len(columns) == 250
    assert left_out[0].name == "Case 250"
    assert "249 scenarios" in left_out[0].reason


def test_that_columns_are_lettered_as_spreadsheets_do() -> None:
    assert [letters(n) for n in (1, 26, 27, 52, 53, 702, 703)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
