"""Which use of a site's megawatts is worth most, by how much, and how many megawatts it concerns.

Everything is compared as NPV per utility MW. Machines that are already paid keep their megawatts unless something else
is worth more than they are plus what they would fetch. Leaving megawatts idle is always open and worth nothing, so that
a recommendation can never be to destroy value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from models.plan import AsicLot, Plan, Site
from models.problems import Severity
from models.results import ASIC, Results
from models.use_names import named_at_site

IDLE = "idle"
SMALLEST_MW = 1e-6
"""Less than this is rounding, not a megawatt."""


class Option(NamedTuple):
    """One thing that a megawatt of a site can do; a tuple, since a comparison makes thousands of them.

    Attributes
    ----------
    id
        Of the lot or offer; ``idle`` for none.
    kind
        ``asic``, ``lease``, ``gpu_cloud`` or ``idle``.
    existing
        Whether these are machines already paid, which run unless something displaces them.
    mw
        Of the whole lot or offer [MW]; for idle that of the site.
    npv_usd_per_mw
        As in the results [USD/MW].
    resale_usd_per_mw
        What displaced machines would fetch; running on forgoes it [USD/MW].
    """

    id: str
    name: str
    kind: str
    existing: bool
    mw: float
    npv_usd_per_mw: float
    resale_usd_per_mw: float = 0.0

    @property
    def worth_usd_per_mw(self) -> float:
        """What the ranking goes by: NPV, for machines already there less the resale they forgo [USD/MW]."""
        return self.npv_usd_per_mw - (self.resale_usd_per_mw if self.existing else 0.0)


@dataclass(frozen=True, slots=True)
class Displaced:
    """Megawatts that a placement takes, from a lot of machines or (None) from free capacity."""

    lot: Option | None
    mw: float


@dataclass(frozen=True, slots=True)
class Placement:
    """Megawatts that should do something else than today.

    Attributes
    ----------
    limited_by
        ``offer`` (all of it is placed), ``convertible`` or ``capacity`` (what the site has), ``fleet`` (machines on
        the rest are worth more).
    gain_usd
        NPV over doing nothing with these megawatts [USD].
    """

    option: Option
    mw: float
    displaced: tuple[Displaced, ...]
    limited_by: str
    gain_usd: float


@dataclass(frozen=True, slots=True)
class SiteDecision:
    """What a site's megawatts should do.

    Attributes
    ----------
    ranked
        What a megawatt of the site can do, the highest worth first; empty where no use has an NPV.
    placements
        What changes, the highest NPV per MW first; empty where the machines go on as they are.
    unranked
        Name and reason of uses without an NPV.
    do_nothing_npv_usd
        NPV of the machines already there, run on as they are; 0 without any [USD].
    """

    site: Site
    ranked: tuple[Option, ...]
    placements: tuple[Placement, ...]
    unranked: tuple[tuple[str, str], ...]
    do_nothing_npv_usd: float
    existing_mw: float

    @property
    def best(self) -> Option | None:
        """The use that is worth most per megawatt; None where none can be ranked."""
        return self.ranked[0] if self.ranked else None

    @property
    def next_best(self) -> Option | None:
        """The runner-up."""
        return self.ranked[1] if len(self.ranked) > 1 else None

    @property
    def lead_usd_per_mw(self) -> float:
        """How much more a megawatt of the best use is worth than one of the runner-up [USD/MW]."""
        if self.best is None or self.next_best is None:
            return math.nan
        return self.best.worth_usd_per_mw - self.next_best.worth_usd_per_mw

    @property
    def placement(self) -> Placement | None:
        """What happens to megawatts for the sake of the best use; None where it runs already."""
        return next((p for p in self.placements if p.option is self.best), None)

    @property
    def mw(self) -> float:
        """Megawatts that the best use takes: those placed, or what it has now [MW]."""
        if self.placement is not None:
            return self.placement.mw
        return self.best.mw if self.best is not None else 0.0

    @property
    def gain_usd(self) -> float:
        """NPV of all placements over doing nothing [USD]."""
        return math.fsum(p.gain_usd for p in self.placements)


def decide(plan: Plan, results: Results) -> tuple[SiteDecision, ...]:
    """A decision for every site that has a lot or an offer.

    Parameters
    ----------
    plan
        The plan that was evaluated, scenario applied.
    results
        Its results.
    """
    found = _options_by_site(plan, results)
    contracts = {site.id: [c.id for c in plan.power_contracts if c.site_id == site.id] for site in plan.sites}
    return tuple(
        _decide_site(results, site, found[site.id], contracts[site.id]) for site in plan.sites if site.id in found
    )


def options_of(plan: Plan, results: Results, site: Site) -> list[Option]:
    """Every use of a site's megawatts as an option, ranked or not, and leaving them idle."""
    return [*_options_by_site(plan, results).get(site.id, ()), _idle(site)]


def _idle(site: Site) -> Option:
    return Option(IDLE, "Idle", IDLE, False, site.capacity_mw, 0.0)


def _options_by_site(plan: Plan, results: Results) -> dict[str, list[Option]]:
    """The uses of every site that has any, as options."""
    paid = {lot.id for lot in plan.asic_lots if is_existing(lot)}
    found: dict[str, list[Option]] = {}
    # Read by the column: use by use takes longer than deciding.
    columns: dict[int, list[list[float]]] = {}
    names = named_at_site(plan)
    for use in results.uses:
        table, row = use.table, use.row
        read = columns.get(id(table))
        if read is None:
            read = columns[id(table)] = [table.figures[name].tolist() for name in _READ]
        mw, npv, resale = read
        option = Option(use.id, names[use.id], use.kind, use.id in paid, mw[row], npv[row], resale[row])
        found.setdefault(use.site_id, []).append(option)
    return found


