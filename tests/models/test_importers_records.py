from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.defaults import add_to, empty_plan
from models.fields import Schedule, fields_of
from models.hours import HourlyValues
from models.importers import import_table, propose_mapping, read_table
from models.importers.mapping import DROPPED, UNUSED, USED
from models.importers.results import MAX_FINDINGS
from models.importers.values import CellError, number_in
from models.plan import AiOffer, AsicLot, Plan, PowerContract, PriceSeries, Site
from models.problems import PlanFileError, Severity
from models.samples import sample
from models.storage.plan_json import record_to_json
from models.storage.validity import problem_in
from tests.strategies import dear, records

WITH_PRICES = dataclasses.replace(
    sample("one-site"),
    price_series=(
        PriceSeries("h1", "North hub", hourly_usd_per_mwh=HourlyValues("2025-01-01T00:00Z", np.ones(8_760))),
    ),
)
TWO_SITES = add_to(empty_plan(), Site("s1", "North", 100.0, 60.0), Site("s2", "South", 50.0))


def imported(text: str, kind: str = "fleet", plan: Plan | None = None, **options: Any) -> Any:
    result = import_table(text.encode(), "file.csv", plan or sample("one-site"), kind, **options)
    assert problem_in(result.plan) is None
    return result


def messages(result: Any, code: str) -> list[str]:
    return [f.message for f in result.findings if f.code == f"import.{code}"]


# Machines


def test_that_the_plan_given_stays_as_it_was() -> None:
    plan = sample("one-site")
    before = plan.asic_lots
    result = imported("Model,Qty\nAntminer S21,10\n", plan=plan)
    assert plan.asic_lots is before
    assert len(result.plan.asic_lots) == len(before) + 1
    assert result.plan.ai_offers is plan.ai_offers


def test_that_good_lines_are_kept_and_every_bad_one_has_a_finding() -> None:
    result = imported(
        "Model,Qty,Hashrate (TH/s),Power (W),Uptime %\n"
        "S21,10,200,3500,95\n"
        "S21,many,200,3500,95\n"
        "S21,-5,200,3500,95\n"
        "S21,2.5,200,3500,95\n"
        ",10,200,3500,95\n"
        "S21,10,200,3500,950\n"
        "S21 Pro,11,234,3510,95\n"
    )
    assert [(lot.model, lot.count) for lot in result.records] == [("S21", 10), ("S21 Pro", 11)]
    bad = [f for f in result.findings if f.code == "import.line"]
    assert sorted(f.path for f in bad) == [
        "line 3, column 2 (Qty)",
        "line 4",
        "line 5, column 2 (Qty)",
        "line 6",
        "line 7",
    ]
    assert all(f.severity is Severity.ERROR for f in bad)
    assert result.rows == 7


def test_that_hashrate_power_and_efficiency_follow_from_one_another() -> None:
    result = imported(
        "Model,Qty,Hashrate (TH/s),Power (W),J/TH\n"
        "Acme One,10,200,,17.5\nAcme Two,10,,3500,17.5\nAcme Three,10,200,3500,25\n"
    )
    assert [(lot.hashrate_th_per_s, lot.power_w) for lot in result.records] == [(200.0, 3500.0)] * 3
    assert "17.5 J/TH, and the file says 25" in messages(result, "efficiency_contradicts")[0]


@pytest.mark.parametrize(("efficiency", "is_said"), [("30", True), ("17.5", False), ("", False)])
def test_that_an_efficiency_is_held_against_what_the_catalogue_says(efficiency: str, is_said: bool) -> None:
    result = imported(f"Model,Count,Efficiency\nAntminer S21,5,{efficiency}\n")
    assert [(lot.hashrate_th_per_s, lot.power_w) for lot in result.records] == [(200.0, 3500.0)]
    said = messages(result, "efficiency_contradicts")
    assert [("17.5 J/TH, and the file says 30" in text) for text in said] == [True] * is_said


def test_that_totals_of_a_line_are_divided_by_its_machines() -> None:
    (lot,) = imported("Model,Qty,Total hashrate (PH/s),Total power (MW)\nAcme One,1000,200,3.5\n").records
    assert (lot.hashrate_th_per_s, lot.power_w) == (200.0, 3500.0)
    (lot,) = imported("Model,Hashrate (TH/s),Power (W),Total hashrate (PH/s)\nAcme One,200,3500,200\n").records
    assert lot.count == 1000


def test_that_a_models_name_is_looked_up_and_the_source_is_said() -> None:
    result = imported("Maker,Model,Qty,Hashrate (TH/s)\nBitmain,Antminer S21,10,\nMicroBT,M60S,10,190\n")
    assert [(lot.hashrate_th_per_s, lot.power_w) for lot in result.records] == [(200.0, 3500.0), (190.0, 3441.0)]
    assert any("asicminervalue.com, 2026" in text for text in messages(result, "from_catalogue"))
    assert result.choices == ()


