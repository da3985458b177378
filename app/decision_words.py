"""How decisions are worded: what was decided, what became of it in sentences, and the rows of its tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from app.numbers import Numbers
from app.tables.line_model import Cell
from models.decisions.actual_market import HOW
from models.decisions.lookback import LOOKBACK, PLANNED, RECKONED, LineSum, LookBack, Monthly
from models.decisions.paths import CASH_LINES, FREE_CASH, UsePath
from models.plan import Decision, Plan
from models.records.paper import CHOSEN
from models.sheets import Measured

DIGEST_SHOWN = 12
USE_HEADINGS = (
    "Use",
    "Was",
    "NPV then, /MW",
    "Planned to date",
    "As it came",
    "Difference",
    "MW",
    "NPV to date, planned",
)
LINE_HEADINGS = (
    "Line",
    "Expected to date",
    "Actual to date",
    "Difference",
    "Expected, 12 months",
    "Actual, 12 months",
    "Difference, 12 months",
    "Why",
)
MONTH_HEADINGS = ("Month", "Expected", "As it came", "Difference", "Cumulative difference", "Of")
FORECAST_HEADINGS = ("Line", "Months known", "Forecast too high by", "Mean error")
MADE_OF = {
    "actual": ("actual", ""),
    RECKONED: ("reckoned", "No actual cash: the frozen plan at the actual prices of the month."),
    PLANNED: ("as planned", "Nothing is known of this month; it counts as the frozen plan had it."),
}
REJECTED_TIP = f"The frozen plan at the prices that came. {HOW}"


def counted(plan: Plan) -> str:
    """``2 decisions, 9 actual months``."""
    decisions, months = len(plan.decisions), len({a.month for a in plan.actuals})
    first = f"{decisions or 'No'} decision{'' if decisions == 1 else 's'}"
    return f"{first}, {months or 'no'} actual month{'' if months == 1 else 's'}"


def about_lines(decision: Decision) -> tuple[str, ...]:
    """Who decided when, and on what, in a line each."""
    memo = f"memo {decision.memo_digest[:DIGEST_SHOWN]}" if decision.memo_digest else ""
    who = (decision.decided_on, f"by {decision.decided_by}" if decision.decided_by else "")
    lines = (" · ".join(filter(None, who)), " · ".join(filter(None, (decision.scenario_name, memo))))
    return tuple(filter(None, lines))


def sentences(found: LookBack, numbers: Numbers) -> list[tuple[str, str, str]]:
    """What became of a decision: each sentence, the role it is written in, and the path of the figure it speaks of."""
    said = [(_decided(found, numbers), "", f"{LOOKBACK}.decision.decided")]
    moved = [path.name for path in found.register.expected if path.has_moved]
    if moved:
        version = found.register.decision.program_version or "the version of that day"
        text = (
            f"This version of Busbar computes another NPV of {_listed(moved)} from the frozen plan than {version} did."
        )
        said.append((text, "warning", f"{LOOKBACK}.decision.decided"))
    if not found.months:
        whose = _names(found.chosen, "what was chosen")
        text = (
            f"No actual month of {whose} or of the market is known yet. Import or enter some, and they are compared "
            "with the plan of that day."
        )
        return [*said, (text, "muted", "")]
    chosen, rejected = _names(found.chosen, "what was chosen"), _names(found.rejected, "what was turned down")
    month = numbers.month(found.last_month)
    text = f"By {month} {chosen} earned {_more(found.shortfall_usd, found.mw, numbers)} than planned"
    if not math.isfinite(found.shortfall_usd):
        text = f"Up to {month} the cash of {chosen} cannot be computed"
    elif abs(found.shortfall_usd) < 0.5:
        text = f"By {month} {chosen} earned what was planned"
    if found.rejected and math.isfinite(found.regret_usd):
        if abs(found.regret_usd) < 0.5:
            text += f", and {rejected} would have earned the same at actual prices."
        else:
            difference = _more(-found.regret_usd, found.mw, numbers)
            regret = f"a regret of {numbers.money(found.regret_usd)}" if found.regret_usd > 0 else "no regret"
            text += f", and {rejected} would have earned {difference} than that at actual prices: {regret}."
    else:
        text += "."
    figure = "regret_usd" if found.rejected else "shortfall_usd"
    said.append((text, "", f"{LOOKBACK}.decision.{figure}"))
    if found.rejected and math.isfinite(found.planned_gap_usd):
        ahead = f"ahead by {numbers.money(found.planned_gap_usd)}"
        if found.planned_gap_usd < 0:
            ahead = f"behind by {numbers.money(-found.planned_gap_usd)}"
        text = f"The plan itself had {rejected} {ahead} at this month."
        said.append((text, "small", f"{LOOKBACK}.decision.planned_gap_usd"))
    if found.reckoned_months:
        count = numbers.number(found.reckoned_months, 0)
        months = numbers.number(found.months, 0)
        text = f"{count} of {months} months have no actual cash; they are reckoned at actual prices"
        text += ", or count as planned where none is known." if PLANNED in found.made_of else "."
        said.append((text, "small", f"{LOOKBACK}.decision.came"))
    return said


def _decided(found: LookBack, numbers: Numbers) -> str:
    """What was chosen over what, and what the memo had them at."""
    mw = numbers.format(found.mw, 1, "MW")
    if len(found.chosen) != 1:
        return f"{mw} at {numbers.number(len(found.register.site_ids), 0)} sites were decided on."
    parts = []
    for path in (*found.chosen, *found.rejected):
        npv = path.use.npv_usd_per_mw
        parts.append(f"{path.name} ({numbers.money(npv)}/MW)" if npv is not None else path.name)
    where = found.register.site_name(found.chosen[0].use.site_id)
    return f"{mw} at {where}: {' rather than '.join(parts)}, by the NPV of that day."


def _more(shortfall_usd: float, mw: float, numbers: Numbers) -> str:
    """``$12,000 per MW less ($84,000)``."""
    word = "less" if shortfall_usd > 0 else "more"
    whole = numbers.money(abs(shortfall_usd))
    return f"{numbers.money(abs(shortfall_usd) / mw)} per MW {word} ({whole})" if mw else f"{whole} {word}"


def _names(paths: tuple[UsePath, ...], several: str) -> str:
    names = list(dict.fromkeys(path.name for path in paths))
    return names[0] if len(names) == 1 else several


def _listed(names: list[str]) -> str:
    names = list(dict.fromkeys(names))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def use_rows(found: LookBack, numbers: Numbers) -> list[tuple[Cell, ...]]:
    """What was chosen and what was turned down, as planned and as it came, up to the last known month."""
    rows = []
    register = found.register
    many = len(register.site_ids) > 1
    for planned, later in zip(register.expected, register.at_actual, strict=True):
        use = planned.use
        if found.site_id and use.site_id != found.site_id:
            continue
        is_chosen, owner = use.role == CHOSEN, f"{LOOKBACK}.uses.{use.id}"
        expected = float(planned.free_cash_usd[: found.months].sum())
        came = float(later.free_cash_usd[: found.months].sum())
        tip = REJECTED_TIP
        if is_chosen and len(found.chosen) == 1:
            came = float(found.went[: found.months].sum())
            tip = "Actual cash where it is known, else the frozen plan at actual prices."
        elif is_chosen:
            tip = "The frozen plan at the prices that came; the actual cash of all chosen uses is in the other tables."
        name = f"{planned.name}, {register.site_name(use.site_id)}" if many else planned.name
        npv = math.nan if use.npv_usd_per_mw is None else use.npv_usd_per_mw
        to_date = float(planned.npv_to_date_usd[found.months - 1]) if found.months else math.nan
        known = bool(found.months)
        cells = (
            Cell(name, strong=is_chosen, tip=name),
            Cell("Chosen" if is_chosen else "Turned down", ink="" if is_chosen else "muted"),
            _money(
                npv,
                numbers,
                "As the memo of that day had it" if use.npv_usd_per_mw is not None else "It had none",
                unit="USD/MW",
            ),
            _money(expected if known else math.nan, numbers, "Free cash of the frozen plan up to the last known month"),
            _money(came if known else math.nan, numbers, tip),
            _money(came - expected if known else math.nan, numbers, "As it came, less planned", sign=True),
            _amount(use.mw, 1, numbers, "Megawatts that were decided on", "MW"),
            _money(to_date, numbers, "Present value of the planned cash up to the last known month, at the use's rate"),
        )
        rows.append(_explained(cells, owner, ("npv", "", "npv", "planned", "came", "difference", "mw", "npv_to_date")))
    return rows


def _explained(cells: Sequence[Cell], owner: str, names: Sequence[str]) -> tuple[Cell, ...]:
    """The cells of a row with the paths of their figures: names below an owner's, empty for none."""
    paths = (f"{owner}.{name}" if name else "" for name in names)
    return tuple(replace(cell, path=path) for cell, path in zip(cells, paths, strict=True))


