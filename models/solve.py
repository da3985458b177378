"""The value of an input at which a figure hits a target.

The input is searched outwards from its present value, first as far as anyone would expect, then to the ends of what
its field can hold; the root nearest to the present value is refined until no double lies between its two sides. Where
no value reaches the target, the answer says what can be reached; where the figure jumps over it, at which value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from models.curves import Array, month_text
from models.evaluate import evaluate
from models.figure_along import Along, Movable, movable, moved_plan
from models.figures import Figure, figure
from models.plan import Plan
from models.problems import Finding, Severity
from models.recommendation import decide
from models.sentences import Amount, Sentence
from models.units import display

POINTS, FAR_POINTS = 33, 25
"""On either side of the present value: within reach, and from there to the end of the field."""
SLOW_POINTS, SLOW_FAR_POINTS = 9, 5
"""The same where every point takes a whole evaluation."""
MOST_CUTS = 60
CLOSE = 1e-9
"""A figure has hit its target where it is no further from it than this share of what it moved by."""


@dataclass(frozen=True, slots=True)
class Solution:
    """What an input must be for a figure to be what is wanted.

    Attributes
    ----------
    path, input
        Of the input, and its description.
    value
        The needed value as its field holds it; None where no value hits the target.
    figure, figure_now, target
        Path of the figure, the figure as the plan stands, and what is wanted of it.
    reached
        The figure at `value`; NaN without one. It differs from the target where only whole numbers can be had.
    reachable_low, reachable_high
        Between what the figure can be brought by this input alone; NaN where it cannot be computed anywhere.
    low, high
        Which values of the input were searched.
    findings
        What to know about it: unreachable, a jump, whole numbers.
    """

    path: str
    input: Movable
    value: float | int | str | None
    figure: Figure
    figure_now: float
    target: float
    reached: float
    reachable_low: float
    reachable_high: float
    low: float
    high: float
    findings: tuple[Finding, ...]

    @property
    def is_reached(self) -> bool:
        """Whether there is a value."""
        return self.value is not None

    @property
    def change_fraction(self) -> float:
        """How far the value lies from the present one, as a share of that; NaN where that says nothing."""
        if not isinstance(self.value, int | float) or not self.input.now:
            return math.nan
        return (self.value - self.input.now) / abs(self.input.now)

    def to_json(self) -> dict[str, object]:
        """The answer as the command line prints it."""

        def known(number: float) -> float | None:
            return number if math.isfinite(number) else None

        return {
            "path": self.path,
            "value": self.value,
            "figure": self.figure.path,
            "target": self.target,
            "now": month_text(round(self.input.now)) if self.input.is_month else known(self.input.now),
            "figure_now": known(self.figure_now),
            "figure_at_value": known(self.reached),
            "reachable": [known(self.reachable_low), known(self.reachable_high)],
            "findings": [
                {"code": f.code, "severity": str(f.severity), "path": f.path, "message": f.message}
                for f in self.findings
            ],
        }


def solve(plan: Plan, path: str, figure_path: str, target: float) -> Solution:
    """The value of an input at which a figure equals a target; of several the nearest to the present value.

    Parameters
    ----------
    plan
        With a scenario's values applied.
    path
        Of a number of the plan, of the derived hashprice, or of a calendar month. A monthly table is moved in
        proportion and named by its first month.
    figure_path
        As `models.figures` writes it.
    target
        In the figure's unit, fractions 0…1.

    Raises
    ------
    KeyError
        Where the plan has no such input or figure.
    ValueError
        Where the target is not finite.

    Notes
    -----
    Source: bracketing outwards and the secant's cut in a bracket as in W. H. Press et al., Numerical Recipes, 9.1–9.2.

    Examples
    --------
    >>> from models.samples import sample
    >>> found = solve(sample("briefing"), "market.btc_price_usd", "uses.a1.margin_usd_per_mw_year", 300_000.0)
    >>> found.is_reached, abs(found.reached - 300_000.0) < 1e-3
    (True, True)
    """
    if not math.isfinite(target):
        raise ValueError("the target must be a finite number")
    moved = movable(plan, path)
    along = Along(plan, figure_path)
    now = along.now
    if target == 0.0 and figure_path.endswith(".lead_usd_per_mw"):
        # The best use is never behind: a lead of nothing is where today's best is overtaken.
        along = Along(plan, figure_path, _leader(along.part))
    found = figure(along.part, evaluate(along.part), figure_path)
    search = _Search(along, moved, target)
    roots = search.roots()
    chosen = next((r for r in roots if r.hits or moved.whole), None)
    value = None if chosen is None else moved.stored(chosen.at)
    low, high = search.reachable
    ends = (float(search.at[0]), float(search.at[-1]))
    says = _Words(moved, found, target, (low, high), ends)
    if chosen is None:
        findings = [says.jump(roots[0]) if roots else says.unreachable()]
    elif not chosen.hits:
        findings = [says.whole(chosen)]
    else:
        findings = []
    reached = math.nan
    if chosen is not None:
        # By the whole evaluation, whichever way it was found.
        reached = along.of(moved_plan(along.part, path, chosen.at)) if along.depends_on(path) else now
    return Solution(path, moved, value, found, now, target, reached, low, high, *ends, tuple(findings))


def _leader(plan: Plan) -> str:
    decisions = decide(plan, evaluate(plan))
    best = decisions[0].best if decisions else None
    return best.id if best is not None else ""


@dataclass(frozen=True, slots=True)
class _Root:
    """The two sides of a place where the figure passes its target: the nearer one, and the one that is at or beyond."""

    inner: float
    outer: float
    figure_inner: float
    figure_outer: float
    hits: bool

    @property
    def at(self) -> float:
        """The value: the outer side, which is at the target or beyond it."""
        return self.outer


class _Search:
    """Points of the input, the figure at each, and the brackets between them."""

    def __init__(self, along: Along, moved: Movable, target: float) -> None:
        self.along, self.moved, self.target = along, moved, target
        self.is_quick = along.is_swept(moved.path)
        self.start = moved.now if math.isfinite(moved.now) else sum(moved.near) / 2.0
        if moved.whole:
            self.start = float(round(self.start))
        self.at = self._points(moved.near, None)
        self.gap = self._gap(self.at)

    def _gap(self, at: Array) -> Array:
        """The figure less the target."""
        with np.errstate(all="ignore"):
            return np.asarray(self.along.values(self.moved.path, at), dtype=float) - self.target

    def _points(self, ends: tuple[float, float], beyond: tuple[float, float] | None) -> Array:
        """Values about the present one, denser near it; from `beyond` on in equal ratios to the ends."""
        near, far = (POINTS, FAR_POINTS) if self.is_quick else (SLOW_POINTS, SLOW_FAR_POINTS)
        sides = []
        for number, end in enumerate(ends):
            if beyond is None:
                steps = np.linspace(0.0, 1.0, near) ** 3
                sides.append(self.start + (end - self.start) * steps)
            else:
                away = abs(beyond[number] - self.start)
                whole = abs(end - self.start)
                if whole > away > 0:
                    sign = 1.0 if end > self.start else -1.0
                    sides.append(self.start + sign * np.geomspace(away, whole, far)[1:])
        if not sides:
            return np.empty(0)
        found = np.concatenate(sides).clip(min(ends), max(ends))
        return np.unique(np.round(found) if self.moved.whole else found)

    def roots(self) -> list[_Root]:
        """Where the figure passes the target, the nearest first: within reach, else within the field's bounds."""
        found = self._roots_of_points()
        if not found:
            more = self._points(self.moved.bounds, self.moved.near)
            if more.size:
                self._add(more)
                found = self._roots_of_points()
        if not found:
            # A peak between two points may touch the target although neither point does.
            for _ in range(4 if self.is_quick else 2):
                self._add(self._about_extremes())
            found = self._roots_of_points()
        return found

    def _add(self, more: Array) -> None:
        more = np.setdiff1d(more, self.at)
        if more.size:
            at, gap = np.concatenate([self.at, more]), np.concatenate([self.gap, self._gap(more)])
            order = np.argsort(at)
            self.at, self.gap = at[order], gap[order]

    def _about_extremes(self) -> Array:
        known = np.flatnonzero(np.isfinite(self.gap))
        if not known.size:
            return np.empty(0)
        found = []
        for place in {int(known[np.argmax(self.gap[known])]), int(known[np.argmin(self.gap[known])])}:
            left, right = self.at[max(place - 1, 0)], self.at[min(place + 1, len(self.at) - 1)]
            found.append(np.linspace(left, right, 9 if self.is_quick else 5))
        points = np.concatenate(found)
        return np.unique(np.round(points) if self.moved.whole else points)

    @property
    def reachable(self) -> tuple[float, float]:
        """The lowest and the highest figure met."""
        known = self.gap[np.isfinite(self.gap)]
        if not known.size:
            return math.nan, math.nan
        return float(known.min()) + self.target, float(known.max()) + self.target

    @property
    def _tolerance(self) -> float:
        known = self.gap[np.isfinite(self.gap)]
        near = known[
            np.abs(self.at[np.isfinite(self.gap)] - self.start) <= abs(self.moved.near[1] - self.moved.near[0])
        ]
        span = float(near.max() - near.min()) if near.size else 0.0
        return CLOSE * max(abs(self.target), min(span, float(np.ptp(known))) if known.size else 0.0, 1e-6)

    def _roots_of_points(self) -> list[_Root]:
        known = np.isfinite(self.gap)
        at, gap = self.at[known], self.gap[known]
        if not at.size:
            return []
        here = int(np.argmin(np.abs(at - self.start)))
        if gap[here] == 0.0:
            value = float(at[here])
            return [_Root(value, value, self.target, self.target, True)]
        brackets = []
        for k in range(len(at) - 1):
            if gap[k] * gap[k + 1] <= 0 and not (gap[k] == 0 and gap[k + 1] == 0):
                inner, outer = (k, k + 1) if k >= here else (k + 1, k)
                if gap[inner] != 0:
                    brackets.append((inner, outer))
        brackets.sort(key=lambda pair: abs(float(at[pair[0]]) - self.start))
        found = []
        for inner, outer in brackets[:6]:
            root = self._refined(float(at[inner]), float(at[outer]), float(gap[inner]), float(gap[outer]))
            found.append(root)
            if root.hits and len(found) > 1:
                break
        hits = [r for r in found if r.hits]
        return sorted(hits or found, key=lambda r: abs(r.outer - self.start))

    def _refined(self, inner: float, outer: float, gap_inner: float, gap_outer: float) -> _Root:
        """The bracket cut until it holds no further double (or whole number)."""
        tolerance = self._tolerance
        cut = _quick_cut if self.is_quick else _slow_cut
        for step in range(MOST_CUTS):
            if gap_outer == 0.0 or abs(outer - inner) <= (1.0 if self.moved.whole else _ulp(inner, outer)):
                break
            at = cut(inner, outer, gap_inner, gap_outer, step)
            if self.moved.whole:
                at = np.round(at)
            at = np.unique(at)
            low, high = min(inner, outer), max(inner, outer)
            at = at[(at > low) & (at < high)]
            if not at.size and self.moved.whole:
                at = np.array([np.floor((low + high) / 2.0)])  # there is one: the bracket is wider than one
            if not at.size:
                break
            if outer < inner:
                at = at[::-1]
            gap = self._gap(at)
            at, gap = at[np.isfinite(gap)], gap[np.isfinite(gap)]
            passed = np.flatnonzero(gap * np.sign(gap_inner) <= 0)
            last = int(passed[0]) if passed.size else len(at)
            if last > 0:
                inner, gap_inner = float(at[last - 1]), float(gap[last - 1])
            if last < len(at):
                outer, gap_outer = float(at[last]), float(gap[last])
        if not self.moved.whole and abs(gap_inner) < abs(gap_outer):
            inner, outer, gap_inner, gap_outer = outer, inner, gap_outer, gap_inner
        hits = abs(gap_outer) <= tolerance
        return _Root(inner, outer, gap_inner + self.target, gap_outer + self.target, hits)


