"""The figures of a decision that is looked back on, down to the frozen plan's own figures and the actual values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from models.curves import Array, month_number
from models.decisions.actual_market import HOW, at_actual_prices
from models.decisions.lookback import ACTUAL, LINE_LABELS, LOOKBACK, YEAR, Forecast, LineSum, LookBack, Monthly
from models.decisions.paths import CASH_LINES, FREE_CASH, UsePath
from models.evaluate import evaluate
from models.evidence import NO_SOURCE, UNDATED, age_days
from models.explain import Explanation, node_of
from models.explain.context import Context
from models.explain.tree import Column, LaterNode, Node, Table
from models.metrics import discount_factors
from models.plan import Actual, Plan
from models.recommendation import IDLE
from models.records.paper import MONTHLY_LINES
from models.scenarios import BASE

TYPED_IN = "entered without a source"


def explained_lookback(found: LookBack, actuals: Sequence[Actual], path: str, as_of: date) -> Explanation:
    """A figure of a look-back, reckoned from what it shows.

    Parameters
    ----------
    found, actuals
        The decision as it is looked back on, with the actual values of the open plan.
    path
        ``lookback.`` and then ``uses``, the id of a decided use and a name of `_Story.of_use`; ``decision`` and one of
        `_Story.of_decision`; ``lines``, a place, ``to_date`` or ``last_year`` and a side; ``months``, a place, a month
        and a side; ``forecasts``, a place and ``months``, ``bias`` or ``error``.
    as_of
        The day that ages are counted to.

    Raises
    ------
    KeyError
        Where the look-back has no such figure.
    """
    story = _Story(found, actuals, as_of)
    match path.split("."):
        case [first, "uses", use_id, name] if first == LOOKBACK:
            node = story.of_use(use_id, name)
        case [first, "decision", name] if first == LOOKBACK:
            node = story.of_decision(name)
        case [first, "lines", place, span, name] if first == LOOKBACK and span in ("to_date", "last_year"):
            node = story.of_line(int(place), span, name)
        case [first, "months", place, month, name] if first == LOOKBACK:
            node = story.of_month(int(place), month, name)
        case [first, "forecasts", place, name] if first == LOOKBACK:
            node = story.of_forecast(int(place), name)
        case _:
            raise KeyError(path)
    return Explanation(node if node.is_input else replace(node, path=path), as_of)


def explained_actual(line: Actual, as_of: date) -> Explanation:
    """An actual value: what was entered, and where it is from."""
    return Explanation(_entry(line), as_of)


class _Story:
    """Makes the nodes of one look-back."""

    def __init__(self, found: LookBack, actuals: Sequence[Actual], as_of: date) -> None:
        self.found, self.actuals, self.as_of = found, actuals, as_of
        self.register = found.register
        self.rows = self.register.dates.months[: found.months]

    # Uses

    def of_use(self, decided_id: str, name: str) -> Node:
        pairs = zip(self.register.expected, self.register.at_actual, strict=True)
        planned, later = next(((p, q) for p, q in pairs if p.use.id == decided_id), (None, None))
        if planned is None or later is None:
            raise KeyError(decided_id)
        match name:
            case "npv":
                return self._npv_then(planned)
            case "planned":
                return self.cash_of(planned, "as planned", self.register.plan)
            case "came":
                return self._came(planned, later)
            case "difference":
                came, planned_cash = self._came(planned, later), self.of_use(decided_id, "planned")
                return _less(f"Difference to date, {planned.name}", "USD", came, planned_cash)
            case "mw":
                return self._decided_mw(planned)
            case "npv_to_date":
                return self._npv_to_date(planned)
        raise KeyError(name)

    def _came(self, planned: UsePath, later: UsePath) -> Node:
        """As `use_rows` on the page has it: actual cash only where one use alone was chosen."""
        if planned in self.found.chosen and len(self.found.chosen) == 1:
            return self.went()
        return self.cash_of(later, "at actual prices", None)

    def _decided_mw(self, path: UsePath) -> Node:
        decision = self.register.decision
        return Node(
            f"Megawatts decided on, {path.name}", path.use.mw, "MW", 1, source=f"decision “{decision.name}”",
            date=decision.decided_on, age_days=age_days(decision.decided_on, self.as_of), state="fresh", is_input=True,
        )  # fmt: skip

    def _npv_then(self, path: UsePath) -> Node:
        value = math.nan if path.use.npv_usd_per_mw is None else path.use.npv_usd_per_mw
        now = self._frozen(path, self.register.plan, "in the frozen plan")
        moved = path.has_moved
        return Node(
            f"NPV then, {path.name}", value, "USD/MW", 0, formula="" if moved else "{0}", children=(now,),
            note=f"As the memo of that day had it.{' This version of Busbar computes another.' if moved else ''}",
            reason="" if math.isfinite(value) else "It had none.",
        )  # fmt: skip

    def _frozen(self, path: UsePath, plan: Plan | None, words: str) -> Node:
        """A use's NPV in the frozen plan, or in that at the prices that came, which explains its months."""
        label = f"NPV, {path.name}, {words}"
        if path.use.use_id == IDLE:
            return Node(
                label, 0.0, "USD/MW", 0, source="idle megawatts earn and cost nothing", is_input=True, state="fresh"
            )
        name = f"uses.{path.use.use_id}.npv_usd_per_mw"
        if not math.isfinite(path.npv_usd_per_mw):
            return replace(node_of(self._context(plan), name), label=label)
        npv = path.npv_usd_per_mw
        return LaterNode(label, npv, "USD/MW", 0, name, lambda: node_of(self._context(plan), name))

    def _context(self, plan: Plan | None) -> Context:
        """The frozen plan, or that at the prices that came; ages are counted to the day of the decision."""
        register = self.register
        scenario_id = register.decision.scenario_id or BASE
        shown = at_actual_prices(register.plan, register.market) if plan is None else plan
        base = register.frozen if scenario_id != BASE else None
        try:
            day = date.fromisoformat(register.decision.decided_on)
        except ValueError:
            day = self.as_of
        return Context(shown, evaluate(shown, scenario_name=scenario_id), day, base)

    def cash_of(self, path: UsePath, words: str, plan: Plan | None) -> Node:
        """A use's free cash to date, for its decided megawatts, line by line."""
        n = self.found.months
        lines = [Column(LINE_LABELS[name], "USD", path.lines[name][:n]) for name in CASH_LINES]
        columns = (
            *lines,
            Column("Residual value", "USD", path.residual_usd[:n]),
            Column("Free cash", "USD", path.free_cash_usd[:n], "{t0} − {t1} − {t2} − {t3} + {t4}"),
        )
        return Node(
            f"Free cash to date {words}, {path.name}",
            float(path.free_cash_usd[:n].sum()) if n else math.nan,
            "USD",
            0,
            formula="sum({t5})",
            children=(self._decided_mw(path), self._frozen(path, plan, words)),
            table=Table("Month", self.rows, columns),
            reason="" if n else "No actual month is known yet.",
            note="The months of the frozen plan, times the megawatts decided on." if plan is not None else HOW,
        )

    def _npv_to_date(self, path: UsePath) -> Node:
        n = self.found.months
        rate = self._rate(path)
        factors = discount_factors(rate.value if math.isfinite(rate.value) else 0.0, len(self.register.dates.index))
        spent = path.lines["capex_usd"][:n]
        at_end = path.free_cash_usd[:n] + spent
        columns = (
            Column("Months", "", np.arange(1.0, n + 1.0)),
            Column("Cash at the month's end", "USD", at_end),
            Column("Capex at its start", "USD", spent),
            Column(
                "Present value", "USD", at_end * factors[1 : n + 1] - spent * factors[:n],
                "{t1} × (1 + {0})^(−{t0} ÷ 12) − {t2} × (1 + {0})^(−({t0} − 1) ÷ 12)",
            ),
        )  # fmt: skip
        return Node(
            f"NPV to date as planned, {path.name}",
            float(path.npv_to_date_usd[n - 1]) if n else math.nan,
            "USD",
            0,
            formula="sum({t3})",
            children=(rate, self.cash_of(path, "as planned", self.register.plan)),
            table=Table("Month", self.rows, columns),
            reason="" if n else "No actual month is known yet.",
        )

    def _rate(self, path: UsePath) -> Node:
        if path.use.use_id == IDLE:
            return Node(
                "Discount rate", 0.0, "fraction", 1, source="idle megawatts earn and cost nothing", is_input=True
            )
        kind = "mining" if path.kind == "asic" else path.kind
        return replace(self._context(self.register.plan).input(f"assumptions.{kind}_discount_rate_fraction"), path="")

    # The decision as a whole

    def of_decision(self, name: str) -> Node:
        match name:
            case "decided" if len(self.found.chosen) == 1 and self.found.rejected:
                first, second = (self._npv_then(p) for p in (self.found.chosen[0], self.found.rejected[0]))
                lead = _less("Lead of what was chosen, by the NPV of that day", "USD/MW", first, second)
                return replace(lead, children=(*lead.children, self._decided_mw(self.found.chosen[0])))
            case "mw" | "decided":
                parts = tuple(self._decided_mw(p) for p in self.found.chosen)
                return _sum("Megawatts decided on", "MW", 1, parts)
            case "planned":
                return self._chosen()
            case "came":
                return self.went()
            case "rejected":
                return self._rejected("at actual prices")
            case "rejected_planned":
                return self._rejected("as planned")
            case "shortfall_usd":
                less = _less("Earned less than planned, to date", "USD", self._chosen(), self.went())
                return replace(less, children=(*less.children, self._per_mw(less)))
            case "regret_usd":
                regret = _less("Regret to date", "USD", self._rejected("at actual prices"), self.went())
                beside = (self._per_mw(regret), self.of_decision("shortfall_usd"))
                return replace(regret, children=(*regret.children, *beside))
            case "planned_gap_usd":
                return _less(
                    "Ahead of what was chosen, as planned", "USD", self._rejected("as planned"), self._chosen()
                )
        raise KeyError(name)

    def _per_mw(self, amount: Node) -> Node:
        mw = self.of_decision("mw")
        value = amount.value / mw.value if mw.value else math.nan
        children = (Node(amount.label, amount.value, "USD", 0), mw)
        reason = "" if math.isfinite(value) else "Of no megawatts there is no share."
        label = f"{amount.label}, per megawatt decided on"
        return Node(label, value, "USD/MW", 0, formula="{0} ÷ {1}", children=children, reason=reason)

    def _chosen(self) -> Node:
        parts = tuple(self.cash_of(p, "as planned", self.register.plan) for p in self.found.chosen)
        return _sum("Chosen, as planned", "USD", 0, parts)

    def _rejected(self, words: str) -> Node:
        later = {p.use.id: p for p in self.register.at_actual}
        came = words != "as planned"
        parts = tuple(
            self.cash_of(later[p.use.id] if came else p, words, None if came else self.register.plan)
            for p in self.found.rejected
        )
        return _sum(f"Turned down, {words}", "USD", 0, parts)

    def went(self) -> Node:
        """What the chosen uses earned: actual cash where it is known, else the frozen plan at the prices that came."""
        found, n = self.found, self.found.months
        is_actual = np.array([word == ACTUAL for word in found.made_of], dtype=float)
        cash = found.monthly[-1].actual[:n]
        parts = tuple(
            self.cash_of(p, "at actual prices", None) for p in self.register.at_actual if p.use.id in self._chosen_ids
        )
        reckoned = sum((p.table.columns[-1].values for p in parts if p.table is not None), start=np.zeros(n))
        columns = (
            Column("Actual cash, where it is known", "USD", np.where(is_actual == 1.0, cash, 0.0)),
            Column("Is known", "", is_actual),
            Column("The frozen plan at actual prices", "USD", reckoned),
            Column("As it came", "USD", found.went[:n], "{t1} × {t0} + (1 − {t1}) × {t2}"),
        )
        return Node(
            "Chosen, as it came",
            float(found.went[:n].sum()) if n else math.nan,
            "USD",
            0,
            formula="sum({t3})",
            children=(*parts, *self._entered(*CASH_LINES)),
            table=Table("Month", self.rows, columns),
            reason="" if n else "No actual month is known yet.",
            note="Actual cash of a month needs every line of which something was expected.",
        )

    @property
    def _chosen_ids(self) -> set[str]:
        return {p.use.id for p in self.found.chosen}

    # Actual values

    def _entered(self, *names: str, month: str = "", price_of: str = "") -> tuple[Node, ...]:
        """The actual values of some lines that are counted, by month: of a site's prices, or of what was chosen."""
        uses = {"", *(p.use.use_id for p in self.found.chosen)}
        sites = {"", *(p.use.site_id for p in self.found.chosen)}
        kept = [a for a in self.actuals if a.line in names and a.month in self.rows and month in ("", a.month)]
        kept = [a for a in kept if (a.site_id == price_of if a.line in LINE_PRICES else a.site_id in sites)]
        return tuple(_entry(a) for a in sorted(kept, key=lambda a: month_number(a.month)) if a.use_id in uses)

    # Line by line

    def of_line(self, place: int, span: str, name: str) -> Node:
        found = self.found
        lines: tuple[LineSum, ...] = getattr(found, span)
        if not 0 <= place < len(lines):
            raise KeyError(place)
        line, monthly = lines[place], found.monthly[place]
        first = 0 if span == "to_date" else max(found.months - YEAR, 0)
        actual, expected = (v[first : found.months] for v in (monthly.actual, monthly.expected))
        counts = np.isfinite(actual) if np.isfinite(actual).any() else np.ones(len(actual), dtype=bool)
        rows = tuple(m for m, is_in in zip(self.rows[first:], counts, strict=True) if is_in)
        is_price = line.line in LINE_PRICES
        label = f"{line.label}, {'to date' if span == 'to_date' else 'latest twelve months'}"
        pair = (("Expected", expected, line.expected), ("Actual", actual, line.actual))

        def side(number: int) -> Node:
            words, months, value = pair[number]
            table = Table("Month", rows, (Column(words, monthly.unit, months[counts], digits=2),))
            known = math.isfinite(value)
            rests = self._entered(monthly.line, price_of=monthly.site_id) if number else self._frozen_of(monthly)
            way = ("mean({t0})" if is_price else "sum({t0})") if known else ""
            return Node(
                f"{words}: {label}", value, monthly.unit, 2, formula=way,
                children=rests, table=table, note="" if known else line.reason,
                reason="" if known else f"{line.reason or 'it is not known'}.".capitalize(),
            )  # fmt: skip

        match name:
            case "expected":
                return side(0)
            case "actual":
                return side(1)
            case "difference":
                return _less(f"Difference: {label}", monthly.unit, side(1), side(0), digits=2)
        raise KeyError(name)

    def _frozen_of(self, monthly: Monthly) -> tuple[Node, ...]:
        """What the expectation of a line rests on in the frozen plan."""
        if monthly.line in LINE_PRICES:
            ctx = self._context(self.register.plan)
            if monthly.line != "energy_price_usd_per_mwh":
                return (replace(ctx.input(f"market.{monthly.line}"), path=""),)
            contracts = [c for c in self.register.plan.power_contracts if c.site_id == monthly.site_id]
            return tuple(replace(n, path="") for c in contracts for n in ctx.inputs_of(f"power_contracts.{c.id}"))
        return tuple(self._frozen(p, self.register.plan, "in the frozen plan") for p in self.found.chosen)

    # Month by month

    def of_month(self, place: int, month: str, name: str) -> Node:
        found = self.found
        if month not in self.rows or not 0 <= place < len(found.monthly):
            raise KeyError(month)
        monthly, at = found.monthly[place], self.rows.index(month)
        actual = found.went if monthly.line == FREE_CASH else monthly.actual
        words = f"{monthly.label}, {month}"
        expects = Node(
            f"Expected: {words}", float(monthly.expected[at]), monthly.unit, 2, children=self._frozen_of(monthly),
            note="The frozen plan's own month.",
            reason="" if math.isfinite(monthly.expected[at]) else "The chosen use has no such line.",
        )  # fmt: skip
        if monthly.line == FREE_CASH:
            rests: tuple[Node, ...] = (self.went(), *self._entered(*CASH_LINES, month=month))
        else:
            rests = self._entered(monthly.line, month=month, price_of=monthly.site_id)
        came = Node(
            f"As it came: {words}", float(actual[at]), monthly.unit, 2, children=rests,
            reason="" if math.isfinite(actual[at]) else "No actual value is known.",
        )  # fmt: skip
        match name:
            case "expected":
                return expects
            case "actual":
                return came
            case "difference":
                return _less(f"Difference: {words}", monthly.unit, came, expects, digits=2)
            case "total":
                gaps = (actual - monthly.expected)[: at + 1]
                known = np.isfinite(gaps)
                rows = tuple(m for m, is_in in zip(self.rows, known, strict=False) if is_in)
                columns = (
                    Column("As it came", monthly.unit, actual[: at + 1][known], digits=2),
                    Column("Expected", monthly.unit, monthly.expected[: at + 1][known], digits=2),
                    Column("Difference", monthly.unit, gaps[known], "{t0} − {t1}", digits=2),
                )
                return Node(
                    f"Cumulative difference: {words}", float(gaps[known].sum()), monthly.unit, 2, formula="sum({t2})",
                    children=(came, expects), table=Table("Month", rows, columns), note="Of the months that are known.",
                )  # fmt: skip
        raise KeyError(name)

    # Forecasts

    def of_forecast(self, place: int, name: str) -> Node:
        if not 0 <= place < len(self.found.forecasts):
            raise KeyError(place)
        forecast: Forecast = self.found.forecasts[place]
        monthly = next(m for m in self.found.monthly if (m.line, m.site_id) == (forecast.line, forecast.site_id))
        known = np.isfinite(monthly.actual) & np.isfinite(monthly.expected) & (monthly.actual != 0.0)
        rows = tuple(m for m, is_in in zip(self.register.dates.months, known, strict=True) if is_in)
        expected, actual = monthly.expected[known], monthly.actual[known]
        errors: Array = (expected - actual) / np.abs(actual)
        columns = (
            Column("Expected", monthly.unit, expected, digits=2),
            Column("Actual", monthly.unit, actual, digits=2),
            Column("Error", "fraction", errors, "({t0} − {t1}) ÷ max({t1}, −{t1})", digits=1),
            Column("Without its sign", "fraction", np.abs(errors), "max({t2}, −{t2})", digits=1),
            Column("Counts", "", np.ones(len(rows))),
        )
        label, value, unit, digits, formula = {
            "months": ("Months known", float(forecast.months), "months", 0, "sum({t4})"),
            "bias": ("Forecast too high by", forecast.bias_fraction, "fraction", 1, "mean({t2})"),
            "error": ("Mean error", forecast.error_fraction, "fraction", 1, "mean({t3})"),
        }[name]
        return Node(
            f"{label}: {forecast.label}", value, unit, digits, formula=formula,
            children=(*self._entered(forecast.line, price_of=monthly.site_id), *self._frozen_of(monthly)),
            table=Table("Month", rows, columns),
        )  # fmt: skip


