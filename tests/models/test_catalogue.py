from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from models.catalogue import (
    asics,
    average_rent,
    deal_rank,
    deals,
    first_year_rent,
    gpu_prices,
    gpus,
    median_rent,
    priced_leases,
)
from models.defaults import add_to, defaults_of, empty_plan, lot_from, new_record, source_of_default
from models.fields import applicable_fields, field_of, problem_with
from models.machine_search import machines_named, search
from models.plan import BESIDE_THE_NUMBERS, GPU_CLOUD, LEASE, RECORD_TYPES, SINGLE_RECORDS, AsicLot, Site
from models.storage.validity import problem_in


def reference(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(text: str) -> float | None:
    return float(text) if text else None


def test_that_every_machine_equals_the_reference(shared_data: Path) -> None:
    rows = reference(shared_data, "asics.csv")
    assert [(a.maker, a.model, a.hashrate_th_per_s, a.power_w, a.release, a.ask_price_usd) for a in asics()] == [
        (r["maker"], r["model"], float(r["hashrate_th"]), float(r["power_w"]), r["release"], number(r["ask_price_usd"]))
        for r in rows
    ]
    assert [a.cooling for a in asics()] == [r["cooling"].lower() for r in rows]
    assert [a.address for a in asics()] == [r["source_url"] for r in rows]
    for machine, row in zip(asics(), rows, strict=True):
        assert machine.efficiency_j_per_th == pytest.approx(float(row["efficiency_j_th"]), abs=0.0051)


def test_that_every_gpu_equals_the_reference(shared_data: Path) -> None:
    rows = reference(shared_data, "gpus.csv")
    pairs = {
        "tdp_w_per_gpu": "gpu_tdp_w",
        "memory_gb": "memory_gb",
        "system_power_kw": "system_power_kw",
        "price_usd_per_gpu_low": "price_usd_per_gpu_low",
        "price_usd_per_system_high": "price_usd_per_system_high",
        "rental_usd_per_gpu_hour_low": "rental_usd_per_gpu_hour_low",
    }
    assert [(g.vendor, g.model, g.kind, g.launch) for g in gpus()] == [
        (r["vendor"], r["model"], r["class"], r["launch"]) for r in rows
    ]
    for gpu, row in zip(gpus(), rows, strict=True):
        for ours, theirs in pairs.items():
            assert getattr(gpu, ours) == number(row[theirs]), (gpu.model, ours)
        assert gpu.it_kw_per_gpu == (
            pytest.approx(float(row["it_kw_per_gpu"]), abs=0.00051) if row["it_kw_per_gpu"] else None
        )


def test_that_every_deal_equals_the_reference(shared_data: Path) -> None:
    rows = reference(shared_data, "ai_deals.csv")
    for deal, row in zip(deals(), rows, strict=True):
        assert (deal.operator, deal.counterparty, deal.announced, deal.kind, deal.address) == (
            row["operator"],
            row["counterparty"],
            row["announced"],
            row["kind"],
            row["source_url"],
        )
        assert (deal.critical_it_mw, deal.gross_mw, deal.term_years, deal.total_value_usd) == tuple(
            number(row[name]) for name in ("critical_it_mw", "gross_mw", "term_years", "total_contract_value_usd")
        )
        stated = number(row["average_rent_usd_per_it_kw_month"])
        assert deal.average_rent_usd_per_it_kw_month == (None if stated is None else pytest.approx(stated, abs=0.0051))


def test_that_every_gpu_price_equals_the_reference(shared_data: Path) -> None:
    assert [(p.month, p.gpu, p.price_usd_per_gpu_hour, p.kind, p.source_quality) for p in gpu_prices()] == [
        (r["date"], r["gpu"], float(r["price_usd_per_gpu_hour"]), r["kind"], r["quality"])
        for r in reference(shared_data, "gpu_rental_prices.csv")
    ]


def test_that_every_row_names_its_source() -> None:
    assert all(a.source for a in asics())
    assert all(g.source for g in gpus())
    assert all(d.address and d.note for d in deals())
    assert all(p.address.startswith("http") for p in gpu_prices())


def test_that_seven_asks_are_marked_as_nominal() -> None:
    nominal = [a for a in asics() if a.nominal_ask]
    assert len(nominal) == 7
    assert all(a.ask_price_usd is not None and a.ask_price_usd / a.hashrate_th_per_s < 2.3 for a in nominal)


def test_that_the_median_of_fifteen_priced_leases_is_154_dollars() -> None:
    assert len(priced_leases()) == 15
    assert median_rent() == pytest.approx(154.2, abs=0.05)
    rank = deal_rank(128.0)
    assert (rank.low, rank.high) == (pytest.approx(103.67, abs=0.005), pytest.approx(188.49, abs=0.005))
    assert (deal_rank(0.0).below, deal_rank(1000.0).below) == (0, 15)


def test_that_totals_intents_and_gpu_services_are_no_benchmarks() -> None:
    names = [d.name for d in priced_leases()]
    assert not [n for n in names if "TOTAL" in n or "letter of intent" in n or "Tydal" in n]
    assert all(d.kind != "gpu_cloud" for d in priced_leases())
    total = next(d for d in deals() if d.standing == "total")
    assert total.average_rent_usd_per_it_kw_month == pytest.approx(120.06, abs=0.005)


def test_that_first_year_rent_follows_from_the_total_contract_value() -> None:
    # Worked example F02: 7e9 · 0.03 / (1.03^15 − 1) = 376,366,063.236 a year on 245 MW.
    assert first_year_rent(7e9, 0.03, 15, 245) * 12 * 245_000 == pytest.approx(376_366_063.2360159, rel=1e-12)
    assert first_year_rent(7e9, 0.0, 15, 245) == pytest.approx(158.7302, abs=1e-4)
    assert average_rent(first_year_rent(7e9, 0.03, 15, 245), 0.03, 15) == pytest.approx(158.7302, abs=1e-4)
    assert first_year_rent(7e9, 1e-17, 15, 245) == pytest.approx(158.7302, abs=1e-4)
    assert first_year_rent(7e9, 1e300, 15, 245) == 0.0


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("s21 pro", "Antminer S21 Pro (245T)"),
        ("s21pro", "Antminer S21 Pro (245T)"),
        ("S21 PRO 234", "Antminer S21 Pro (234T)"),
        ("m60s", "WhatsMiner M60S"),
        ("m60s++", "WhatsMiner M60S++"),
        ("s21", "Antminer S21"),
        ("bitmain s9", "Antminer S9"),
        ("teraflux", "Teraflux AH3880"),
    ],
)
def test_that_search_puts_the_meant_machine_first(text: str, model: str) -> None:
    assert search(text)[0].model == model


