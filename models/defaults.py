"""What a new record starts with, and why: planner defaults from disclosed deals and company reports of 2024–2026.

A default is a place to start, never an answer. Each names its source, so that a form can show it beside the value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from models.curves import month_after
from models.fields import Quantity, applicable_fields, field_at
from models.plan import (
    BESIDE_THE_NUMBERS,
    GPU_CLOUD,
    ID_PREFIXES,
    LEASE,
    RECORD_TYPES,
    AiOffer,
    AsicLot,
    Evidence,
    Header,
    Lever,
    Market,
    Plan,
    PowerContract,
    PriceSeries,
    PriceStep,
    Scenario,
    Site,
    Split,
    TouPeriod,
    new_id,
)
from models.records.series import DURATION

if TYPE_CHECKING:
    from models.catalogue import Asic

MONTHS_TO_DELIVERY = 18
DEFAULT_MACHINE = "Antminer S21"
BRIEFING_SOURCE = "March 2026 briefing: hashprice $33.30 at this difficulty, fees 1 % of the subsidy"


@dataclass(frozen=True, slots=True)
class Default:
    """A starting value and where it comes from."""

    value: Any
    source: str


_DEFAULTS: dict[tuple[str, str | None], dict[str, Default]] = {
    ("sites", None): {
        "capacity_mw": Default(25.0, "placeholder; your grid agreement says"),
        "mining_pue": Default(1.03, "assumption; air 1.02–1.06, hydro and immersion 1.03–1.10, miners publish none"),
    },
    ("power_contracts", None): {
        "energy_price_usd_per_mwh": Default(45.0, "planner band 30–60 $/MWh, 2022–2025 company reports; enter yours"),
    },
    ("asic_lots", None): {
        "uptime_fraction": Default(
            0.92, "company reports 85–97 % (Riot over 88 % in Q1 2025, Cango 86.7 % in Dec 2025)"
        ),
        "pool_fee_fraction": Default(0.005, "assumption for negotiated rates, 0–1 %; posted fees of 2026 are 0.7–4 %"),
        "purchase_price_usd_per_unit": Default(0.0, "sunk; enter a price for machines not yet bought"),
    },
    ("ai_offers", LEASE): {
        "gross_mw_per_it_mw": Default(1.40, "disclosed sites 1.35–1.52 (River Bend, Barber Lake, Helios)"),
        "rent_usd_per_it_kw_month": Default(128.0, "first year of River Bend, December 2025; planner band $125–135"),
        "escalator_fraction_per_year": Default(0.03, "Hut 8 leases of December 2025 and May 2026"),
        "opex_fraction_of_rent": Default(0.02, "triple net keeps 95–100 % of rent; modified gross 80–90 %"),
        "capex_usd_per_it_mw": Default(11e6, "disclosed $8–14 million per IT MW; a retrofit $3.6 million (Riot)"),
        "term_months": Default(180, "most leases of 2025–2026 run 15 years"),
        "first_rent_month": Default(MONTHS_TO_DELIVERY, "14–18 months from lease to delivery (CleanSpark, May 2026)"),
    },
    ("ai_offers", GPU_CLOUD): {
        "gross_mw_per_it_mw": Default(1.40, "disclosed sites 1.35–1.52 (River Bend, Barber Lake, Helios)"),
        "it_kw_per_gpu": Default(2.63, "IREN–Microsoft, November 2025: 200 IT MW for about 76,000 GB300"),
        "price_usd_per_gpu_hour": Default(2.91, "IREN–Microsoft, five-year commitment: $1.94 billion a year, computed"),
        "utilisation_fraction": Default(0.98, "assumption: take-or-pay less service credits; on demand 50–85 %"),
        "capex_usd_per_gpu": Default(76_300.0, "IREN–Microsoft: $5.8 billion for about 76,000 GPUs and ancillaries"),
        "opex_fraction_of_capex_per_year": Default(0.05, "assumption: support, spares and staff 4–6 %"),
        "capex_usd_per_it_mw": Default(15e6, "assumption; liquid-cooled halls $14–16 million per IT MW"),
        "residual_fraction": Default(0.10, "a little over 10 % after five years (residual value report, 2026)"),
        "term_months": Default(60, "IREN–Microsoft and Nebius–Microsoft run five years"),
        "first_rent_month": Default(MONTHS_TO_DELIVERY, "14–18 months from lease to delivery (CleanSpark, May 2026)"),
    },
}


def defaults_of(table: str, kind: str | None = None) -> dict[str, Default]:
    """Planner defaults of a table's new records, by field; empty where the record's own defaults do.

    ``first_rent_month`` is given in months after the plan's start.

    Examples
    --------
    >>> defaults_of("ai_offers", "lease")["rent_usd_per_it_kw_month"].value
    128.0
    """
    return dict(_DEFAULTS.get((table, kind), _DEFAULTS.get((table, None), {})))


def source_of_default(record: Any, name: str) -> str:
    """Where a field's value comes from as long as it is still the planner default; empty once it was changed."""
    table = next(t for t, record_type in RECORD_TYPES.items() if record_type is type(record))
    default = defaults_of(table, getattr(record, "kind", None)).get(name)
    return default.source if default is not None and default.value == getattr(record, name) else ""


