"""Numbers that are possible but look like another unit: cents for dollars, kilowatts for megawatts, a year for a month.

Each guard compares with physics, with disclosed deals or with the user's own plan, says why, and offers the likely
number. Nothing is changed by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace as replace_record

from models.fields import Schedule
from models.plan import GPU_CLOUD, LEASE, AiOffer, AsicLot, Plan, PowerContract, Site
from models.problems import Finding, Repair, Severity
from models.results import Results

LOWEST_DISCLOSED_RENT = 103.7
"""Lowest of the priced leases and colocation contracts in the catalogue, $/kW-month of critical IT, averages."""
PLAUSIBLE_RENT = (40.0, 400.0)
PLAUSIBLE_ENERGY = (12.0, 400.0)
PLAUSIBLE_EFFICIENCY = (5.0, 150.0)


def unit_findings(plan: Plan, results: Results) -> Iterator[Finding]:
    """Every number of the plan that looks like another unit."""
    yield from _market(plan)
    for site in plan.sites:
        yield from _site(site)
    for contract in plan.power_contracts:
        yield from _contract(contract)
    for lot in plan.asic_lots:
        yield from _lot(lot)
    for offer in plan.ai_offers:
        yield from _offer_size(plan, offer)
        yield from _offer_price(plan, offer, results)
        yield from _offer_capex(offer)


def _guard(code: str, path: str, message: str, *repairs: Repair, severity: Severity = Severity.WARNING) -> Finding:
    return Finding(f"units.{code}", severity, path, message, repairs)


def _set(value: float | Schedule | None, path: str, factor: float, label: str) -> Repair:
    if isinstance(value, Schedule):
        new: float | Schedule = replace_record(value, values=tuple(_tidy(v * factor) for v in value.values))
    else:
        new = _tidy((value or 0.0) * factor)
    return Repair(label, ((path, new),))


def _tidy(value: float) -> float:
    return float(f"{value:.12g}")


def _first(value: float | Schedule | None) -> float | None:
    return value.values[0] if isinstance(value, Schedule) else value


def _market(plan: Plan) -> Iterator[Finding]:
    market = plan.market
    difficulty, price = _first(market.difficulty), _first(market.btc_price_usd)
    if difficulty is not None and difficulty < 1e6:
        path = "market.difficulty"
        yield _guard(
            "difficulty_in_trillions",
            path,
            f"A difficulty of {difficulty:g} was last seen in 2011; it is usually quoted in trillions, "
            f"{difficulty:g} T.",
            _set(market.difficulty, path, 1e12, f"Set {difficulty:g} T"),
        )
    if price is not None and 0 < price < 1_000:
        path = "market.btc_price_usd"
        yield _guard(
            "price_in_thousands",
            path,
            f"A BTC price of ${price:g} looks like thousands of dollars.",
            _set(market.btc_price_usd, path, 1_000.0, f"Set ${price * 1000:,.0f}"),
        )


def _site(site: Site) -> Iterator[Finding]:
    if site.capacity_mw >= 5_000:
        path = f"sites.{site.id}.capacity_mw"
        yield _guard(
            "kw_for_mw",
            path,
            f"{site.capacity_mw:,.0f} MW at one site is more than a large power station delivers; as kW it is "
            f"{site.capacity_mw / 1000:,.6g} MW.",
            _set(site.capacity_mw, path, 1e-3, f"Set {site.capacity_mw / 1000:,.6g} MW"),
        )


def _contract(contract: PowerContract) -> Iterator[Finding]:
    price = _first(contract.energy_price_usd_per_mwh)
    if price is None or not (0 < price < PLAUSIBLE_ENERGY[0] or price > PLAUSIBLE_ENERGY[1]):
        return
    path = f"power_contracts.{contract.id}.energy_price_usd_per_mwh"
    if price > PLAUSIBLE_ENERGY[1]:
        yield _guard(
            "energy_price_high",
            path,
            f"${price:,.6g}/MWh is far above any power contract that miners report (about $20 to $80).",
            *(
                _set(contract.energy_price_usd_per_mwh, path, factor, f"Set ${price * factor:,.6g}/MWh")
                for factor in (0.1, 0.01, 0.001)
                if PLAUSIBLE_ENERGY[0] <= price * factor <= PLAUSIBLE_ENERGY[1] / 4
            ),
        )
        return
    if price < 1.0:
        factor, unit = 1_000.0, f"${price:g}/kWh"
    else:
        factor, unit = 10.0, f"{price:g} c/kWh"
    yield _guard(
        "energy_price_per_kwh",
        path,
        f"${price:g}/MWh is below any power contract that miners report (about $20 to $80); {unit} would be "
        f"${price * factor:,.6g}/MWh.",
        _set(contract.energy_price_usd_per_mwh, path, factor, f"Set ${price * factor:,.6g}/MWh"),
    )


def _lot(lot: AsicLot) -> Iterator[Finding]:
    low, high = PLAUSIBLE_EFFICIENCY
    efficiency = lot.power_w / lot.hashrate_th_per_s
    if not low <= efficiency <= high:
        options = (
            ("power_w", 1_000.0, "kW for W", lot.power_w < 100),
            ("hashrate_th_per_s", 1e-3, "J/GH for J/TH: the hashrate is in GH/s", lot.hashrate_th_per_s > 5_000),
            ("hashrate_th_per_s", 1e3, "the hashrate is in PH/s", lot.hashrate_th_per_s < 5),
            ("power_w", 1e-3, "mW for W", lot.power_w > 1_000_000),
        )
        repairs, words = [], ""
        for name, factor, words_if, likely in options:
            moved = efficiency * factor if name == "power_w" else efficiency / factor
            if likely and low <= moved <= high:
                path = f"asic_lots.{lot.id}.{name}"
                value = getattr(lot, name)
                unit = "W" if name == "power_w" else "TH/s"
                repairs.append(_set(value, path, factor, f"Set {value * factor:,.6g} {unit}"))
                words = words or f" It looks like {words_if}; then it is {moved:.3g} J/TH."
        field = repairs[0].changes[0][0] if repairs else f"asic_lots.{lot.id}.power_w"
        yield _guard(
            "efficiency",
            field,
            f"{lot.power_w:,.6g} W for {lot.hashrate_th_per_s:,.6g} TH/s is {efficiency:.3g} J/TH; machines on the "
            f"market run at 9 to 100 J/TH.{words}",
            *repairs,
        )
    if 0 < lot.purchase_price_usd_per_unit < 60:
        path = f"asic_lots.{lot.id}.purchase_price_usd_per_unit"
        per_unit = lot.purchase_price_usd_per_unit * lot.hashrate_th_per_s
        yield _guard(
            "price_per_th",
            path,
            f"${lot.purchase_price_usd_per_unit:g} buys no machine; as a price per TH/s it is "
            f"${per_unit:,.0f} a machine.",
            _set(lot.purchase_price_usd_per_unit, path, lot.hashrate_th_per_s, f"Set ${per_unit:,.0f} per machine"),
        )


def _offer_size(plan: Plan, offer: AiOffer) -> Iterator[Finding]:
    site = next((s for s in plan.sites if s.id == offer.site_id), None)
    if site is None or offer.critical_it_mw <= 0:
        return
    limit = site.capacity_mw if site.convertible_mw is None else site.convertible_mw
    word = "capacity" if site.convertible_mw is None else "convertible power"
    it_mw, gross = offer.critical_it_mw, offer.gross_mw_per_it_mw
    path = f"ai_offers.{offer.id}.critical_it_mw"
    if it_mw * gross <= limit * (1 + 1e-9):
        return
    if it_mw <= limit:
        yield _guard(
            "gross_for_it",
            path,
            f"{it_mw:,.6g} MW of critical IT needs {it_mw * gross:,.6g} utility MW, more than the {word} of "
            f"{site.name} ({limit:,.6g} MW). If {it_mw:,.6g} MW is the gross figure, critical IT is "
            f"{it_mw / gross:,.6g} MW.",
            _set(it_mw, path, 1.0 / gross, f"Set {it_mw / gross:,.4g} IT MW"),
        )
    elif it_mw >= 20 * limit and it_mw / 1000 * gross <= limit:  # 70 for 60 MW is a large offer, not kilowatts
        yield _guard(
            "kw_for_mw",
            path,
            f"{it_mw:,.6g} MW of critical IT is more than the {word} of {site.name} ({limit:,.6g} MW); as kW it is "
            f"{it_mw / 1000:,.6g} MW.",
            _set(it_mw, path, 1e-3, f"Set {it_mw / 1000:,.6g} IT MW"),
        )
    else:
        yield Finding(
            "offers.too_large",
            Severity.WARNING,
            path,
            f"{offer.name} needs {it_mw * gross:,.6g} utility MW; the {word} of {site.name} is {limit:,.6g} MW.",
            (_set(it_mw, path, limit / (it_mw * gross), f"Set {limit / gross:,.4g} IT MW"),) if limit > 0 else (),
        )


def _offer_price(plan: Plan, offer: AiOffer, results: Results) -> Iterator[Finding]:
    if offer.kind == LEASE:
        yield from _rent(plan, offer, results)
        return
    price = _first(offer.price_usd_per_gpu_hour)
    path = f"ai_offers.{offer.id}.price_usd_per_gpu_hour"
    if price is not None and price > 60:
        yield _guard(
            "gpu_price_per_month",
            path,
            f"${price:,.6g} per GPU-hour is far above any list price (about $1 to $18); per GPU-month it is "
            f"${price / 730:,.3g} an hour.",
            _set(offer.price_usd_per_gpu_hour, path, 1 / 730, f"Set ${price / 730:,.3g}/GPU-hour"),
        )
    if offer.it_kw_per_gpu is not None and offer.it_kw_per_gpu > 15:
        path = f"ai_offers.{offer.id}.it_kw_per_gpu"
        yield _guard(
            "watts_per_gpu",
            path,
            f"{offer.it_kw_per_gpu:,.6g} kW for one GPU; cards draw 0.7 to 1.4 kW and are contracted at 1.3 to 2.7. "
            f"As watts it is {offer.it_kw_per_gpu / 1000:,.4g} kW.",
            _set(offer.it_kw_per_gpu, path, 1e-3, f"Set {offer.it_kw_per_gpu / 1000:,.4g} kW"),
        )


def _rent(plan: Plan, offer: AiOffer, results: Results) -> Iterator[Finding]:
    rent = _first(offer.rent_usd_per_it_kw_month)
    if rent is None or rent <= 0:
        return
    path = f"ai_offers.{offer.id}.rent_usd_per_it_kw_month"
    low, high = PLAUSIBLE_RENT
    if rent < low:
        yearly = rent * 12.0
        compare = _against_mining(offer, rent, results)
        if low <= yearly <= high:
            yield _guard(
                "rent_per_year",
                path,
                f"${rent:,.4g}/kW-month is ${yearly:,.4g} per kW and year{compare}. Leases are quoted per kW-month "
                f"(disclosed: $104 to $188); ${yearly:,.4g}/kW-month is the likely unit.",
                _set(offer.rent_usd_per_it_kw_month, path, 12.0, f"Set ${yearly:,.4g}/kW-month"),
            )
        else:
            yield _guard(
                "rent_low",
                path,
                f"${rent:,.4g}/kW-month is far below every disclosed lease ($104 to $188){compare}.",
            )
    elif rent > high:
        repairs = []
        for factor, words in ((1 / 12.0, "per kW-year"), (1 / 1_000.0, "per MW-month"), (1 / 12_000.0, "per MW-year")):
            if low <= rent * factor <= high:
                repairs.append(
                    _set(offer.rent_usd_per_it_kw_month, path, factor, f"Set ${rent * factor:,.4g} (read as {words})")
                )
        yield _guard(
            "rent_high",
            path,
            f"${rent:,.6g}/kW-month is far above every disclosed lease ($104 to $188); it looks like a price per year "
            "or per MW.",
            *repairs,
        )
    elif rent < LOWEST_DISCLOSED_RENT * 0.75:
        yield _guard(
            "rent_below_disclosed",
            path,
            f"${rent:,.4g}/kW-month is below every disclosed lease ($104 to $188, averages over the term); check "
            "whether the tenant funds the conversion.",
            severity=Severity.INFO,
        )


def _against_mining(offer: AiOffer, rent: float, results: Results) -> str:
    """How a rent compares with what the site's machines earn on the same megawatt, in words."""
    lots = [u for u in results.uses if u.kind == "asic" and u.site_id == offer.site_id]
    earning = [u for u in lots if u.revenue_usd_per_mw_year > 0]
    if not earning:
        return ""
    best = max(earning, key=lambda u: u.revenue_usd_per_mw_year)
    share = rent * 12_000.0 / offer.gross_mw_per_it_mw / best.revenue_usd_per_mw_year
    return f", {share:.0%} of what the same utility megawatt earns on your {best.name}"


