"""What a memo's figures are called: "NPV, Powered-shell lease" for ``uses.o1.npv_usd_per_mw``."""

from __future__ import annotations

from models import fields
from models.drivers import driver, record_name
from models.figures import BASIS_WORDS, CROSSOVER_KINDS, POWER_KINDS, USE_KINDS
from models.memo.exhibits import BREAK_EVEN_WORDS
from models.memo.written import plain
from models.plan import Plan

LONGEST_CLAIM = 60

FLIP_WORDS = {
    "now": "today's value",
    "value": "flips at",
    "distance": "distance to its flip",
    "deviations": "distance to its flip in deviations",
}
TORNADO_WORDS = {"p10": "P10", "p90": "P90", "at_p10": "Lead at P10", "at_p90": "Lead at P90"}
MONEY_WORDS = {
    "mw": "Megawatts",
    "spend_usd": "To spend",
    "peak_outlay_usd": "Peak outlay",
    "peak_outlay_usd_per_mw": "Peak outlay per MW",
    "discount_rate_fraction": "Discount rate",
    "gross_usd_per_mw_year": "Quoted price at full use",
    "path_usd_per_mw_year": "From the quoted price to the first year's revenue",
    "capital_charge_usd_per_mw_year": "Capital charge",
    "after_capital_usd_per_mw_year": "Left after capital",
    "placed_mw": "Megawatts placed",
    "share_fraction": "Share of placed AI",
    "income_usd_per_year": "Income of the first operating year",
}
KIND_WORDS = {"lease": "AI leases", "gpu_cloud": "own GPUs", "asic": "new machines", "idle": "left idle"}
SITE_WORDS = {
    "lead_usd_per_mw": "Lead of the best use",
    "gain_usd": "Gain over doing nothing",
    "do_nothing_npv_usd": "NPV of doing nothing",
    "existing_mw": "Megawatts that mine on",
    "moved_mw": "Megawatts that change use",
    "capacity_mw": "Megawatts at the meter",
    "mw": "Megawatts",
    "npv_usd_per_mw": "NPV",
    "behind_usd_per_mw": "Behind the best",
    "oldest_input_days": "Age of the oldest input",
}


def figure_name(plan: Plan, address: str) -> str:
    """A figure in words; its address where it has none.

    Parameters
    ----------
    plan
        The one that the memo is about.
    address
        Of a `models.memo.parts.Figure`.

    Examples
    --------
    >>> from models.samples import sample
    >>> plan = sample("briefing")
    >>> figure_name(plan, "uses.a1.break_evens.power.btc_price_usd")
    'Break-even BTC price, Antminer S21, power'
    >>> figure_name(plan, "recommendation.s1.flips.market.btc_price_usd.value")
    'BTC price, flips at, Prairie Creek'
    >>> figure_name(plan, "evidence.e5.age_days").startswith("Age of")
    True
    """
    try:
        return _named(plan, address)
    except (KeyError, ValueError, AttributeError):
        # Whoever verifies a memo of another version meets addresses that this one does not know.
        return address


def _named(plan: Plan, address: str) -> str:
    if address.endswith(".age_days"):
        return f"Age of {_named(plan, address.removesuffix('.age_days'))}"
    match address.split("."):
        case ["uses", use_id, "break_evens", costs, name]:
            label = {"energy_price_usd_per_mwh": "power price", "btc_price_usd": "BTC price"}.get(name, "hashprice")
            return f"Break-even {label}, {_use(plan, use_id)}, {BREAK_EVEN_WORDS[costs]}"
        case ["uses", use_id, name]:
            return f"{(USE_KINDS | POWER_KINDS)[name].label}, {_use(plan, use_id)}"
        case ["flexibility", use_id, _]:
            return f"Worth of being able to stop, {_use(plan, use_id)}"
        case ["crossovers", asic_id, offer_id, basis, name]:
            change = name == "btc_price_change_fraction"
            label = "Crossover BTC price against today" if change else CROSSOVER_KINDS[name].label
            return f"{label}, {_use(plan, asic_id)} and {_use(plan, offer_id)}, on {BASIS_WORDS[basis]}"
        case ["recommendation", name]:
            return SITE_WORDS[name]
        case ["recommendation", site_id, name]:
            return f"{SITE_WORDS[name]}, {_record(plan, f'sites.{site_id}')}"
        case ["recommendation", site_id, "tornado", *path, what]:
            return f"{TORNADO_WORDS[what]}, {_input(plan, '.'.join(path))}, {_record(plan, f'sites.{site_id}')}"
        case ["recommendation", site_id, "flips" | "against_mining" as race, *path, what]:
            site = _record(plan, f"sites.{site_id}") + (", against mining" if race == "against_mining" else "")
            return f"{_input(plan, '.'.join(path))}, {FLIP_WORDS[what]}, {site}"
        case ["recommendation", site_id, "options" | "placements", use_id, name]:
            use = "leaving it idle" if use_id == "idle" else _use(plan, use_id)
            return f"{SITE_WORDS[name]}, {use}, {_record(plan, f'sites.{site_id}')}"
        case ["moved", kind, "mw"]:
            return f"Megawatts that change use, {KIND_WORDS[kind]}"
        case ["alternatives", wait, name]:
            return f"{SITE_WORDS[name]}, {_wait_words(wait)}, all sites"
        case ["alternatives", site_id, wait, name]:
            return f"{SITE_WORDS[name]}, {_wait_words(wait)}, {_record(plan, f'sites.{site_id}')}"
        case ["asked", name]:
            return f"{MONEY_WORDS[name]}, all changes"
        case ["asked", site_id, use_id, name]:
            return f"{MONEY_WORDS[name]}, {_use(plan, use_id)}, {_record(plan, f'sites.{site_id}')}"
        case ["returns" | "bridge" | "terms", use_id, name]:
            return f"{MONEY_WORDS[name]}, {_use(plan, use_id)}"
        case ["tripwires", wire_id, "level"]:
            return f"Tripwire on {_input(plan, str(fields.read(plan, f'tripwires.{wire_id}.path')))}"
        case ["proposed", *path, side, "level"]:
            return f"Proposed tripwire on {_input(plan, '.'.join(path))}, {side}"
        case [*path, "p10" | "p90" as end]:
            return f"{TORNADO_WORDS[end]}, {_input(plan, '.'.join(path))}"
        case ["evidence", _]:
            return plain(str(fields.read(plan, f"{address}.claim")), LONGEST_CLAIM) or address
    return _input(plan, address)


def _wait_words(wait: str) -> str:
    return f"waiting {wait.removeprefix('wait_')} months"


def _input(plan: Plan, path: str) -> str:
    try:
        return driver(plan, path).label
    except KeyError:
        return fields.field_at(plan, path).label


def _use(plan: Plan, use_id: str) -> str:
    table = "asic_lots" if any(lot.id == use_id for lot in plan.asic_lots) else "ai_offers"
    return _record(plan, f"{table}.{use_id}")


def _record(plan: Plan, path: str) -> str:
    return record_name(plan, fields.read(plan, path))
