"""A market pack: read from JSON and CSV, compared with the plan, applied, written; and files that are none."""

from __future__ import annotations

import io
import json
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.drivers import HASHPRICE
from models.evidence import oldest_driver, register
from models.importers import import_table
from models.market_pack import MAX_BYTES, apply_pack, changes, is_pack, read_pack
from models.market_pack_out import pack_csv, pack_json
from models.problems import PlanFileError
from models.samples import sample
from models.storage.validity import problem_in

VALUES = {
    "market.btc_price_usd": 91_000,
    "market.difficulty": 1.4e14,
    "market.block_height": 976_600,
    "market.fees_btc_per_block": 0.02,
}


def pack_file(**changed: Any) -> bytes:
    content = {"busbar_market": 1, "as_of": "2026-11-20", "source": "Desk", "values": VALUES} | changed
    return json.dumps(content).encode()


def test_that_a_pack_moves_the_market_and_says_where_it_is_from() -> None:
    plan = apply_pack(sample("briefing"), read_pack(pack_file(), "pack.json"))
    market = plan.market
    assert (market.btc_price_usd, market.difficulty, market.block_height) == (91_000.0, 1.4e14, 976_600)
    assert (market.as_of, market.source) == ("2026-11-20", "Desk")
    about = [e for e in plan.evidence if e.path == "market.difficulty"]
    assert [(e.source, e.date) for e in about] == [("Desk", "2026-11-20")]
    assert [(o.path, o.date, o.value) for o in plan.observations][:2] == [
        ("market.btc_price_usd", "2026-11-20", 91_000.0),
        ("market.difficulty", "2026-11-20", 1.4e14),
    ]
    assert problem_in(plan) is None


@pytest.mark.parametrize("form", ["pack", "table"])
def test_that_nothing_known_of_old_values_stays_on_new_ones_without_a_day(form: str) -> None:
    if form == "pack":
        plan = apply_pack(sample("briefing"), read_pack(b'{"busbar_market":1,"values":{"price":91000}}', "pack.json"))
    else:
        plan = import_table(b"BTC price,91000\n", "market.csv", sample("briefing"), "market").plan
    assert (plan.market.btc_price_usd, plan.market.as_of) == (91_000.0, "")
    assert "briefing" not in plan.market.source
    entries = {e.path: e for e in register(plan, date(2026, 5, 1))}
    price, difficulty = entries["market.btc_price_usd"], entries["market.difficulty"]
    assert (price.day, price.state) == ("", "undated")
    assert (difficulty.day, difficulty.source) == ("2026-03-21", "Blockto")


def test_that_a_value_without_a_day_does_not_take_the_day_of_another() -> None:
    values = {"market.difficulty": [{"date": "2026-11-20", "value": 1.4e14}], "market.btc_price_usd": 91_000}
    file = pack_file(values=values, as_of="", source="")
    plan = apply_pack(sample("briefing"), read_pack(file, "pack.json"))
    entries = {e.path: e.day for e in register(plan, date(2026, 12, 1))}
    assert (entries["market.difficulty"], entries["market.btc_price_usd"]) == ("2026-11-20", "")


def test_that_a_pack_that_no_plan_can_take_is_refused_in_one_sentence() -> None:
    pack = read_pack(pack_file(values={HASHPRICE: 1e7}), "pack.json")
    with pytest.raises(PlanFileError, match=r"pack\.json: .*BTC price must lie between"):
        apply_pack(sample("briefing"), pack)


def test_that_half_a_character_in_a_source_leaves_its_value_out() -> None:
    entries = [{"date": "2026-11-19", "value": 1.3e14}, {"date": "2026-11-20", "value": 1.4e14, "source": "\ud800"}]
    pack = read_pack(pack_file(values={"market.difficulty": entries}), "pack.json")
    plan = apply_pack(sample("briefing"), pack)
    assert (plan.market.difficulty, problem_in(plan)) == (1.3e14, None)
    assert [f.path for f in pack.findings if f.code == "import.line"] == ["values.market.difficulty"]


def test_that_a_table_whose_name_is_no_text_is_a_source_as_well_as_it_can_be() -> None:
    pack = read_pack(desk_csv(), "m\udce4rz.csv")
    assert apply_pack(sample("briefing"), pack).market.source == "m?rz.csv"


def test_that_a_price_is_not_as_new_as_a_hashprice_that_is_only_observed() -> None:
    values = {
        "market.btc_price_usd": [{"date": "2026-11-19", "value": 91_000}],
        HASHPRICE: [{"date": "2026-11-20", "value": 40}],
    }
    plan = apply_pack(sample("briefing"), read_pack(pack_file(values=values), "pack.json"))
    assert plan.market.as_of == "2026-11-19"