def test_that_of_several_machines_of_a_name_none_is_taken_until_one_is_chosen() -> None:
    text = "Maker,Model,Qty,Power (W)\nBitmain,T21,5,\nBitmain,S21 Pro,7,3510\nBitmain,S21,1,\n"
    result = imported(text)
    assert [(lot.model, lot.hashrate_th_per_s) for lot in result.records] == [("S21 Pro", 234.0), ("S21", 200.0)]
    assert "T21 may be Antminer T21 (190T) or Antminer T21 (180T)" in messages(result, "line")[0]
    assert result.choices == (("T21", ("Antminer T21 (190T)", "Antminer T21 (180T)")),)
    result = imported(text, machines={"T21": "Antminer T21 (180T)"})
    assert (result.records[0].hashrate_th_per_s, result.records[0].power_w) == (180.0, 3420.0)
    assert messages(result, "line") == []
    assert [model for model, _ in result.choices] == ["T21"]
    assert result.to_json()["choices"][0]["model"] == "T21"


def test_that_a_line_without_a_number_of_machines_is_a_finding() -> None:
    result = imported("Model,Qty\nAntminer S21,\n")
    assert result.records == ()
    assert "number of machines is missing" in messages(result, "line")[0]


def test_that_a_machine_nobody_knows_needs_its_figures() -> None:
    result = imported("Model,Qty\nToaster 9000,10\n")
    assert result.records == ()
    assert "hashrate and power of Toaster 9000 missing" in messages(result, "line")[0]
    assert result.plan == sample("one-site")


def test_that_a_price_per_terahash_becomes_one_per_machine() -> None:
    (lot,) = imported("Model,Qty,Hashrate (TH/s),Power (W),Price ($/TH)\nS21,10,200,3500,16\n").records
    assert lot.purchase_price_usd_per_unit == 3200.0


def test_that_a_price_in_another_currency_is_not_taken_for_dollars() -> None:
    result = imported("Model,Qty,Price (€)\nAntminer S21,10,3000\n")
    (lot,) = result.records
    assert lot.purchase_price_usd_per_unit == 0.0
    assert "Busbar counts in USD" in messages(result, "column_unusable")[0]


def test_that_defaults_of_new_lots_are_said_and_updates_keep_their_values() -> None:
    plan = sample("one-site")
    old = plan.asic_lots[0]
    result = imported("Model,Qty\nantminer s21 xp,9000\nAntminer S21,10\n", plan=plan)
    updated, added = result.records
    assert (updated.id, updated.count, updated.uptime_fraction) == (old.id, 9000, old.uptime_fraction)
    assert (updated.hashrate_th_per_s, updated.power_w) == (old.hashrate_th_per_s, old.power_w)
    assert (result.updated, result.added) == ((old.id,), (added.id,))
    assert "silent on Uptime, Pool fee" in messages(result, "defaults_used")[0]


def test_that_a_record_is_found_by_its_id_whatever_else_is_in_the_line() -> None:
    plan = sample("three-sites")
    result = imported("id,count,efficiency_j_per_th\na3,5900,18\na5,1,\nnew_1,1,\nno such,1,\n", plan=plan)
    assert result.updated == ("a3", "a5")
    changed = {lot.id: lot for lot in result.plan.asic_lots}
    assert (changed["a3"].count, changed["a3"].power_w) == (5900, 186.0 * 18)
    assert changed["a3"].site_id == "s2"
    assert changed["a5"].power_w == plan.asic_lots[4].power_w
    assert len(messages(result, "line")) == 2


def test_that_an_id_of_the_file_is_kept_where_it_can_be() -> None:
    result = imported("id,Model,Qty\nhall-3,S21,10\ns1,S21 XP,5\nbad id!,S19j XP,5\n")
    assert result.added == ("hall-3", "a3", "a4")
    assert len(messages(result, "id_replaced")) == 2


def test_that_two_lines_of_one_model_become_two_lots() -> None:
    result = imported("Model,Qty,Hashrate (TH/s),Power (W)\nS21,10,200,3500\nS21,20,195,3480\n")
    assert [lot.count for lot in result.records] == [10, 20]
    assert len(set(result.added)) == 2