def empty_plan(name: str = "New plan", start: str = "2026-04") -> Plan:
    """A plan without sites, on the market of March 2026 (dated, so that the header shows its age).

    Parameters
    ----------
    name
        Shown in the title and the memo.
    start
        ``YYYY-MM``.
    """
    return Plan(
        Header(name, start),
        Market(
            btc_price_usd=70_168.57,
            difficulty=133.79e12,
            block_height=941_472,
            fees_btc_per_block=0.03125,
            as_of="2026-03-21",
            source=BRIEFING_SOURCE,
        ),
    )


def new_record(plan: Plan, table: str, kind: str | None = None, site_id: str | None = None) -> Any:
    """A record to add to a table: a free id, planner defaults, and as many megawatts as the site still has.

    Parameters
    ----------
    plan
        Read only; the caller adds the record.
    table
        One with many records, such as ``ai_offers``.
    kind
        Of an offer: ``lease`` (the default) or ``gpu_cloud``.
    site_id
        The site that owns it; the plan's first site where None.

    Raises
    ------
    KeyError
        Where the plan has no such table or site.
    ValueError
        Where the record needs a site, or a split a use, and the plan has none.

    Examples
    --------
    >>> site = new_record(empty_plan(), "sites")
    >>> site.id, site.name, site.capacity_mw, site.mining_pue
    ('s1', 'Site 1', 25.0, 1.03)
    """
    record_id = new_id(plan, ID_PREFIXES[table])
    number = record_id[1:]
    if table == "sites":
        return Site(record_id, name=f"Site {number}", **_values("sites"))
    if table == "evidence":
        return Evidence(record_id)
    if table == "levers":
        return Lever(record_id, path="market.btc_price_usd")
    if table == "scenarios":
        return Scenario(record_id, name=f"Scenario {number}")
    if table in BESIDE_THE_NUMBERS:
        raise KeyError(f"{table} are made with what they say, not from defaults")
    if table == "price_series":
        return PriceSeries(record_id, name=f"Prices {number}", kind=DURATION)
    if table == "price_steps":
        return PriceStep(record_id, _last_id(plan, "price_series", "a price-duration table"), hours_share_fraction=0.1)
    if table == "tou_periods":
        return TouPeriod(record_id, _last_id(plan, "power_contracts", "a contract"), name=f"Period {number}")
    site = _site(plan, site_id)
    match table:
        case "power_contracts":
            return PowerContract(record_id, site.id, **_values("power_contracts"))
        case "asic_lots":
            from models.machine_search import machines_named

            return lot_from(machines_named(DEFAULT_MACHINE)[0], plan, site.id)
        case "ai_offers":
            return _new_offer(plan, kind or LEASE, site, record_id)
        case _:
            offers = [o.id for o in plan.ai_offers if o.site_id == site.id]
            uses = offers + [lot.id for lot in plan.asic_lots if lot.site_id == site.id]
            if not uses:
                raise ValueError(f"{site.name} has nothing to split yet; add machines or an offer first")
            return Split(record_id, site.id, use_id=uses[0], mw=0.0)


def lot_from(machine: Asic, plan: Plan, site_id: str | None = None, count: int | None = None) -> AsicLot:
    """A lot of catalogue machines with the planner's uptime and pool fee, already paid for.

    Parameters
    ----------
    machine
        Its rated hashrate and power are taken; its reseller ask never is.
    plan, site_id
        As for `new_record`.
    count
        How many; as many as the site still has megawatts for where None.

    Examples
    --------
    >>> from models.machine_search import machines_named
    >>> plan = add_to(empty_plan(), Site("s1", "North", 36.05))
    >>> lot_from(machines_named("S21")[0], plan).count
    10000
    """
    site = _site(plan, site_id)
    if count is None:
        taken = sum(lot.count * lot.power_w for lot in plan.asic_lots if lot.site_id == site.id) * site.mining_pue / 1e6
        # A ten-thousandth of a machine makes up for binary fractions: 36.05 MW are 10,000 machines, not 9,999.
        count = max(0, int((site.capacity_mw - taken) * 1e6 / (machine.power_w * site.mining_pue) + 1e-4))
    return AsicLot(
        new_id(plan, ID_PREFIXES["asic_lots"]),
        site.id,
        model=machine.model,
        count=count,
        hashrate_th_per_s=machine.hashrate_th_per_s,
        power_w=machine.power_w,
        **_values("asic_lots"),
    )