def line_rows(found: LookBack, numbers: Numbers) -> list[tuple[Cell, ...]]:
    """Line by line: expected, actual and difference, to date and of the latest twelve months."""
    rows = []
    sides = ("expected", "actual", "difference")
    figures = [f"{span}.{side}" for span in ("to_date", "last_year") for side in sides]
    for place, (whole, year) in enumerate(zip(found.to_date, found.last_year, strict=True)):
        unit = f", {_unit(whole)}" if _unit(whole) else ""
        name = _line_name(whole, found)
        cells = (
            Cell(f"{name}{unit}", strong=whole.line == FREE_CASH, exported=name),
            *_sum_cells(whole, numbers),
            *_sum_cells(year, numbers),
            Cell(whole.reason, ink="muted", tip=whole.reason),
        )
        why = "to_date.actual" if whole.reason else ""
        rows.append(_explained(cells, f"{LOOKBACK}.lines.{place}", ("to_date.difference", *figures, why)))
    return rows


def _sum_cells(line: LineSum, numbers: Numbers) -> tuple[Cell, Cell, Cell]:
    def cell(value: float, *, sign: bool = False) -> Cell:
        tip = line.reason if not math.isfinite(value) or line.reason else f"{line.months} months"
        return _in_unit(value, line.line, line.unit, numbers, tip, sign=sign)

    return cell(line.expected), cell(line.actual), cell(line.difference, sign=True)