@pytest.mark.parametrize(
    ("text", "options", "site"),
    [
        ("Site,Model,Qty\nsouth,S21,1\n", {}, "s2"),
        ("Site,Model,Qty\ns2,S21,1\n", {}, "s2"),
        ("Site,Model,Qty\nSou,S21,1\n", {}, "s2"),
        ("Model,Qty\nS21,1\n", {"site_id": "s2"}, "s2"),
        ("Site,Model,Qty\nElsewhere,S21,1\n", {"site_id": "s1"}, "s1"),
    ],
)
def test_that_a_line_finds_its_site(text: str, options: dict[str, str], site: str) -> None:
    (lot,) = imported(text, plan=TWO_SITES, **options).records
    assert lot.site_id == site


def test_that_a_line_without_a_site_says_which_there_are() -> None:
    assert "“North”, “South”" in messages(imported("Model,Qty\nS21,1\n", plan=TWO_SITES), "line")[0]
    assert "not in the plan" in messages(imported("Site,Model,Qty\nEast,S21,1\n", plan=TWO_SITES), "line")[0]
    with pytest.raises(PlanFileError, match="no site 's9'"):
        imported("Model,Qty\nS21,1\n", plan=TWO_SITES, site_id="s9")


def test_that_an_empty_plan_gets_the_sites_that_a_file_names_as_large_as_what_stands_on_them() -> None:
    text = "Site,Model,Qty,Hashrate (TH/s),Power (W)\n"
    text += "East,S21,1000,200,3500\nWest,S21,500,200,3500\nEast,T21,10,190,3610\n"
    result = imported(text + "Nowhere,S21,none,200,3500\n", plan=empty_plan())
    assert [(s.name, s.capacity_mw) for s in result.plan.sites] == [("East", 3.7), ("West", 1.9)]
    assert len(messages(result, "new_site")) == 2
    by_name = {s.name: s.id for s in result.plan.sites}
    assert [lot.site_id for lot in result.records] == [by_name["East"], by_name["West"], by_name["East"]]
    assert imported("Model,Qty\nS21,1\n", plan=empty_plan()).plan.sites[0].name == "Site 1"
    assert imported("Model,Qty\nS21,none\n", plan=empty_plan()).plan == empty_plan()


def test_that_a_table_without_the_needed_columns_says_what_it_saw() -> None:
    result = imported("Rack,Row,Note\n1,2,x\n")
    assert result.records == ()
    assert "“Model” and “Machines”" in messages(result, "no_column")[0]
    assert "“Rack”" in messages(result, "no_column")[0]


def test_that_a_number_in_the_wrong_unit_is_doubted_with_a_repair() -> None:
    result = imported("Model,Qty,Hashrate,Power\nAcme,10,200,3.5\n")
    (finding,) = [f for f in result.findings if f.code == "import.unit_doubtful"]
    (lot,) = result.records
    assert lot.power_w == 3.5
    assert finding.repairs[0].changes == ((f"asic_lots.{lot.id}.power_w", 3500.0),)


def test_that_a_flood_of_bad_lines_is_cut_short() -> None:
    result = imported("Model,Qty\n" + "".join(f"Toaster {n},1\n" for n in range(MAX_FINDINGS + 50)))
    assert len(result.findings) == MAX_FINDINGS + 1
    assert "further findings" in result.findings[-1].message


# Lists of single machines


def machine_list(count: int) -> str:
    headings = "IP,Status,Type,Working Mode,Hash Rate RT,Hash Rate avg,Elapsed,Pool 1,Worker 1,Firmware,MAC Address"
    lines = [
        f"10.0.0.{n},online,Antminer S19j Pro,normal,1 TH/s,{'0' if n == 0 else '102 TH/s'},1d,"
        f"stratum+tcp://pool.example:3333,acct.{n},v1,aa:bb:{n}"
        for n in range(count)
    ]
    return "\n".join([headings, *lines, "10.0.1.1,offline,WhatsMiner M50S_VH30,n,,,,,,,cc"]) + "\n"


def test_that_a_list_of_machines_is_counted_into_lots() -> None:
    result = imported(machine_list(12))
    s19, m50 = result.records
    assert (s19.model, s19.count, s19.hashrate_th_per_s, s19.power_w) == ("Antminer S19j Pro", 12, 102.0, 3068.0)
    assert (m50.count, m50.hashrate_th_per_s, m50.power_w) == (1, 126.0, 3276.0)
    assert result.rows == 13
    assert "1 of 12 Antminer S19j Pro report no hashrate" in messages(result, "machines_silent")[0]


def test_that_credentials_of_a_list_reach_nothing_that_is_returned() -> None:
    result = imported(machine_list(3))
    everything = json.dumps(result.to_json()) + repr(result)
    assert "pool.example" not in everything
    assert "acct." not in everything
    assert "“Pool 1”, “Worker 1”" in messages(result, "credentials_dropped")[0]
    assert {c["heading"]: c["fate"] for c in result.columns}["Worker 1"] == DROPPED