def test_that_the_preview_names_now_new_and_change() -> None:
    found = {c.path: c for c in changes(sample("briefing"), read_pack(pack_file(), "pack.json"))}
    price = found["market.btc_price_usd"]
    assert (price.now, price.new, price.date, price.is_older) == (70_168.57, 91_000.0, "2026-11-20", False)
    assert price.change_fraction == pytest.approx(91_000 / 70_168.57 - 1)
    old = changes(sample("briefing"), read_pack(pack_file(as_of="2026-01-05"), "pack.json"))
    assert all(c.is_older for c in old)


def test_that_of_several_days_the_newest_is_the_plans_and_all_are_observed() -> None:
    text = (
        "path,value,unit,date,source\n"
        "market.difficulty,138,T,2026-11-06,Desk\n"
        "market.difficulty,140,T,2026-11-20,Desk\n"
        "market.difficulty,139,T,2026-11-13,Desk\n"
        "BTC price,90000,,2026-11-20,Desk\n"
    )
    plan = apply_pack(sample("briefing"), read_pack(text.encode(), "pack.csv"))
    assert plan.market.difficulty == pytest.approx(140e12)
    assert plan.market.btc_price_usd == 90_000.0
    days = [o.date for o in plan.observations if o.path == "market.difficulty"]
    assert days == ["2026-11-06", "2026-11-13", "2026-11-20"]
    again = apply_pack(plan, read_pack(text.encode(), "pack.csv"))
    assert [(o.path, o.date, o.value) for o in again.observations] == [
        (o.path, o.date, o.value) for o in plan.observations
    ]


def test_that_json_may_hold_several_days_of_one_value() -> None:
    values = {"market.difficulty": [{"date": "2026-11-06", "value": 1.38e14}, {"date": "2026-11-20", "value": 1.4e14}]}
    pack = read_pack(pack_file(values=values), "pack.json")
    assert [(v.date, v.value, v.source) for v in pack.values] == [
        ("2026-11-06", 1.38e14, "Desk"),
        ("2026-11-20", 1.4e14, "Desk"),
    ]


def test_that_a_hashprice_moves_the_price_only_where_no_price_is_given() -> None:
    alone = read_pack(b"path,value,date\nmarket.hashprice_usd_per_ph_day,40,2026-11-20\n", "pack.csv")
    # $40 at 133.79 T and fees of 1 % needs $84,286.57 (economics 1.6).
    assert apply_pack(sample("briefing"), alone).market.btc_price_usd == pytest.approx(84_286.57, abs=0.01)
    both = read_pack(pack_file(values=VALUES | {"market.hashprice_usd_per_ph_day": 45}), "pack.json")
    plan = apply_pack(sample("briefing"), both)
    assert plan.market.btc_price_usd == 91_000.0
    assert any(o.path == "market.hashprice_usd_per_ph_day" and o.value == 45 for o in plan.observations)


def test_that_unknown_names_and_bad_values_are_named_by_line() -> None:
    text = (
        b"path,value,date\nmarket.weather,1,2026-11-20\nmarket.difficulty,-3,2026-11-20\nmarket.difficulty,140T,soon\n"
    )
    pack = read_pack(text + b"market.btc_price_usd,90000,2026-11-20\n", "pack.csv")
    assert [v.path for v in pack.values] == ["market.btc_price_usd"]
    assert [f.path for f in pack.findings] == ["line 2", "line 3", "line 4"]
    assert "market.weather" in pack.findings[0].message
    assert "soon" in pack.findings[2].message


@pytest.mark.parametrize(("written", "name"), [(pack_json, "market.json"), (pack_csv, "market.csv")])
def test_that_an_exported_pack_changes_nothing_where_it_comes_from(written: Any, name: str) -> None:
    plan = sample("briefing")
    assert written(plan).startswith(b"{") == name.endswith("json")
    pack = read_pack(written(plan), name)
    assert all(c.change_fraction == 0.0 and not c.is_older for c in changes(plan, pack))
    assert apply_pack(plan, pack).market == plan.market