LINE_PRICES = ("btc_price_usd", "difficulty", "energy_price_usd_per_mwh")


def _entry(line: Actual) -> Node:
    unit = {"btc_price_usd": "USD/BTC", "energy_price_usd_per_mwh": "USD/MWh"}.get(
        line.line, MONTHLY_LINES[line.line][1]
    )
    return Node(
        f"{LINE_LABELS[line.line]}, {line.month}",
        line.value,
        unit,
        4 if line.line == "btc_mined" else 2,
        path=f"actuals.{line.id}.value",
        source=line.source or TYPED_IN,
        state=UNDATED if line.source else NO_SOURCE,
        is_input=True,
    )


def _sum(label: str, unit: str, digits: int, parts: tuple[Node, ...]) -> Node:
    formula = " + ".join(f"{{{k}}}" for k in range(len(parts))) or "0"
    return Node(label, math.fsum(p.value for p in parts), unit, digits, formula=formula, children=parts)


def _less(label: str, unit: str, first: Node, second: Node, *, digits: int = 0) -> Node:
    value = first.value - second.value
    reason = first.reason or second.reason
    return Node(
        label, value, unit, digits, formula="{0} − {1}", children=(first, second),
        reason=reason if not math.isfinite(value) else "",
    )  # fmt: skip