def test_that_machines_are_counted_by_site() -> None:
    text = "Site,Model,Serial\nNorth,S21,1\nSouth,S21,2\nNorth,S21,3\nNorth,s21,4\n"
    result = imported(text, plan=TWO_SITES)
    assert [(lot.site_id, lot.count) for lot in result.records] == [("s1", 3), ("s2", 1)]


def test_that_an_unknown_model_of_a_list_is_one_finding_for_all_its_machines() -> None:
    result = imported("IP,Type\n" + "10.0.0.1,Toaster\n" * 40)
    (text,) = messages(result, "line")
    assert "(40 lines)" in text


def test_that_the_reference_layouts_are_recognised(shared_data: Path) -> None:
    headings = (shared_data / "fleet_layouts" / "btctools_columns.csv").read_text(encoding="utf-8").strip()
    table = read_table((headings + "\n").encode(), "btc.csv", "fleet")
    mapping = propose_mapping(table, "fleet")
    assert mapping.one_row_per_machine
    fates = {c.heading: (c.field, c.fate) for c in mapping.columns}
    assert fates["Type"] == ("model", USED)
    assert fates["Hash Rate avg"] == ("hashrate_th_per_s", USED)
    assert fates["Worker 3"] == fates["Pool 1"] == (None, DROPPED)
    foreman = (shared_data / "fleet_layouts" / "foreman_on-boarding_test.csv").read_bytes()
    result = import_table(foreman, "foreman.csv", sample("one-site"), "fleet")
    assert "No column for “Model”" in messages(result, "no_column")[0]
    assert "pass_1" not in json.dumps(result.to_json())


# Contracts


def test_that_contracts_convert_their_prices_and_months() -> None:
    result = imported(
        "Site,Supplier,Rate ($/kWh),Delivery ($/MWh),Start,End,Volume (MW),Escalator\n"
        "North,Acme,0.0452,6,2026-04,Dec 2030,60,2%\n"
        "South,Beta,4.5 c/kWh,,,,,\n",
        "contracts",
        TWO_SITES,
    )
    first, second = result.records
    assert (first.energy_price_usd_per_mwh, first.adders_usd_per_mwh, first.contracted_mw) == (45.2, 6.0, 60.0)
    assert (first.start_month, first.end_month) == ("2026-04", "2030-12")
    assert (first.escalator_fraction_per_year, first.energy_price_growth_fraction_per_year) == (0.02, 0.0)
    assert (second.energy_price_usd_per_mwh, second.name, second.kind) == (45.0, "Beta", "fixed")


def test_that_contracts_without_a_price_or_with_dates_reversed_are_left_out() -> None:
    result = imported("Site,Name,Price,Start,End\ns1,A,,,\ns1,B,45,2027-01,2026-01\ns1,C,45,,\n", "contracts")
    assert [c.name for c in result.records] == ["C"]
    assert len(messages(result, "line")) == 2


def test_that_a_contract_price_per_kilowatt_hour_is_doubted() -> None:
    result = imported("Contract,Price\nA,0.045\nB,4.5\n", "contracts")
    repairs = [f.repairs[0].changes[0][1] for f in result.findings if f.code == "import.unit_doubtful"]
    assert repairs == [45.0, 45.0]


def test_that_a_kind_of_contract_that_is_unknown_is_named() -> None:
    result = imported("Contract,Type,Price\nA,fixed price,45\nB,barter,45\n", "contracts")
    assert [c.name for c in result.records] == ["A"]
    assert "“barter” is none of fixed" in messages(result, "line")[0]


KINDS_OF_CONTRACTS = (
    "Contract,Type,Price $/MWh,MW,Block MW,Min take %,Demand charge $/kW-mo,4CP share,TDU $/kW-yr,Capacity $/MW-day,"
    "Adder,Sell-back fee,Escalator,DR $/MW-yr,Start,End,Hub\n"
    "A,full requirements,45,20,,,,,,,,,,,2026-04,2030-12,\n"
    "B,Fixed block,38,30,,,,,,,2,1.5,2%,,,,North hub\n"
    "C,RT index,,,,,8.5,5%,62,,6.5,,,66000,,,h1\n"
    "D,block & index,36,,25,,,,,,,0.5,,,,,North hub\n"
    "E,ToP,41,,,85,,,,333.44,,,,,,,\n"
    "F,TOU,52,,,,,,,,,,,,,,\n"
    "G,BTM,28,,,,,,,,,,,,,,\n"
)


