"""A plan as large as a listed miner's, made from the catalogue, for tests of speed and of long tables."""

from __future__ import annotations

import random
from functools import cache

from models.catalogue import asics, priced_leases
from models.curves import month_after
from models.defaults import add_to, empty_plan
from models.fields import Schedule
from models.plan import GPU_CLOUD, LEASE, AiOffer, AsicLot, Evidence, Header, Lever, Plan, PowerContract, Scenario, Site

NAMES = ("Prairie", "Cedar", "Mesa", "Granite", "River", "North", "Juniper", "Copper", "Willow", "Summit")
KINDS = ("Creek", "Bend", "Fork", "Falls", "Ridge", "Hollow", "Flats", "Point", "Springs", "Junction")


@cache  # a plan is never changed, and what follows from it is kept by the plan itself
def large_plan(sites: int = 10, lots: int = 60, offers: int = 30, months: int = 240, seed: int = 20260321) -> Plan:
    """A deterministic plan: the same arguments give an equal plan on every machine.

    Lots and offers go round the sites in turn. Lots fill a site to at most its capacity, offers fit its convertible
    megawatts; every third contract has a monthly table, every third offer is of own GPUs.

    Parameters
    ----------
    sites, lots, offers
        How many records.
    months
        Horizon [months].
    seed
        Of the draw.
    """
    # The module's own generator: the methods used here give the same numbers in every Python 3.
    draw = random.Random(seed)
    base = empty_plan("Large plan")
    plan = Plan(Header("Large plan", "2026-04", months), base.market, base.assumptions)
    machines = [a for a in asics() if 12.0 <= a.efficiency_j_per_th <= 31.0 and a.hashrate_th_per_s >= 80]
    rents = [d.average_rent_usd_per_it_kw_month or 0.0 for d in priced_leases()]
    places = [_site(draw, number) for number in range(1, sites + 1)]
    lots_per_site = max(1, -(-lots // max(1, sites)))
    records: list[object] = [*places, *(_contract(draw, s, n, months) for n, s in enumerate(places, start=1))]
    for number in range(1, lots + 1):
        site = places[(number - 1) % sites]
        machine = draw.choice(machines)
        megawatts = site.capacity_mw / lots_per_site * draw.uniform(0.7, 1.0)
        records.append(
            AsicLot(
                f"a{number}",
                site.id,
                model=machine.model,
                count=int(megawatts * 1e6 / (machine.power_w * site.mining_pue)),
                hashrate_th_per_s=machine.hashrate_th_per_s,
                power_w=machine.power_w,
                uptime_fraction=round(draw.uniform(0.85, 0.97), 3),
                pool_fee_fraction=draw.choice((0.0, 0.005, 0.01)),
                purchase_price_usd_per_unit=round(machine.hashrate_th_per_s * 16) if number % 4 == 0 else 0.0,
                opex_usd_per_mw_year=float(draw.randrange(20_000, 70_000, 1_000)),
            )
        )
    for number in range(1, offers + 1):
        records.append(_offer(draw, places[(number - 1) % sites], number, rents))
    records += [
        Evidence(f"e{n}", f"asic_lots.a{n}.hashrate_th_per_s", "Rated hashrate", "catalogue", date="2026-03-21")
        for n in range(1, lots + 1)
    ]
    records += [
        Lever("l1", "market.btc_price_usd", 40_000.0, 160_000.0),
        Scenario("c1", "BTC $120,000", (("market.btc_price_usd", 120_000.0),)),
        Scenario("c2", "… and power dearer", (("power_contracts.p1.adders_usd_per_mwh", 10.0),), "c1"),
    ]
    return add_to(plan, *records)


def _site(draw: random.Random, number: int) -> Site:
    capacity = float(draw.randrange(20, 300, 5))
    name = f"{NAMES[(number - 1) % len(NAMES)]} {KINDS[(number - 1) // len(NAMES) % len(KINDS)]}"
    share = draw.choice((0.3, 0.5, 0.7, 1.0))
    return Site(f"s{number}", name, capacity, round(capacity * share, 1), round(draw.uniform(1.02, 1.08), 3))


def _contract(draw: random.Random, site: Site, number: int, months: int) -> PowerContract:
    energy = round(draw.uniform(30.0, 60.0), 2)
    price: float | Schedule = energy
    if number % 3 == 0:
        calendar = tuple(month_after("2026-04", m) for m in range(months))
        price = Schedule(calendar, tuple(round(energy * draw.uniform(0.8, 1.3), 2) for _ in calendar))
    return PowerContract(
        f"p{number}",
        site.id,
        energy_price_usd_per_mwh=price,
        name=f"Supply {site.name} (illustrative)",
        adders_usd_per_mwh=round(draw.uniform(0.0, 8.0), 2),
        energy_price_growth_fraction_per_year=draw.choice((0.0, 0.015, 0.02)),
    )


def _offer(draw: random.Random, site: Site, number: int, rents: list[float]) -> AiOffer:
    ratio = draw.choice((1.35, 1.40, 1.45, 1.52))
    megawatts = (site.convertible_mw or site.capacity_mw) / ratio * draw.uniform(0.3, 1.0)
    kind = GPU_CLOUD if number % 3 == 0 else LEASE
    terms: dict[str, float] = (
        {
            "it_kw_per_gpu": draw.choice((1.4, 1.8, 2.63)),
            "price_usd_per_gpu_hour": round(draw.uniform(1.7, 5.3), 2),
            "price_growth_fraction_per_year": draw.choice((-0.15, -0.05, 0.0)),
            "utilisation_fraction": round(draw.uniform(0.6, 0.98), 2),
            "capex_usd_per_gpu": float(draw.randrange(35_000, 77_000, 500)),
            "opex_fraction_of_capex_per_year": 0.05,
            "residual_fraction": 0.1,
        }
        if kind == GPU_CLOUD
        else {
            "rent_usd_per_it_kw_month": round(draw.choice(rents) * 0.85, 2),
            "escalator_fraction_per_year": draw.choice((0.0, 0.02, 0.03)),
            "opex_fraction_of_rent": draw.choice((0.02, 0.15, 0.20)),
        }
    )
    return AiOffer(
        f"o{number}",
        site.id,
        kind=kind,
        name=f"{'Own GPUs' if kind == GPU_CLOUD else 'Lease'} {number}, {site.name}",
        critical_it_mw=round(megawatts, 1),
        first_rent_month=month_after("2026-04", draw.randrange(9, 30)),
        term_months=60 if kind == GPU_CLOUD else draw.choice((120, 144, 180)),
        gross_mw_per_it_mw=ratio,
        capex_usd_per_it_mw=float(draw.randrange(3_600_000, 13_200_000, 100_000)),
        ramp_months=draw.choice((0, 0, 6)),
        **terms,
    )