def _ulp(first: float, second: float) -> float:
    return 2.0 * float(np.spacing(max(abs(first), abs(second))))


def _quick_cut(inner: float, outer: float, gap_inner: float, gap_outer: float, step: int) -> Array:
    """Values in a bracket, dense about where a straight line would pass the target; every fourth time evenly."""
    even = np.linspace(0.0, 1.0, 11)[1:-1]
    if step % 4 == 3:
        return inner + (outer - inner) * even
    at = gap_inner / (gap_inner - gap_outer)
    near = 10.0 ** -np.arange(2.0, 16.0, 2.0)
    return inner + (outer - inner) * np.concatenate([even[::2], [at], at - near, at + near]).clip(0.0, 1.0)


def _slow_cut(inner: float, outer: float, gap_inner: float, gap_outer: float, step: int) -> Array:
    """One value: where a straight line would pass, a little beyond it the next time, and the middle the third time."""
    if step % 3 == 2:
        return np.array([inner + (outer - inner) * 0.5])
    at = gap_inner / (gap_inner - gap_outer)
    if step % 3 == 1:
        # From the side that the last straight line left far: so that both ends of the bracket come in.
        nudge = 1e-3 if at < 0.5 else -1e-3
        at = min(max(at + nudge * min(at, 1.0 - at) * 2.0, 0.0), 1.0)
    return np.array([inner + (outer - inner) * at])