def test_that_contracts_of_every_kind_are_read_by_natural_headings() -> None:
    result = imported(KINDS_OF_CONTRACTS, "contracts", WITH_PRICES)
    assert [f for f in result.findings if f.severity is not Severity.INFO] == []
    kinds = "fixed block index block_and_index take_or_pay time_of_use behind_the_meter"
    assert [c.kind for c in result.records] == kinds.split()
    _, block, index, both, take, *_ = result.records
    assert (block.contracted_mw, block.price_series_id, block.sell_back_fee_usd_per_mwh) == (30.0, "h1", 1.5)
    assert (block.adders_usd_per_mwh, block.escalator_fraction_per_year) == (2.0, 0.02)
    assert (index.energy_price_usd_per_mwh, index.price_series_id, index.adders_usd_per_mwh) == (None, "h1", 6.5)
    assert (index.demand_charge_usd_per_kw_month, index.peak_share_fraction) == (8.5, 0.05)
    assert (index.transmission_usd_per_kw_year, index.demand_response_usd_per_mw_year) == (62.0, 66_000.0)
    assert (both.block_mw, both.contracted_mw) == (25.0, None)
    assert (take.take_fraction, take.capacity_usd_per_mw_day) == (0.85, 333.44)


def test_that_charges_convert_from_other_units() -> None:
    text = "Contract,Price c/kWh,TDU ($/kW-month),Capacity $/MW-year,Standby $/kW-year,Transmission $/MWh\n"
    (contract,) = imported(text + "A,4.5,5,120000,24,3\n", "contracts").records
    assert contract.energy_price_usd_per_mwh == 45.0
    assert contract.transmission_usd_per_kw_year == pytest.approx(60.0)
    assert contract.capacity_usd_per_mw_day == pytest.approx(120_000 / 365)
    assert contract.adders_usd_per_mwh == 3.0
    assert (contract.kind, contract.standby_usd_per_kw_month) == ("behind_the_meter", 2.0)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("A,block,,30,,h1", "energy price is missing"),
        ("A,block and index,40,,,h1", "block is missing"),
        ("A,barter,40,,,", "none of fixed, block, index"),
        ("A,index,,many,,h1", "cannot be read"),
        ("A,take or pay,,,,", "energy price is missing"),
    ],
)
def test_that_a_line_without_what_its_kind_needs_is_left_out_and_says_so(line: str, words: str) -> None:
    text = f"Contract,Kind,Price,MW,Block MW,Index\n{line}\nB,fixed,45,,,\n"
    result = imported(text, "contracts", WITH_PRICES)
    assert [c.name for c in result.records] == ["B"]
    assert words in " ".join(messages(result, "line"))


def test_that_a_number_of_another_kind_is_not_kept_and_index_prices_that_are_not_there_are_named() -> None:
    text = "Contract,Kind,Price,Min take,Index\nA,index,3,,h1\nB,fixed,45,80,\nC,index,,,South hub\n"
    result = imported(text, "contracts", WITH_PRICES)
    index, fixed, unknown = result.records
    assert (index.energy_price_usd_per_mwh, fixed.take_fraction) == (None, 0.8)
    assert "what comes on top of the index is its delivery" in messages(result, "not_of_kind")[0]
    assert unknown.price_series_id is None
    assert "“South hub” are not in the plan, which has “North hub”" in messages(result, "reference_unknown")[0]


def test_that_a_contract_that_names_a_hub_finds_the_imported_prices_of_it() -> None:
    def named(*names: str) -> Plan:
        given = WITH_PRICES.price_series[0]
        series = (dataclasses.replace(given, id=f"h{k}", name=name) for k, name in enumerate(names, start=1))
        return dataclasses.replace(WITH_PRICES, price_series=tuple(series))

    text = "Contract,Kind,Hub\nA,index,HB_NORTH\n"
    result = imported(text, "contracts", named("ERCOT HB_NORTH 2024–2025", "ERCOT HB_NORTHWEST 2025"))
    assert result.records[0].price_series_id == "h1"
    assert "“HB_NORTH” were taken to be “ERCOT HB_NORTH 2024–2025”" in messages(result, "reference_taken")[0]
    # Which of two is meant cannot be known.
    result = imported(text, "contracts", named("ERCOT HB_NORTH 2024", "ERCOT HB_NORTH 2025"))
    assert result.records[0].price_series_id is None
    assert messages(result, "reference_unknown")


def test_that_a_fleet_larger_than_any_site_makes_a_plan_all_the_same_and_is_doubted() -> None:
    result = imported("Model,Qty,Power (W)\nAntminer S21,2000000,3500000\n", plan=empty_plan())
    assert [site.capacity_mw for site in result.plan.sites] == [100_000.0]
    (doubt,) = [f for f in result.findings if f.code == "import.new_site"]
    assert doubt.severity is Severity.WARNING
    assert "were imported to it" in doubt.message


