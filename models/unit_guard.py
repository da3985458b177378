"""Numbers that are possible but look like another unit: cents for dollars, kilowatts for megawatts, a year for a month.

Each guard compares with physics, with disclosed deals or with the user's own plan, says why, and offers the likely
number. Nothing is changed by itself. The numbers of power contracts are in `models.power_units`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace as replace_record

from models.fields import Schedule
from models.plan import GPU_CLOUD, LEASE, AiOffer, AsicLot, Plan, Site
from models.problems import Finding, Repair, Severity
from models.results import Results
from models.sentences import Amount, Sentence, joined
from models.use_names import use_name

LOWEST_DISCLOSED_RENT = 103.7
"""Lowest of the priced leases and colocation contracts in the catalogue, $/kW-month of critical IT, averages."""
PLAUSIBLE_RENT = (40.0, 400.0)
LISTED_GPU_PRICE = (1.0, 18.0)
"""From five-year contracts to on-demand lists, $/GPU-hour."""
CENTS = (0.01, "cents")
HIGH_RENTS = ((1 / 12.0, "per kW-year"), CENTS, (1 / 1_000.0, "per MW-month"), (1 / 12_000.0, "per MW-year"))
LOW_RENTS = ((12.0, "a year's price divided by twelve"), (100.0, "hundreds of dollars"), (730.0, "per kWh"))
HIGH_GPU_PRICES = ((1 / 730.0, "per GPU-month"), CENTS, (1 / 8_760.0, "per GPU-year"))
"""What a number may be, and what it is then multiplied with."""
LEAST_MACHINE_PRICE = 60.0
PLAUSIBLE_EFFICIENCY = (5.0, 150.0)
RENT = "USD/kW-month"
# What sentences compare with.
DISCLOSED_RENT = {"low": Amount(104.0, "USD"), "high": Amount(188.0, "USD")}
DISCLOSED_CAPEX = {"low": Amount(8.0, "USD"), "high": Amount(13.0, "USD")}


def unit_findings(plan: Plan, results: Results) -> Iterator[Finding]:
    """Every number of the plan that looks like another unit, power apart."""
    yield from _market(plan)
    for site in plan.sites:
        yield from _site(site)
    for lot in plan.asic_lots:
        yield from lot_findings(lot)
    for offer in plan.ai_offers:
        yield from _offer_size(plan, offer)
        yield from _offer_price(plan, offer, results)
        yield from _offer_capex(offer)


def guard(code: str, path: str, message: str, *repairs: Repair, severity: Severity = Severity.WARNING) -> Finding:
    """A finding of the unit guard."""
    return Finding(f"units.{code}", severity, path, message, repairs)


def scaled(value: float | Schedule | None, path: str, factor: float, amount: Amount, more: str = "") -> Repair:
    """The repair that multiplies a value, named after the `amount` that it sets."""
    label = Sentence("Set {amount}{more}", amount=amount, more=more)
    if isinstance(value, Schedule):
        new: float | Schedule = replace_record(value, values=tuple(_tidy(v * factor) for v in value.values))
    else:
        new = _tidy((value or 0.0) * factor)
    return Repair(label, ((path, new),))


def readings(
    value: float | Schedule | None, path: str, unit: str, ways: Iterable[tuple[float, str]], usual: tuple[float, float]
) -> tuple[str, list[Repair]]:
    """Every way to read a number that makes it a usual one, the likeliest first.

    Parameters
    ----------
    value, path, unit
        The number, or the table of which the first one counts.
    ways
        What it is multiplied with, and what it is read as.
    usual
        Lowest and highest; what lands near their middle is likelier.

    Returns
    -------
    A clause that says the likely ones, and a repair for each; both empty where there is none.
    """
    typed, middle = first_value(value) or 0.0, math.log(usual[0] * usual[1]) / 2
    fitting = [(typed * factor, factor, words) for factor, words in ways if usual[0] <= typed * factor <= usual[1]]
    fitting.sort(key=lambda way: abs(math.log(way[0]) - middle))
    said = [
        Sentence("{meant} if it is read as {words}", meant=Amount(meant, unit, ",.3g"), words=words)
        for meant, _, words in fitting
    ]
    repairs = [
        scaled(value, path, factor, Amount(meant, "USD", ",.4g"), f" (read as {words})")
        for meant, factor, words in fitting
    ]
    return Sentence("; it is {readings}", readings=joined(said, ", or ")) if said else "", repairs


def _tidy(value: float) -> float:
    return float(f"{value:.12g}")


def first_value(value: float | Schedule | None) -> float | None:
    """A number, or the first of a monthly table."""
    return value.values[0] if isinstance(value, Schedule) else value


def _market(plan: Plan) -> Iterator[Finding]:
    market = plan.market
    difficulty, price = first_value(market.difficulty), first_value(market.btc_price_usd)
    if difficulty is not None and difficulty < 1e6:
        path = "market.difficulty"
        yield guard(
            "difficulty_in_trillions",
            path,
            Sentence(
                "A difficulty of {typed} was last seen in 2011; it is usually quoted in trillions, {meant}.",
                typed=Amount(difficulty, "", ".6g"),
                meant=Amount(difficulty * 1e12, "difficulty", ".6g"),
            ),
            scaled(market.difficulty, path, 1e12, Amount(difficulty * 1e12, "difficulty", ".6g")),
        )
    if price is not None and 0 < price < 1_000:
        path = "market.btc_price_usd"
        yield guard(
            "price_in_thousands",
            path,
            Sentence("A BTC price of {typed} looks like thousands of dollars.", typed=Amount(price, "USD", ".6g")),
            scaled(market.btc_price_usd, path, 1_000.0, Amount(price * 1000, "USD", ",.0f")),
        )


def _site(site: Site) -> Iterator[Finding]:
    if site.capacity_mw >= 5_000:
        path, meant = f"sites.{site.id}.capacity_mw", Amount(site.capacity_mw / 1000, "MW")
        yield guard(
            "kw_for_mw",
            path,
            Sentence(
                "{typed} at one site is more than a large power station delivers; as kW it is {meant}.",
                typed=Amount(site.capacity_mw, "MW", ",.0f"),
                meant=meant,
            ),
            scaled(site.capacity_mw, path, 1e-3, meant),
        )


def lot_findings(lot: AsicLot) -> Iterator[Finding]:
    """Every number of a lot that looks like another unit."""
    low, high = PLAUSIBLE_EFFICIENCY
    efficiency = lot.power_w / lot.hashrate_th_per_s
    if not low <= efficiency <= high:
        options = (
            ("power_w", 1_000.0, "kW for W", lot.power_w < 100),
            ("hashrate_th_per_s", 1e-3, "J/GH for J/TH: the hashrate is in GH/s", lot.hashrate_th_per_s > 5_000),
            ("hashrate_th_per_s", 1e3, "the hashrate is in PH/s", lot.hashrate_th_per_s < 5),
            ("power_w", 1e-3, "mW for W", lot.power_w > 1_000_000),
        )
        repairs, likelier = [], ""
        for name, factor, words_if, likely in options:
            moved = efficiency * factor if name == "power_w" else efficiency / factor
            if likely and low <= moved <= high:
                path = f"asic_lots.{lot.id}.{name}"
                value = getattr(lot, name)
                unit = "W" if name == "power_w" else "TH/s"
                repairs.append(scaled(value, path, factor, Amount(value * factor, unit)))
                likelier = likelier or Sentence(
                    " It looks like {what}; then it is {moved}.", what=words_if, moved=Amount(moved, "J/TH", ".3g")
                )
        field = repairs[0].changes[0][0] if repairs else f"asic_lots.{lot.id}.power_w"
        yield guard(
            "efficiency",
            field,
            Sentence(
                "{power} for {hashrate} is {efficiency}; machines on the market run at 9 to 100 J/TH.{likelier}",
                power=Amount(lot.power_w, "W"),
                hashrate=Amount(lot.hashrate_th_per_s, "TH/s"),
                efficiency=Amount(efficiency, "J/TH", ".3g"),
                likelier=likelier,
            ),
            *repairs,
        )
    if 0 < lot.purchase_price_usd_per_unit < LEAST_MACHINE_PRICE:
        path = f"asic_lots.{lot.id}.purchase_price_usd_per_unit"
        per_unit = Amount(lot.purchase_price_usd_per_unit * lot.hashrate_th_per_s, "USD", ",.0f")
        yield guard(
            "price_per_th",
            path,
            Sentence(
                "{typed} buys no machine; as a price per TH/s it is {meant} a machine.",
                typed=Amount(lot.purchase_price_usd_per_unit, "USD", ".6g"),
                meant=per_unit,
            ),
            *(
                [scaled(lot.purchase_price_usd_per_unit, path, lot.hashrate_th_per_s, per_unit, " per machine")]
                if per_unit.value >= LEAST_MACHINE_PRICE
                else []
            ),
        )


def _offer_size(plan: Plan, offer: AiOffer) -> Iterator[Finding]:
    site = next((s for s in plan.sites if s.id == offer.site_id), None)
    if site is None or offer.critical_it_mw <= 0:
        return
    limit = site.capacity_mw if site.convertible_mw is None else site.convertible_mw
    word = "capacity" if site.convertible_mw is None else "convertible power"
    it_mw, gross = offer.critical_it_mw, offer.gross_mw_per_it_mw
    path = f"ai_offers.{offer.id}.critical_it_mw"
    about: dict[str, Amount | str] = {
        "typed": Amount(it_mw, "MW"),
        "needed": Amount(it_mw * gross, "utility MW"),
        "word": word,
        "site": site.name,
        "limit": Amount(limit, "MW"),
    }
    if it_mw * gross <= limit * (1 + 1e-9):
        return
    if it_mw <= limit:
        yield guard(
            "gross_for_it",
            path,
            Sentence(
                "{typed} of critical IT needs {needed}, more than the {word} of {site} ({limit}). If {typed} is the "
                "gross figure, critical IT is {meant}.",
                meant=Amount(it_mw / gross, "MW", ",.4g"),
                **about,
            ),
            scaled(it_mw, path, 1.0 / gross, Amount(it_mw / gross, "IT MW", ",.4g")),
        )
    elif it_mw >= 20 * limit and it_mw / 1000 * gross <= limit:  # 70 for 60 MW is a large offer, not kilowatts
        yield guard(
            "kw_for_mw",
            path,
            Sentence(
                "{typed} of critical IT is more than the {word} of {site} ({limit}); as kW it is {meant}.",
                meant=Amount(it_mw / 1000, "MW"),
                **about,
            ),
            scaled(it_mw, path, 1e-3, Amount(it_mw / 1000, "IT MW")),
        )
    else:
        yield Finding(
            "offers.too_large",
            Severity.WARNING,
            path,
            Sentence("{offer} needs {needed}; the {word} of {site} is {limit}.", offer=use_name(plan, offer), **about),
            (scaled(it_mw, path, limit / (it_mw * gross), Amount(limit / gross, "IT MW", ",.4g")),)
            if limit > 0
            else (),
        )


def _offer_price(plan: Plan, offer: AiOffer, results: Results) -> Iterator[Finding]:
    if offer.kind == LEASE:
        yield from _rent(plan, offer, results)
        return
    price = first_value(offer.price_usd_per_gpu_hour)
    path = f"ai_offers.{offer.id}.price_usd_per_gpu_hour"
    if price is not None and price > 60:
        low, high = LISTED_GPU_PRICE
        likely, repairs = readings(
            offer.price_usd_per_gpu_hour, path, "USD/GPU-hour", HIGH_GPU_PRICES, LISTED_GPU_PRICE
        )
        sentence = Sentence(
            "{typed} is far above any list price (about {low} to {high}){likely}.",
            typed=Amount(price, "USD/GPU-hour"),
            low=Amount(low, "USD"),
            high=Amount(high, "USD"),
            likely=likely,
        )
        yield guard("gpu_price_per_month", path, sentence, *repairs)
    if offer.it_kw_per_gpu is not None and offer.it_kw_per_gpu > 15:
        path = f"ai_offers.{offer.id}.it_kw_per_gpu"
        yield guard(
            "watts_per_gpu",
            path,
            Sentence(
                "{typed} for one GPU; cards draw {least} to {most} and are contracted at {low} to {high}. "
                "As watts it is {meant}.",
                typed=Amount(offer.it_kw_per_gpu, "kW"),
                least=Amount(0.7),
                most=Amount(1.4, "kW"),
                low=Amount(1.3),
                high=Amount(2.7),
                meant=Amount(offer.it_kw_per_gpu / 1000, "kW", ",.4g"),
            ),
            scaled(offer.it_kw_per_gpu, path, 1e-3, Amount(offer.it_kw_per_gpu / 1000, "kW", ",.4g")),
        )


def _rent(plan: Plan, offer: AiOffer, results: Results) -> Iterator[Finding]:
    rent = first_value(offer.rent_usd_per_it_kw_month)
    if rent is None or rent <= 0:
        return
    path = f"ai_offers.{offer.id}.rent_usd_per_it_kw_month"
    typed, (low, high) = offer.rent_usd_per_it_kw_month, PLAUSIBLE_RENT
    if rent < low:
        likely, repairs = readings(typed, path, RENT, LOW_RENTS, PLAUSIBLE_RENT)
        yearly = rent * 12.0
        meant = Amount(yearly, RENT, ",.4g")
        about: dict[str, Amount | str] = {
            "typed": Amount(rent, RENT, ",.4g"),
            "compare": _against_mining(offer, rent, results),
            **DISCLOSED_RENT,
        }
        if low <= yearly <= high:
            yield guard(
                "rent_per_year",
                path,
                Sentence(
                    "{typed} is {yearly} per kW and year{compare}. Leases are quoted per kW-month "
                    "(disclosed: {low} to {high}); {meant} is the likely unit.",
                    yearly=Amount(yearly, "USD", ",.4g"),
                    meant=meant,
                    **about,
                ),
                *repairs,
            )
        else:
            words = "{typed} is far below every disclosed lease ({low} to {high}){compare}{likely}."
            yield guard("rent_low", path, Sentence(words, likely=likely, **about), *repairs)
    elif rent > high:
        likely, repairs = readings(typed, path, RENT, HIGH_RENTS, PLAUSIBLE_RENT)
        sentence = Sentence(
            "{typed} is far above every disclosed lease ({low} to {high}){likely}.",
            typed=Amount(rent, RENT),
            likely=likely,
            **DISCLOSED_RENT,
        )
        yield guard("rent_high", path, sentence, *repairs)
    elif rent < LOWEST_DISCLOSED_RENT * 0.75:
        yield guard(
            "rent_below_disclosed",
            path,
            Sentence(
                "{typed} is below every disclosed lease ({low} to {high}, averages over the term); check "
                "whether the tenant funds the conversion.",
                typed=Amount(rent, RENT, ",.4g"),
                **DISCLOSED_RENT,
            ),
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
    return Sentence(
        ", {share} of what the same utility megawatt earns on your {best}",
        share=Amount(share, "fraction", ".0f%"),
        best=best.name,
    )


def _offer_capex(offer: AiOffer) -> Iterator[Finding]:
    capex = offer.capex_usd_per_it_mw
    path = f"ai_offers.{offer.id}.capex_usd_per_it_mw"
    if 0 < capex < 100:
        yield guard(
            "capex_in_millions",
            path,
            Sentence(
                "{typed} per MW builds nothing; disclosed halls cost {low} to {high} million per MW of critical IT.",
                typed=Amount(capex, "USD", ".6g"),
                **DISCLOSED_CAPEX,
            ),
            scaled(capex, path, 1e6, Amount(capex, "USD", ".6g"), " million"),
        )
    elif 1_000 <= capex < 100_000:
        yield guard(
            "capex_per_kw",
            path,
            Sentence(
                "{typed} per MW is far below disclosed halls ({low} to {high} million); per kW it is "
                "{meant} million per MW.",
                typed=Amount(capex, "USD", ",.0f"),
                meant=Amount(capex / 1000, "USD", ",.4g"),
                **DISCLOSED_CAPEX,
            ),
            scaled(capex, path, 1e3, Amount(capex / 1000, "USD", ",.4g"), " million"),
        )
    if offer.kind == GPU_CLOUD and 0 < offer.capex_usd_per_gpu < 1_000:
        path = f"ai_offers.{offer.id}.capex_usd_per_gpu"
        yield guard(
            "gpu_capex_in_thousands",
            path,
            Sentence(
                "{typed} buys no data-centre GPU; in thousands it is {meant}.",
                typed=Amount(offer.capex_usd_per_gpu, "USD", ".6g"),
                meant=Amount(offer.capex_usd_per_gpu * 1000, "USD", ",.0f"),
            ),
            scaled(offer.capex_usd_per_gpu, path, 1e3, Amount(offer.capex_usd_per_gpu * 1000, "USD", ",.0f")),
        )