def _line_name(line: LineSum | Monthly, found: LookBack) -> str:
    if line.site_id and line.site_id != found.site_id and len(found.register.site_ids) > 1:
        return f"{line.label}, {found.register.site_name(line.site_id)}"
    return line.label


def _unit(line: LineSum | Monthly) -> str:
    return {"USD": "$", "USD/BTC": "$", "USD/MWh": "$/MWh", "difficulty": "T"}.get(line.unit, line.unit)


def _in_unit(value: float, line: str, unit: str, numbers: Numbers, tip: str, *, sign: bool = False) -> Cell:
    digits = {"btc_mined": 4, "energy_price_usd_per_mwh": 2, "difficulty": 2}.get(line, 0)
    shown = value / 1e12 if unit == "difficulty" else value
    full = numbers.full(shown)
    exported = Measured(value, unit)
    return Cell(numbers.format(shown, digits, sign=sign), full, is_number=True, tip=tip, exported=exported)


def month_lines(found: LookBack) -> list[tuple[str, str]]:
    """Key and words of every line that can be looked at month by month, free cash first."""
    keyed = [(f"{m.line} {m.site_id}", _line_name(m, found)) for m in found.monthly]
    return [*keyed[-1:], *keyed[:-1]]


def month_rows(found: LookBack, key: str, numbers: Numbers) -> list[tuple[Cell, ...]]:
    """One line month by month, the latest first."""
    line = next((m for m in found.monthly if f"{m.line} {m.site_id}" == key), found.monthly[-1])
    rows, place = [], found.monthly.index(line)
    total = 0.0
    adds_up = line.line in (*CASH_LINES, FREE_CASH, "btc_mined", "energy_mwh")
    for m in range(found.months):
        expected, actual = float(line.expected[m]), float(line.actual[m])
        reason = "" if math.isfinite(actual) else "no actual value"
        made = ("", "")
        if line.line == FREE_CASH:
            made = MADE_OF[found.made_of[m]]
            actual = float(found.went[m])
            reason = ""
        difference = actual - expected
        if math.isfinite(difference):
            total += difference
        cells = (
            Cell(numbers.month(found.register.dates.months[m]), exported=found.register.dates.months[m]),
            _in_unit(expected, line.line, line.unit, numbers, "The frozen plan"),
            _in_unit(actual, line.line, line.unit, numbers, reason or made[1]),
            _in_unit(difference, line.line, line.unit, numbers, reason or "Actual less expected", sign=True),
            _in_unit(
                total if adds_up else math.nan,
                line.line,
                line.unit,
                numbers,
                "Of the months that are known" if adds_up else "Prices do not add up",
                sign=True,
            ),
            Cell(made[0] or reason or "actual", ink="muted", tip=made[1]),
        )
        owner, sides = (
            f"{LOOKBACK}.months.{place}.{found.register.dates.months[m]}",
            ("expected", "actual", "difference"),
        )
        rows.append(_explained(cells, owner, ("difference", *sides, "total" if adds_up else "difference", "actual")))
    return rows[::-1]


def forecast_rows(found: LookBack, numbers: Numbers) -> list[tuple[Cell, ...]]:
    """How good the forecast of each line was; lines of which nothing is known are left out."""
    rows = []
    for place, forecast in enumerate(found.forecasts):
        name = forecast.label
        if forecast.site_id and len(found.register.site_ids) > 1 and forecast.site_id != found.site_id:
            name = f"{name}, {found.register.site_name(forecast.site_id)}"
        bias = "Mean of (expected − actual) ∕ actual over the known months"
        cells = (
            Cell(name),
            _amount(forecast.months, 0, numbers, "", "months"),
            Cell(
                numbers.percent(forecast.bias_fraction, sign=True),
                str(forecast.bias_fraction),
                is_number=True,
                tip=bias,
                exported=Measured(forecast.bias_fraction, "fraction"),
            ),
            Cell(
                numbers.percent(forecast.error_fraction),
                str(forecast.error_fraction),
                is_number=True,
                tip="Mean of the same without its sign",
                exported=Measured(forecast.error_fraction, "fraction"),
            ),
        )
        rows.append(_explained(cells, f"{LOOKBACK}.forecasts.{place}", ("bias", "months", "bias", "error")))
    return rows


def _amount(value: float, digits: int, numbers: Numbers, tip: str, unit: str) -> Cell:
    full = numbers.full(value)
    return Cell(numbers.number(value, digits), full, is_number=True, tip=tip, exported=Measured(value, unit))


def _money(value: float, numbers: Numbers, tip: str, *, sign: bool = False, unit: str = "USD") -> Cell:
    full = numbers.full(value)
    return Cell(numbers.money(value, sign=sign), full, is_number=True, tip=tip, exported=Measured(value, unit))