def test_that_a_new_site_is_as_large_as_its_contracts_in_one_month() -> None:
    text = "Site,Contract,Kind,Price,Contracted MW,Start,End\n"
    text += "East,Old,fixed,40,20,,2026-12\nEast,New,fixed,38,30,2027-01,\nEast,Beside,fixed,45,12.5,2026-07,2027-06\n"
    result = imported(text, "contracts", empty_plan())
    assert [(s.name, s.capacity_mw) for s in result.plan.sites] == [("East", 42.5)]  # 30 + 12.5 from January 2027


def test_that_a_kind_is_understood_from_its_numbers() -> None:
    text = "Contract,Price,Block MW,Min take,Index\nA,40,20,,h1\nB,45,,90%,\nC,,,,h1\nD,45,,,\n"
    result = imported(text, "contracts", WITH_PRICES)
    assert [c.kind for c in result.records] == ["block_and_index", "take_or_pay", "index", "fixed"]
    assert len(messages(result, "kind_understood")) == 3


# Offers


def test_that_an_offer_in_contract_value_becomes_a_first_year_rent() -> None:
    result = imported(
        "Offer,Site,IT MW,Gross MW,TCV ($bn),Term (years),Escalator,NOI margin,Capex ($M/MW),Power,First rent\n"
        "River,North,245,330,7.0,15,3%,98.6%,11,pass-through,Q2 2027\n",
        "offers",
        TWO_SITES,
    )
    (offer,) = result.records
    assert offer.rent_usd_per_it_kw_month == pytest.approx(128.0157, abs=1e-4)
    assert offer.gross_mw_per_it_mw == pytest.approx(330 / 245, rel=1e-5)
    assert (offer.term_months, offer.escalator_fraction_per_year, offer.first_rent_month) == (180, 0.03, "2027-06")
    assert offer.opex_fraction_of_rent == pytest.approx(0.014)
    assert (offer.capex_usd_per_it_mw, offer.power_paid_by, offer.kind) == (11e6, "tenant", "lease")


@pytest.mark.parametrize(
    ("heading", "cell", "rent"),
    [
        ("Rent ($/kW-month)", "128", 128.0),
        ("Rent ($/kW-year)", "1536", 128.0),
        ("Rent ($/MW-year)", "1536000", 128.0),
        ("Rent", "$128/kW-month", 128.0),
        ("Annual rent ($M)", "30.72", 128.0),
    ],
)
def test_that_rents_of_every_basis_are_converted(heading: str, cell: str, rent: float) -> None:
    (offer,) = imported(f"Offer,IT MW,Term (months),{heading}\nA,20,180,{cell}\n", "offers").records
    assert offer.rent_usd_per_it_kw_month == pytest.approx(rent, rel=1e-12)


@pytest.mark.parametrize(
    "table", ["Model,Qty,TH/s,Power (W)\nS21,10,200,3.441\n", "Model,Qty,TH/s,Power\nS21,10,200,3.441 W\n"]
)
def test_that_kilowatts_under_a_heading_in_watts_are_doubted(table: str) -> None:
    result = imported(table)
    (finding,) = [f for f in result.findings if f.severity is Severity.WARNING]
    assert "kW for W" in finding.message
    assert finding.repairs[0].changes == ((f"asic_lots.{result.records[0].id}.power_w", 3441.0),)


def test_that_a_rent_per_year_without_its_unit_is_doubted() -> None:
    result = imported("Offer,IT MW,Term,Rent\nA,20,15,1536\n", "offers")
    (finding,) = [f for f in result.findings if f.code == "import.unit_doubtful"]
    assert "$/kW-year" in finding.message
    assert finding.repairs[0].changes[0][1] == 128.0
    assert result.records[0].term_months == 180
    assert "read as years" in messages(result, "term_in_years")[0]


@pytest.mark.parametrize(
    ("table", "meant"),
    [
        ("Offer,IT MW,Term,Rent\nA,20,180,12800\n", 128.0),
        ("Offer,GPUs,kW per GPU,GPU price,Term\nA,5000,1.8,290,60\n", 2.9),
    ],
)
def test_that_cents_without_their_unit_are_doubted(table: str, meant: float) -> None:
    (finding,) = [f for f in imported(table, "offers").findings if f.code == "import.unit_doubtful"]
    assert finding.repairs[0].changes[0][1] == pytest.approx(meant)