@dataclass(frozen=True, slots=True)
class _Words:
    """The findings of a search."""

    moved: Movable
    found: Figure
    target: float
    reachable: tuple[float, float]
    ends: tuple[float, float]

    def _figure(self, value: float) -> Amount:
        return figure_amount(self.found, value)

    def _input(self, value: float) -> Amount | str:
        if self.moved.is_month:
            return month_text(round(value))
        return Amount(value, self.moved.unit, ",.8g" if not self.moved.unit.startswith("fraction") else ",.6g%")

    def _finding(self, code: str, severity: Severity, template: str, **details: Amount | str) -> Finding:
        known: dict[str, Amount | str] = {
            "figure": self.found.label,
            "input": self.moved.label,
            "target": self._figure(self.target),
            "from_": self._input(self.ends[0]),
            "to": self._input(self.ends[1]),
        }
        return Finding(code, severity, self.moved.path, Sentence(template, **(known | details)))

    def unreachable(self) -> Finding:
        """No value hits the target: what can be reached."""
        low, high = self.reachable
        if not math.isfinite(low):
            return self._finding(
                "solve.not_computable",
                Severity.WARNING,
                "{figure} cannot be computed at any {input} between {from_} and {to}.",
            )
        # A target that reads like a reachable value, as today's figure does once it is rounded, "cannot be" nothing.
        reads_like = str(self._figure(self.target)) in (str(self._figure(low)), str(self._figure(high)))
        code, template = (
            "solve.unreachable",
            ("{figure} cannot be {target} by {input} alone: between {from_} and {to} it reaches {low} to {high}."),
        )
        if high - low <= CLOSE * max(abs(low), abs(high)):
            code = "solve.no_effect"
            template = "{figure} is {low} whatever {input} is; choose another input."
        elif reads_like:
            template = (
                "{figure} is never exactly {target}: between {from_} and {to} {input} takes it to {low} to {high}."
            )
        return self._finding(code, Severity.WARNING, template, low=self._figure(low), high=self._figure(high))

    def jump(self, root: _Root) -> Finding:
        """The figure jumps over the target."""
        low, high = self.reachable
        return self._finding(
            "solve.jumps",
            Severity.WARNING,
            "{figure} jumps over {target}: at {input} {at} it goes from {before} to {after}, and is nowhere in between "
            "(it reaches {low} to {high}).",
            at=self._input(root.outer),
            before=self._figure(root.figure_inner),
            after=self._figure(root.figure_outer),
            low=self._figure(low),
            high=self._figure(high),
        )

    def whole(self, root: _Root) -> Finding:
        """Only whole numbers can be had, and none hits the target."""
        return self._finding(
            "solve.whole",
            Severity.INFO,
            "{input} goes in whole steps, none of which gives {target}: {inner} gives {before}, {outer} gives {after}.",
            inner=self._input(root.inner),
            outer=self._input(root.outer),
            before=self._figure(root.figure_inner),
            after=self._figure(root.figure_outer),
        )


def figure_amount(found: Figure, value: float) -> Amount:
    """A value of a figure as a detail of a sentence."""
    unit, digits = found.kind.unit, found.kind.digits
    size = abs(value * display(unit)[1])
    if unit.startswith("fraction"):
        return Amount(value if round(size, digits) else 0.0, "fraction", f",.{digits}f%")
    more = max(digits, 2)
    if round(size, more) == 0:
        # A target of nothing is hit to rounding, by how much depends on the processor: neither a loss nor cents.
        return Amount(0.0, unit, f",.{digits}f")
    return Amount(value, unit, f",.{digits if size >= 10 else more}f")