@pytest.mark.parametrize(("written", "name"), [(pack_json, "market.json"), (pack_csv, "market.csv")])
def test_that_an_exported_value_keeps_its_own_day(written: Any, name: str) -> None:
    hashprice = b"path,value,date,source\nmarket.hashprice_usd_per_ph_day,29.5,2026-11-20,Desk\n"
    plan = apply_pack(sample("briefing"), read_pack(hashprice, "desk.csv"))
    days = {v.path: (v.date, v.source) for v in read_pack(written(plan), name).values}
    assert days["market.btc_price_usd"] == ("2026-11-20", "Desk"), "the hashprice of that day moved it"
    assert days["market.difficulty"] == ("2026-03-21", "Blockto"), "nobody has read it since"


def test_that_a_pack_makes_the_market_fresh_again() -> None:
    from datetime import date

    as_of = date(2026, 11, 28)
    plan = apply_pack(sample("briefing"), read_pack(pack_file(), "pack.json"))
    ages = {e.path: e.age_days for e in register(plan, as_of)}
    assert ages["market.difficulty"] == 8.0
    oldest = oldest_driver(plan, as_of)
    assert oldest is not None
    assert oldest.path == "power_contracts.p1.energy_price_usd_per_mwh"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty"),
        (b"{", "not JSON"),
        (b'{"busbar_plan": 1}', "no market pack"),
        (b'{"busbar_market": 2, "values": {}}', "format"),
        (b'{"busbar_market": true, "values": {}}', "format"),
        (b'{"busbar_market": 1}', "no values"),
        (b'{"busbar_market": 1, "values": []}', "no values"),
        (b'{"busbar_market": 1, "values": {}}', "no values"),
        (b'{"busbar_market": 1, "values": {"market.difficulty": null}}', "missing"),
        (b'{"busbar_market": 1, "values": {"market.difficulty": NaN}}', "number"),
        (b'{"busbar_market": 1, "values": {"market.difficulty": 1' + b"0" * 400 + b"}}", "number"),
        (b'{"busbar_market": 1, "as_of": 5, "values": {"market.difficulty": 1e14}}', "no text"),
        (b"[" * 100_000, "no market pack"),
        (b"hello,world\n1,2\n", "no market pack"),
        (b"\x00\x01\x02\xff" * 64, ""),
        (b" " * (MAX_BYTES + 1), "too large"),
    ],
)
def test_that_a_file_that_is_no_pack_is_answered_in_one_sentence(data: bytes, what: str) -> None:
    with pytest.raises(PlanFileError) as caught:
        read_pack(data, "mail.json")
    assert what in caught.value.what
    assert caught.value.remedy
    assert "\n" not in caught.value.what


@given(st.binary(max_size=300) | st.builds(lambda b: b'{"busbar_market": 1, ' + b, st.binary(max_size=100)))
def test_that_no_file_can_break_the_reader(data: bytes) -> None:
    try:
        pack = read_pack(data, "mail.bin")
    except PlanFileError:
        return
    plan = apply_pack(sample("briefing"), pack)
    assert problem_in(plan) is None


def test_that_a_pack_is_known_by_its_beginning() -> None:
    assert is_pack(pack_file())
    assert is_pack(b"\xef\xbb\xbfPath;Value;Date\n")
    assert not is_pack(b"BTC price,80000\n")
    assert not is_pack(b"")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (pack_file(date="2026-11-20"), "“date” is no key of a market pack and was not read; perhaps “as_of” is meant."),
        (
            pack_file(As_Of="2026-11-20"),
            "“As_Of” is no key of a market pack and was not read; perhaps “as_of” is meant.",
        ),
        (
            pack_file(sources="Desk"),
            "“sources” is no key of a market pack and was not read; perhaps “source” is meant.",
        ),
        (pack_file(zebra=1), "“zebra” is no key of a market pack and was not read."),
        (
            pack_file(values={"market.difficulty": [{"as_of": "2026-11-19", "value": 1.4e14}] * 2}),
            "“as_of” is no key of a value in a pack and was not read; perhaps “date” is meant.",
        ),
        (
            b"path,value,day\nmarket.difficulty,140T,2026-11-20\nmarket.difficulty,141T,2026-11-21\n",
            "“day” is no column of a market pack and was not read; perhaps “date” is meant.",
        ),
    ],
)
def test_that_a_key_which_nobody_reads_is_said_once_with_the_nearest_known_one(data: bytes, said: str) -> None:
    pack = read_pack(data, "pack")
    assert pack.values, "what can be read is read"
    assert [f.message for f in pack.findings if f.code == "import.unknown_key"] == [said]