def test_that_search_finds_nothing_for_words_that_no_machine_has() -> None:
    assert search("s21 toaster") == ()


@pytest.mark.parametrize(
    ("text", "models"),
    [
        ("Antminer S21", ["Antminer S21"]),
        ("Bitmain Antminer S21 Pro", ["Antminer S21 Pro (245T)", "Antminer S21 Pro (234T)"]),
        ("Antminer S21 Pro (234T)", ["Antminer S21 Pro (234T)"]),
        ("WhatsMiner M30S++_VH40", ["WhatsMiner M30S++ (106T)"]),
        ("M50S VH30", ["WhatsMiner M50S (126T)"]),
        ("S21 XP Hydro", ["Antminer S21 XP Hyd"]),
        ("A1246", ["AvalonMiner 1246 (90T)"]),
        ("S21 Ultra", []),
        ("", []),
    ],
)
def test_that_a_device_lists_name_means_whole_models_only(text: str, models: list[str]) -> None:
    assert [a.model for a in machines_named(text)] == models


@pytest.mark.parametrize("kind", [LEASE, GPU_CLOUD])
def test_that_planner_defaults_fit_their_fields_and_name_a_source(kind: str) -> None:
    plan = add_to(empty_plan(), new_record(empty_plan(), "sites"))
    for table in ("sites", "power_contracts", "asic_lots", "ai_offers"):
        record = new_record(plan, table, kind if table == "ai_offers" else None)
        assert problem_in(add_to(plan, record)) is None
        names = {f.name for f in applicable_fields(record)}
        for name, default in defaults_of(table, getattr(record, "kind", None)).items():
            assert default.source, name
            assert name in names
            assert problem_with(field_of(type(record), name), getattr(record, name)) is None


def test_that_a_new_offer_can_be_computed_at_once() -> None:
    plan = add_to(empty_plan(), Site("s1", "North", 100.0, convertible_mw=58.0))
    lease = new_record(plan, "ai_offers", LEASE)
    assert lease.critical_it_mw == 41.4
    assert lease.critical_it_mw * lease.gross_mw_per_it_mw <= 58.0
    assert (lease.first_rent_month, lease.rent_usd_per_it_kw_month) == ("2027-10", 128.0)
    assert new_record(add_to(plan, lease), "ai_offers", LEASE).name == "Lease 2"


def test_that_the_source_of_a_default_goes_with_the_default() -> None:
    plan = add_to(empty_plan(), Site("s1", "North", 100.0))
    contract = new_record(plan, "power_contracts")
    assert "company reports" in source_of_default(contract, "energy_price_usd_per_mwh")
    assert source_of_default(replace(contract, energy_price_usd_per_mwh=47.5), "energy_price_usd_per_mwh") == ""


def test_that_a_lot_from_the_catalogue_fills_the_site_and_costs_nothing_new() -> None:
    plan = add_to(empty_plan(), Site("s1", "North", 36.05, mining_pue=1.03))
    lot = lot_from(machines_named("S21")[0], plan)
    assert (lot.count, lot.hashrate_th_per_s, lot.power_w) == (10_000, 200.0, 3500.0)
    assert lot.purchase_price_usd_per_unit == 0.0
    assert lot_from(machines_named("S21")[0], add_to(plan, lot)).count == 0
    assert lot_from(machines_named("S21")[0], plan, count=7).count == 7


def test_that_a_record_that_needs_a_site_says_so_when_there_is_none() -> None:
    for table in RECORD_TYPES:
        if table in SINGLE_RECORDS:
            continue
        if table in ("sites", "price_series", "evidence", "levers", "scenarios"):
            assert new_record(empty_plan(), table).id
        elif table in BESIDE_THE_NUMBERS:
            with pytest.raises(KeyError, match="with what they say"):
                new_record(empty_plan(), table)
        else:
            with pytest.raises(ValueError, match="add one first"):
                new_record(empty_plan(), table)
    plan = add_to(empty_plan(), Site("s1", "North", 10.0))
    with pytest.raises(KeyError, match="s9"):
        new_record(plan, "asic_lots", site_id="s9")
    with pytest.raises(ValueError, match="nothing to split"):
        new_record(plan, "splits")
    lot = AsicLot("a1", "s1", "Antminer S21", 1, 200.0, 3500.0)
    assert new_record(add_to(plan, lot), "splits").use_id == "a1"