def test_that_own_gpus_are_recognised_by_their_columns() -> None:
    result = imported(
        "Offer,GPUs,kW per GPU,$/GPU-hr,Term (years),Utilisation,Capex per GPU\nCloud,5000,1.8,2.35,5,80%,50000\n",
        "offers",
    )
    (offer,) = result.records
    assert (offer.kind, offer.critical_it_mw, offer.it_kw_per_gpu) == ("gpu_cloud", 9.0, 1.8)
    assert (offer.price_usd_per_gpu_hour, offer.utilisation_fraction, offer.term_months) == (2.35, 0.8, 60)


def test_that_a_whole_halls_capex_is_spread_over_its_megawatts() -> None:
    result = imported("Offer,IT MW,Rent ($/kW-month),Capex (USD)\nA,20,128,220000000\n", "offers")
    assert result.records[0].capex_usd_per_it_mw == 11e6
    assert messages(result, "capex_is_total")


def test_that_an_offer_needs_a_size_and_a_price() -> None:
    result = imported("Offer,IT MW,Rent ($/kW-month)\nA,20,\nB,,128\nC,20,128\n", "offers")
    assert [o.name for o in result.records] == ["C"]
    assert "neither a rent nor a contract value" in " ".join(messages(result, "line"))
    assert "planner defaults" in messages(result, "defaults_used")[0]


TWINS = add_to(empty_plan(), Site("s1", "North", 100.0, 60.0), Site("s2", "North", 50.0), Site("s3", "South", 9.0))


def test_that_of_two_sites_of_one_name_an_import_asks_for_the_id() -> None:
    text = "Site,Model,Qty\nNorth,Antminer S21,5\ns2,Antminer S21,6\nSouth,Antminer S21,7\n"
    result = imported(text, plan=TWINS)
    assert [(lot.site_id, lot.count) for lot in result.records] == [("s2", 6), ("s3", 7)]
    (said,) = messages(result, "line")
    assert "“North” is the name of s1 and s2; write the id" in said
    told = imported(text, plan=TWINS, site_id="s2")
    assert [(lot.site_id, lot.count) for lot in told.records] == [("s2", 5), ("s2", 6), ("s3", 7)]


def test_that_a_beginning_which_two_sites_of_one_name_share_asks_for_the_id() -> None:
    text = "Site,Model,Qty\nNor,Antminer S21,5\nSou,Antminer S21,7\n"
    result = imported(text, plan=TWINS)
    assert [(lot.site_id, lot.count) for lot in result.records] == [("s3", 7)]
    (said,) = messages(result, "line")
    assert "“North” is the name of s1 and s2; write the id" in said
    told = imported(text, plan=TWINS, site_id="s2")
    assert [(lot.site_id, lot.count) for lot in told.records] == [("s2", 5), ("s3", 7)]
    assert "“Nor” was taken for the site “North”" in messages(told, "site_understood")[0]
    (said,) = messages(imported(text, plan=add_to(TWINS, Site("s4", "Norwich", 9.0))), "line")
    assert "Site “Nor” is not in the plan" in said


def test_that_of_two_price_series_of_one_name_a_contract_takes_neither() -> None:
    hours = HourlyValues("2025-01-01T00:00Z", np.ones(8_760))
    plan = dataclasses.replace(
        sample("one-site"),
        price_series=tuple(PriceSeries(key, "Hub", hourly_usd_per_mwh=hours) for key in ("h1", "h2")),
    )
    text = "Contract,Kind,Hub\nA,index,Hub\nB,index,h2\n"
    result = imported(text, "contracts", plan=plan)
    assert [contract.price_series_id for contract in result.records] == [None, "h2"]
    assert "h1 and h2" in messages(result, "reference_unknown")[0]


@pytest.mark.parametrize(
    ("columns", "cells", "label"),
    [
        ("IT MW,Contract value (USD),Escalator", "100,3000000000,1e300", "Escalator must lie"),
        ("IT MW,Contract value (USD),Term (months)", "100,3000000000,0", "Term must lie"),
        ("Gross MW,Gross per IT,Rent ($/kW-month)", "100,0,130", "Gross per IT must lie"),
    ],
)
def test_that_what_an_offers_figures_are_divided_by_is_looked_at_first(columns: str, cells: str, label: str) -> None:
    result = imported(f"Offer,{columns}\nDeal,{cells}\n", "offers")
    assert result.records == ()
    (said,) = messages(result, "line")
    assert said.startswith("Line 2 was left out")
    assert label in said


def test_that_a_total_over_next_to_nothing_is_no_number_of_machines() -> None:
    result = imported("Model,Total power (W),Power (W)\nAntminer S21,1e300,1e-300\n")
    assert result.records == ()
    assert "Line 2 was left out" in messages(result, "line")[0]