_READ = ("mw", "npv_usd_per_mw", "displaced_resale_usd_per_mw")


def is_existing(lot: AsicLot) -> bool:
    """Whether the machines are already paid: no new money is entered for them."""
    return lot.purchase_price_usd_per_unit == 0


def _decide_site(results: Results, site: Site, uses: list[Option], contract_ids: list[str]) -> SiteDecision:
    options = [*uses, _idle(site)]
    # What each is worth is asked for again and again: read once.
    worths = [o.worth_usd_per_mw for o in options]
    room = {ASIC: site.capacity_mw > SMALLEST_MW, IDLE: True}
    for_ai = convertible_mw(site) > SMALLEST_MW
    order = sorted(
        [
            # Of equals, what is there goes on, and what costs nothing comes before what does.
            (-worth, not o.existing, o.kind != IDLE, at)
            for at, (o, worth) in enumerate(zip(options, worths, strict=True))
            if math.isfinite(worth) and o.mw > SMALLEST_MW and (o.existing or room.get(o.kind, for_ai))
        ]
    )
    ranked = [(options[at], worths[at]) for *_, at in order]
    if all(o.kind == IDLE for o, _ in ranked):
        ranked = []
    unranked: tuple[tuple[str, str], ...] = ()
    if len(ranked) < len(options):
        known = {o.id for o, _ in ranked}
        unranked = tuple((o.name, _reason(results, o, site, contract_ids)) for o in uses if o.id not in known)
    existing = [o for o in uses if o.existing]
    existing_mw = math.fsum([o.mw for o in existing])
    return SiteDecision(
        site=site,
        ranked=tuple([o for o, _ in ranked]),
        placements=_place(site, ranked, existing_mw),
        unranked=unranked,
        do_nothing_npv_usd=math.fsum([o.mw * o.npv_usd_per_mw for o in existing]),
        existing_mw=existing_mw,
    )


def _place(site: Site, ranked: list[tuple[Option, float]], existing_mw: float) -> tuple[Placement, ...]:
    """Give each option, the best first, the megawatts whose present use is worth least, as long as that is less.

    An AI offer is one contract: only the best use is placed in part (and the memo says so), others whole or not at all.
    """
    # Lot (None: free capacity), what is left of it, and its worth.
    blocks: list[list[Any]] = [[o, o.mw, worth] for o, worth in ranked if o.existing]
    blocks.append([None, max(site.capacity_mw - existing_mw, 0.0), 0.0])
    blocks.sort(key=itemgetter(2))
    convertible = convertible_mw(site)
    found: list[Placement] = []
    for option, worth in ranked:
        if option.existing:
            continue
        if worth <= blocks[0][2]:
            break  # nor is any that comes after it worth more than what runs already
        lesser = [block for block in blocks if worth > block[2] and block[1]]
        if not lesser:
            continue
        is_ai = option.kind not in (ASIC, IDLE)
        room = min(option.mw, convertible) if is_ai else option.mw
        available = min(room, math.fsum([left for _, left, _ in lesser]))
        if is_ai and option is not ranked[0][0] and available < option.mw - SMALLEST_MW:
            continue
        taken: list[Displaced] = []
        gains: list[float] = []
        placed = 0.0
        for block in lesser:
            mw = min(block[1], room - placed)
            if mw > SMALLEST_MW:
                taken.append(Displaced(block[0], mw))
                gains.append(mw * (worth - block[2]))
                block[1] -= mw
                placed = math.fsum([d.mw for d in taken])
        if not taken:
            continue
        convertible -= placed if is_ai else 0.0
        limit = _limit(option, placed, room, blocks)
        found.append(Placement(option, placed, tuple(taken), limit, math.fsum(gains)))
    return tuple(found)


def _limit(option: Option, placed: float, room: float, blocks: list[list[Any]]) -> str:
    if placed >= option.mw - SMALLEST_MW:
        return "offer"
    if placed >= room - SMALLEST_MW:
        return "convertible"
    return "fleet" if any(left > SMALLEST_MW for _, left, _ in blocks) else "capacity"


def convertible_mw(site: Site) -> float:
    """Utility megawatts of a site that AI can have [MW]."""
    return site.capacity_mw if site.convertible_mw is None else min(site.convertible_mw, site.capacity_mw)


def _room_mw(option: Option, site: Site) -> float:
    """The most that an option could have with the site to itself [MW]."""
    if option.existing or option.kind == IDLE:
        return option.mw
    return min(option.mw, site.capacity_mw if option.kind == ASIC else convertible_mw(site))


def _reason(results: Results, option: Option, site: Site, contract_ids: list[str]) -> str:
    """Why an option has no NPV, in the words of the finding that is about it."""
    if option.mw <= SMALLEST_MW:
        return "it has no megawatts"
    if _room_mw(option, site) <= SMALLEST_MW:
        return "no megawatt of the site can be converted"
    table = "asic_lots" if option.kind == ASIC else "ai_offers"
    contracts = [f"power_contracts.{i}" for i in contract_ids]
    near = (f"{table}.{option.id}", f"sites.{site.id}", "market", *contracts, "plan", "assumptions")
    errors = [f for f in results.findings if f.severity == Severity.ERROR]
    for start in near:
        for finding in errors:
            if finding.path == start or finding.path.startswith(start + "."):
                return finding.message
    return "its net present value cannot be computed"