def add_to(plan: Plan, *records: Any) -> Plan:
    """A plan with records appended to their tables."""
    for record in records:
        table = next(t for t, record_type in RECORD_TYPES.items() if record_type is type(record))
        changed: dict[str, Any] = {table: (*getattr(plan, table), record)}
        plan = replace(plan, **changed)
    return plan


FIRST_LEVERS = ("market.btc_price_usd", "market.difficulty_growth_fraction_per_year")
"""Pinned in every new plan."""


def with_usual_levers(plan: Plan, before: Plan | None = None) -> Plan:
    """The plan with the inputs pinned that decide for the uses that it has; they open with their usual range.

    Parameters
    ----------
    plan
        Levers that it has stay as they are.
    before
        What it was before an edit: only what came with the first contract, lot, lease or own GPUs is then pinned, so
        that a lever which somebody took away does not come back with the next record.

    Examples
    --------
    >>> plan = add_to(empty_plan(), Site("s1", "North", 36.05))
    >>> after = add_to(plan, PowerContract("p1", "s1", 50.0))
    >>> [lever.path for lever in with_usual_levers(after, plan).levers]
    ['power_contracts.p1.energy_price_usd_per_mwh']
    """
    paths = list(FIRST_LEVERS) if before is None else []
    if before is None or not before.power_contracts:
        paths += [f"power_contracts.{c.id}.{_price_of(c)}" for c in plan.power_contracts[:1]]
    if before is None or not before.asic_lots:
        paths += [f"asic_lots.{lot.id}.uptime_fraction" for lot in plan.asic_lots[:1]]
    known = {offer.kind for offer in before.ai_offers} if before is not None else set()
    for offer in plan.ai_offers:
        if offer.kind in known:
            continue
        name = "rent_usd_per_it_kw_month" if offer.kind == LEASE else "price_usd_per_gpu_hour"
        paths += [f"ai_offers.{offer.id}.{name}", f"ai_offers.{offer.id}.capex_usd_per_it_mw"]
        paths += [f"assumptions.{offer.kind}_discount_rate_fraction"]
        if before is not None:
            known.add(offer.kind)
    pinned = {lever.path for lever in plan.levers}
    for path in paths:
        if path not in pinned:
            spec = field_at(plan, path).spec
            assert isinstance(spec, Quantity)
            plan = add_to(plan, Lever(new_id(plan, ID_PREFIXES["levers"]), path, spec.usual_low, spec.usual_high))
    return plan


def _price_of(contract: PowerContract) -> str:
    """The field that says what a contract's energy costs."""
    own = {field.name for field in applicable_fields(contract)}
    return "energy_price_usd_per_mwh" if "energy_price_usd_per_mwh" in own else "forward_index_usd_per_mwh"


def _new_offer(plan: Plan, kind: str, site: Site, record_id: str) -> AiOffer:
    values = _values("ai_offers", kind)
    values["first_rent_month"] = month_after(plan.plan.start, values["first_rent_month"])
    megawatts = site.capacity_mw if site.convertible_mw is None else site.convertible_mw
    names = [o.name for o in plan.ai_offers]
    base = "Lease" if kind == LEASE else "Own GPUs"
    name = next(n for i in range(1, len(names) + 2) if (n := base if i == 1 else f"{base} {i}") not in names)
    # Rounded down to a tenth, so that the offer fits the site.
    critical_it_mw = int(megawatts / values["gross_mw_per_it_mw"] * 10) / 10
    return AiOffer(record_id, site.id, kind=kind, name=name, critical_it_mw=critical_it_mw, **values)


def _site(plan: Plan, site_id: str | None) -> Site:
    if not plan.sites:
        raise ValueError("the plan has no site yet; add one first")
    if site_id is None:
        return plan.sites[0]
    found = next((s for s in plan.sites if s.id == site_id), None)
    if found is None:
        raise KeyError(f"sites has no record {site_id!r}")
    return found


def _last_id(plan: Plan, table: str, what: str) -> str:
    """The id of the record added last, to which a new part belongs until the user says otherwise."""
    if not getattr(plan, table):
        raise ValueError(f"the plan has no {what.removeprefix('a ')} yet; add one first")
    return str(getattr(plan, table)[-1].id)


def _values(table: str, kind: str | None = None) -> dict[str, Any]:
    return {name: default.value for name, default in defaults_of(table, kind).items()}