def test_that_an_update_of_an_offer_leaves_the_rest_alone() -> None:
    plan = sample("own-gpus")
    result = imported("id,price_usd_per_gpu_hour\no2,2.60\n", "offers", plan)
    old, new = plan.ai_offers[1], result.plan.ai_offers[1]
    assert new.price_usd_per_gpu_hour == 2.60
    assert [f.name for f in fields_of(AiOffer) if getattr(old, f.name) != getattr(new, f.name)] == [
        "price_usd_per_gpu_hour"
    ]


# What every kind promises


@pytest.mark.parametrize(
    ("kind", "table"), [("fleet", "asic_lots"), ("contracts", "power_contracts"), ("offers", "ai_offers")]
)
@pytest.mark.parametrize("name", ["briefing", "three-sites", "own-gpus"])
def test_that_a_table_with_busbars_own_names_changes_nothing(kind: str, table: str, name: str) -> None:
    plan = sample(name)
    rows = [record_to_json(record) for record in getattr(plan, table)]
    names = list(dict.fromkeys(n for row in rows for n in row))
    lines = [names] + [[("" if row.get(n) is None else str(row[n])) for n in names] for row in rows]
    text = "\n".join("\t".join(line) for line in lines) + "\n"
    result = imported(text, kind, plan)
    assert result.plan == plan
    assert set(result.updated) == {r.id for r in getattr(plan, table)}


@dear
@given(st.data())
def test_that_contracts_of_every_kind_written_with_busbars_own_names_are_read_back(data: st.DataObject) -> None:
    ids = {"sites": ["s1"], "price_series": ["h1"]}
    count = data.draw(st.integers(1, 4))
    drawn = [data.draw(records("power_contracts", ids, f"q{n}", usual=True)) for n in range(count)]
    # A cell holds one number; what a line cannot be without is there; a contract is not over before it begins.
    contracts = tuple(plain(c) for c in drawn)
    plan = dataclasses.replace(WITH_PRICES, power_contracts=contracts)
    rows = [record_to_json(c) for c in contracts]
    names = list(dict.fromkeys(n for row in rows for n in row))
    lines = [names] + [["" if row.get(n) is None else str(row[n]) for n in names] for row in rows]
    result = imported("\n".join("\t".join(line) for line in lines) + "\n", "contracts", plan)
    assert result.plan == plan
    assert set(result.updated) == {c.id for c in contracts}


def plain(contract: PowerContract) -> PowerContract:
    """A contract as one line of a table can hold it: numbers of twelve digits, a name without marks."""
    changes: dict[str, Any] = {"name": f"Contract {contract.id}"}
    for field in fields_of(PowerContract):
        value = getattr(contract, field.name)
        if isinstance(value, Schedule):
            value = value.values[0]
        if isinstance(value, float):
            changes[field.name] = float(f"{value:.12g}")
    if contract.start_month and contract.end_month and contract.end_month < contract.start_month:
        changes["end_month"] = contract.start_month
    return dataclasses.replace(contract, **changes)


def test_that_the_user_may_choose_columns() -> None:
    text = "What,How many,Hashes,Drink\nAcme,10,200,3500\n"
    chosen = {"What": "model", "How many": "count", 2: "hashrate_th_per_s", "Drink": "power_w"}
    (lot,) = imported(text, mapping=chosen).records
    assert (lot.model, lot.count, lot.hashrate_th_per_s, lot.power_w) == ("Acme", 10, 200.0, 3500.0)
    result = imported("Model,Qty,Hashrate (TH/s),Power (W),Price\nS21,10,200,3500,999\n", mapping={"Price": None})
    assert result.records[0].purchase_price_usd_per_unit == 0.0
    assert {c["heading"]: c["fate"] for c in result.columns}["Price"] == UNUSED


def test_that_the_answer_for_machines_has_the_agreed_keys() -> None:
    answer = imported("Model,Qty\nAntminer S21,10\nToaster,1\n").to_json()
    assert answer["rows"] == 2
    assert answer["records"][0]["model"] == "Antminer S21"
    assert {f["severity"] for f in answer["findings"]} >= {"error", "info"}
    json.dumps(answer)


def test_that_an_unknown_kind_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="no import of 'meter'"):
        imported("a,b\n1,2\n", "meter")


def test_that_record_types_are_those_of_the_plan() -> None:
    assert isinstance(imported("Model,Qty\nS21,1\n").records[0], AsicLot)
    assert isinstance(imported("Name,Price\nA,45\n", "contracts").records[0], PowerContract)


@pytest.mark.parametrize("cell", ["5-10", "3/4/2027", "12+3", "(500)"])
def test_that_a_range_a_date_or_a_sum_in_a_table_is_no_number(cell: str) -> None:
    with pytest.raises(CellError, match=r"one number|negative"):
        number_in(cell, "MW")