def test_that_misspelled_values_are_named() -> None:
    with pytest.raises(PlanFileError, match=r'list them under "values", not under "vales"'):
        read_pack(json.dumps({"busbar_market": 1, "vales": VALUES}).encode(), "pack.json")
    pack = read_pack(pack_file(values=VALUES | {"market.btc_price": 1}), "pack.json")
    assert "perhaps “market.btc_price_usd” is meant" in pack.findings[0].message
    pack = read_pack(pack_file(values=VALUES | {"market.fees": 1}), "pack.json")
    assert "perhaps “market.fees_btc_per_block” is meant" in pack.findings[0].message


def test_that_a_pack_without_unknown_keys_says_nothing() -> None:
    assert read_pack(pack_file(), "pack.json").findings == ()


DESK = (
    ("key", "value", "unit", "as_of"),
    ("btc_price", 98_000, "USD", "2026-11-20"),
    ("difficulty", 150.1, "T", "2026-11-20"),
    ("fees per block", 0.03, "BTC", "2026-11-18"),
    ("Block height", 950_000, "", "2026-11-20"),
)
"""What a desk keeps: its own names, the unit beside the number, the day of each."""


def desk_csv(rows: Any = DESK, mark: str = ",") -> bytes:
    return "".join(mark.join(str(cell) for cell in row) + "\n" for row in rows).encode()


def desk_workbook(rows: Any = DESK) -> bytes:
    import openpyxl

    book, stream = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    sheet.append(["Market, weekly"])
    for row in rows:
        sheet.append([datetime.fromisoformat(c) if str(c).startswith("2026") else c for c in row])
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "name"), [(desk_csv(), "desk.csv"), (desk_csv(mark=";"), "desk.csv"), (desk_workbook(), "desk.xlsx")]
)
def test_that_a_table_of_other_hands_is_a_pack_with_units_and_days(data: bytes, name: str) -> None:
    assert is_pack(data, name)
    pack = read_pack(data, name)
    assert pack.findings == ()
    plan = apply_pack(sample("briefing"), pack)
    market = plan.market
    assert (market.btc_price_usd, market.fees_btc_per_block, market.block_height) == (98_000.0, 0.03, 950_000)
    assert market.difficulty == pytest.approx(150.1e12, rel=1e-12)
    assert (market.as_of, market.source) == ("2026-11-20", name)
    about = {
        e.path.partition(".")[2]: (e.source, e.date, e.note) for e in plan.evidence if e.path.startswith("market.")
    }
    assert about["btc_price_usd"] == (name, "2026-11-20", "Stated as 98000 USD.")
    assert about["difficulty"] == (name, "2026-11-20", "Stated as 150.1 T.")
    assert about["fees_btc_per_block"] == (name, "2026-11-18", "Stated as 0.03 BTC.")
    assert about["block_height"] == (name, "2026-11-20", "")
    assert problem_in(plan) is None


def test_that_a_wrong_unit_an_unknown_key_and_a_missing_day_are_findings_of_their_lines() -> None:
    rows = (
        *DESK,
        ("btc price", 90_000, "EUR", "2026-11-21"),
        ("difficulty", 150, "USD", "2026-11-21"),
        ("weather", 5, "C", "2026-11-21"),
        ("btc price", 99_000, "USD", "soon"),
        ("btc price", 97_000, "USD", "21.11.2026"),
    )
    pack = read_pack(desk_csv(rows), "desk.csv")
    assert [f.path for f in pack.findings] == ["line 6", "line 7", "line 8", "line 9"]
    for finding, word in zip(pack.findings, ("EUR", "$", "weather", "soon"), strict=True):
        assert word in finding.message
    newest = pack.newest["market.btc_price_usd"]
    assert (newest.value, newest.date) == (97_000.0, "2026-11-21")


def test_that_a_decimal_comma_is_read_in_a_table_cut_with_semicolons() -> None:
    text = (
        "Figure;Value;Unit;Date;Source\nBTC price;91.000,50;USD;20.11.2026;Desk\nDifficulty;140,25;T;20.11.2026;Desk\n"
    )
    pack = read_pack(text.encode(), "desk.csv")
    assert [(v.value, v.date, v.source) for v in pack.values] == [
        (91_000.5, "2026-11-20", "Desk"),
        (pytest.approx(140.25e12, rel=1e-12), "2026-11-20", "Desk"),
    ]


def test_that_a_table_of_other_things_is_no_pack() -> None:
    assert not is_pack(b"name,value,date\nUPS,5,2026-11-20\nFire alarm,7,2026-11-21\n", "assets.csv")
    assert not is_pack(b"key,value,unit\nbtc_price,98000,USD\n", "m.csv")  # without a day it is a plain list of figures
    assert not is_pack(b"Site,Model,Qty\nPrairie Creek,S21,100\n", "fleet.csv")