def _offer_capex(offer: AiOffer) -> Iterator[Finding]:
    capex = offer.capex_usd_per_it_mw
    path = f"ai_offers.{offer.id}.capex_usd_per_it_mw"
    if 0 < capex < 100:
        yield _guard(
            "capex_in_millions",
            path,
            f"${capex:g} per MW builds nothing; disclosed halls cost $8 to $13 million per MW of critical IT.",
            _set(capex, path, 1e6, f"Set ${capex:g} million"),
        )
    elif 1_000 <= capex < 100_000:
        yield _guard(
            "capex_per_kw",
            path,
            f"${capex:,.0f} per MW is far below disclosed halls ($8 to $13 million); per kW it is "
            f"${capex / 1000:,.4g} million per MW.",
            _set(capex, path, 1e3, f"Set ${capex / 1000:,.4g} million"),
        )
    if offer.kind == GPU_CLOUD and 0 < offer.capex_usd_per_gpu < 1_000:
        path = f"ai_offers.{offer.id}.capex_usd_per_gpu"
        yield _guard(
            "gpu_capex_in_thousands",
            path,
            f"${offer.capex_usd_per_gpu:g} buys no data-centre GPU; in thousands it is "
            f"${offer.capex_usd_per_gpu * 1000:,.0f}.",
            _set(offer.capex_usd_per_gpu, path, 1e3, f"Set ${offer.capex_usd_per_gpu * 1000:,.0f}"),
        )
