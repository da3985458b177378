"""What the values of a series are counted in: told, named by a heading, or guessed and then asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.importers.series.log import Log
from models.importers.series.markets import ENERGY_UNITS, POWER_UNITS, PRICE_UNITS, Market, other_good_in, unit_in
from models.importers.series.outcome import METER, UNIT_OF_KIND, Question, choices
from models.problems import PlanFileError, Severity

Floats = NDArray[np.float64]


def unit_of(values: Floats, texts: Sequence[str], kind: str, told: str | None, market: Market | None, log: Log) -> str:
    """The unit of a series.

    Parameters
    ----------
    values
        As read, shape (R,).
    texts
        What may name the unit, the surest first.
    kind
        ``prices`` or ``meter``.
    told
        The user's answer.
    market
        As recognised.
    log
        Takes the question.

    Raises
    ------
    PlanFileError
        Where the unit is another currency's, or that of something else than electricity.
    """
    known = {**ENERGY_UNITS, **POWER_UNITS} if kind == METER else PRICE_UNITS
    if told is not None:
        unit = next((name for name in known if name.lower() == told.lower()), None)
        if unit is None:
            listed = ", ".join(known)
            raise PlanFileError(f"{told!r} is no unit of {kind}", log.filename, f"choose one of {listed}")
        return unit
    currency = market.currency if market else ""
    for text in texts:
        unit, money = unit_in(text, currency)
        if kind != METER and money and money not in ("USD", "cent"):
            _refuse_currency(money, log)
        if unit in known:
            return unit
        if good := other_good_in(text):
            what = f"“{text[:40]}” counts {good}, and that is no electricity"
            raise PlanFileError(what, log.filename, "choose another column, or say the unit that is meant")
    if kind != METER and currency not in ("", "USD"):
        _refuse_currency(currency, log)
    if market is not None and kind != METER:
        return UNIT_OF_KIND[kind]
    return _guessed(values, known, kind, log)


def _refuse_currency(money: str, log: Log) -> None:
    raise PlanFileError(
        f"its prices are in {money}, and a plan counts in USD",
        log.filename,
        "convert them; or, if they are dollars all the same, say so with the unit USD/MWh",
    )


def _guessed(values: Floats, known: dict[str, float], kind: str, log: Log) -> str:
    if kind == METER:
        # Which size it is cannot be seen from the numbers: a house and a mine differ by six digits.
        units = ("kWh", "MWh", "Wh", "kW", "MW")
        log.ask(Question("unit", "What are the readings in?", choices(units), "kWh", "no heading names the unit"))
        return "kWh"
    middle = float(np.nanmedian(np.abs(values))) if np.isfinite(values).any() else 0.0
    largest = float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 0.0
    unit = "USD/kWh" if largest < 2 else "cent/kWh" if middle < 12 and largest < 60 else "USD/MWh"
    why = f"no heading names the unit; half of the prices are below {middle:,.3g}"
    log.ask(Question("unit", "What are the prices in?", choices(known), unit, why))
    if unit != "USD/MWh":
        log.note("unit_assumed", f"The prices were taken to be in {unit}: {why}.", Severity.WARNING)
    return unit
