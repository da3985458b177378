"""How the inputs of a line become a record of each kind: what follows from what, and what is taken from where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any, Protocol

from models.catalogue import Asic, first_year_rent
from models.curves import month_after
from models.defaults import defaults_of
from models.fields import Choice, Quantity, field_of, fields_of, problem_with
from models.importers.headings import CONTRACTS, FLEET, OFFERS
from models.machine_search import machines_meant, several_words, use_efficiency
from models.plan import GPU_CLOUD, LEASE, RECORD_TYPES, AiOffer, Plan
from models.problems import Severity
from models.records.power import BEHIND_THE_METER, BLOCK_AND_INDEX, FIXED, INDEX, TAKE_OR_PAY
from models.sentences import Amount, Sentence, joined

_KIND = field_of(RECORD_TYPES["power_contracts"], "kind").spec
KINDS = _KIND.options if isinstance(_KIND, Choice) else ()
"""Kinds of a power contract, stored and as a reader sees them."""


_DIVIDING = {"term_months", "escalator_fraction_per_year", "gross_mw_per_it_mw", "it_kw_per_gpu"}


class UnusableError(ValueError):
    """Why no record can be made of a line, as a clause."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a reader should know about a record that was made all the same."""

    code: str
    message: str
    severity: Severity = Severity.INFO


class Lines(Protocol):
    """What the line's cells mean; see `models.importers.records.Draft`."""

    line: int
    site_id: str
    values: dict[str, Any]
    bare: set[str]
    problems: list[tuple[int, str]]
    doubts: list[Doubt]
    chosen_machine: str
    possible_machines: tuple[Asic, ...]


@dataclass
class Shaped:
    """A record in the making.

    Attributes
    ----------
    line
        Of the file, the first where several were joined.
    record_id
        As the file gives it; empty where it does not.
    old
        The record of the plan that it updates, if any.
    values
        What the file says, by field.
    defaults
        What a new record takes for the rest.
    bare
        Fields whose number stood without a unit.
    """

    line: int
    record_id: str
    old: Any
    values: dict[str, Any]
    defaults: dict[str, Any] = field(default_factory=dict)
    bare: set[str] = field(default_factory=set)
    doubts: list[Doubt] = field(default_factory=list)


class LotShape:
    """Machines: hashrate, power and number, whichever of them and of their totals is given."""

    key = "model"

    def gather(self, drafts: Iterable[Any], one_row_per_machine: bool) -> list[Any]:
        """Lines without problems; where each is one machine, one draft per site and model."""
        good = [d for d in drafts if not d.problems]
        if not one_row_per_machine:
            return good
        groups: dict[tuple[str, str], list[Any]] = {}
        for draft in good:
            model = str(draft.values.get("model", "")).strip()
            if not model:
                draft.problems.append((-1, "the line names no model"))
                continue
            groups.setdefault((draft.site_id, model.casefold()), []).append(draft)
        return [self._joined(members) for members in groups.values()]

    def _joined(self, members: list[Any]) -> Any:
        """One draft for all machines of a model at a site: their number, and the mean of those that report."""
        first = members[0]
        silent = 0
        for name in ("hashrate_th_per_s", "power_w", "efficiency_j_per_th"):
            told = [d.values[name] for d in members if d.values.get(name, 0) > 0]
            if name == "hashrate_th_per_s" and told:
                silent = len(members) - len(told)
            first.values.pop(name, None)
            if told:
                first.values[name] = float(f"{fmean(told):.6g}")
        first.values["count"] = len(members)
        model, count = first.values["model"], Amount(len(members))
        first.doubts.append(
            Doubt(
                "machines_counted",
                Sentence("{count} lines with {model} were counted into one lot.", count=count, model=model),
            )
        )
        if silent:
            sentence = Sentence(
                "{silent} of {count} {model} report no hashrate; they are counted as machines, so let the "
                "lot's uptime say how many of them run.",
                silent=Amount(silent),
                count=count,
                model=model,
            )
            first.doubts.append(Doubt("machines_silent", sentence, Severity.WARNING))
        return first

    def build(self, plan: Plan, draft: Lines, old: Any) -> Shaped:
        """The lot of one draft.

        Raises
        ------
        UnusableError
            Where model, number, hashrate or power are neither given nor to be had from the rest or the catalogue.
        """
        given = draft.values
        if old is not None:
            self._take_over(given, old)
        model = str(given.get("model", "")).strip()
        if not model:
            raise UnusableError("the line names no model")
        doubts = list(draft.doubts)
        self._divide_totals(given)
        self._complete(draft, self._machine(draft, model), model, doubts)
        if "price_usd_per_th" in given and "purchase_price_usd_per_unit" not in given:
            price = given["price_usd_per_th"] * given["hashrate_th_per_s"]
            given["purchase_price_usd_per_unit"] = float(f"{price:.10g}")
        return Shaped(
            draft.line,
            str(given.get("id", "")).strip(),
            old,
            _fields(given, draft.site_id, "asic_lots"),
            _new_values("asic_lots"),
            draft.bare,
            doubts,
        )

    def _take_over(self, given: dict[str, Any], old: Any) -> None:
        """What an update leaves unsaid stays, but for what follows from what it says."""
        given.setdefault("model", old.model)
        given.setdefault("count", old.count)
        stated = {"hashrate_th_per_s", "power_w", "efficiency_j_per_th"} & set(given)
        if "total_hashrate_th_per_s" not in given and ("efficiency_j_per_th" not in given or "power_w" not in stated):
            given.setdefault("hashrate_th_per_s", old.hashrate_th_per_s)
        follows = "efficiency_j_per_th" in given or "total_power_w" in given
        if not follows:
            given.setdefault("power_w", old.power_w)

    def _divide_totals(self, given: dict[str, Any]) -> None:
        count = given.get("count")
        for total, each in (("total_power_w", "power_w"), ("total_hashrate_th_per_s", "hashrate_th_per_s")):
            if total in given and count is None and given.get(each):
                count = given["count"] = round(min(given[total] / given[each], 1e300))
            elif total in given and count and each not in given:
                given[each] = float(f"{given[total] / count:.10g}")
        if count is None:
            raise UnusableError("the number of machines is missing")

    def _machine(self, draft: Lines, model: str) -> Asic | None:
        """The catalogue's machine that a line means; None where it knows none, or where only a person can say which."""
        given = draft.values
        name = f"{given.get('maker', '')} {model}".strip()
        draft.possible_machines = machines_meant(name, given.get("hashrate_th_per_s"), given.get("power_w"))
        found = machines_meant(name, given.get("hashrate_th_per_s"), given.get("power_w"), draft.chosen_machine)
        return found[0] if len(found) == 1 else None

    def _complete(self, draft: Lines, machine: Asic | None, model: str, doubts: list[Doubt]) -> None:
        given = draft.values
        use_efficiency(given, model, "file")
        hashrate, power = given.get("hashrate_th_per_s"), given.get("power_w")
        if hashrate and power:
            draft.possible_machines = ()  # nothing is missing, so nothing need be chosen
        elif machine is not None:
            taken = []
            if not hashrate:
                hashrate = machine.hashrate_th_per_s
                taken.append(Amount(hashrate, "TH/s"))
            if not power:
                power = machine.power_w
                taken.append(Amount(power, "W"))
            sentence = Sentence(
                "{model}: {taken} taken from the catalogue ({machine}; {citation}).",
                model=model,
                taken=joined(taken, " and "),
                machine=machine.model,
                citation=machine.citation,
            )
            doubts.append(Doubt("from_catalogue", sentence))
        if not hashrate or not power:
            if len(draft.possible_machines) > 1:
                words = several_words(model, draft.possible_machines)
                raise UnusableError(f"{words}; choose one, or give hashrate and power")
            absent = " and ".join(n for n, v in (("hashrate", hashrate), ("power", power)) if not v)
            raise UnusableError(f"{absent} of {model} missing, and the catalogue has no such machine")
        given["hashrate_th_per_s"], given["power_w"] = hashrate, power
        if contradiction := use_efficiency(given, model, "file"):
            doubts.append(Doubt("efficiency_contradicts", contradiction, Severity.WARNING))


class ContractShape:
    """Power contracts of every kind: a price, a block or an index is what they must have."""

    key = "name"

    def gather(self, drafts: Iterable[Any], one_row_per_machine: bool) -> list[Any]:
        """Lines without problems."""
        return [d for d in drafts if not d.problems]

    def build(self, plan: Plan, draft: Lines, old: Any) -> Shaped:
        """The contract of one draft.

        Raises
        ------
        UnusableError
            Where what its kind needs is missing, or the contract ends before it begins.
        """
        given, doubts = draft.values, list(draft.doubts)
        if old is None and "kind" not in given:
            self._infer_kind(given, draft, doubts)
        kind = given.get("kind", getattr(old, "kind", FIXED))
        for field_ in fields_of(RECORD_TYPES["power_contracts"]):
            spec, name = field_.spec, field_.name
            belongs = not spec.kinds or kind in spec.kinds
            value = given.get(name, getattr(old, name, field_.default))
            if belongs and isinstance(spec, Quantity) and spec.required and value is None:
                raise UnusableError(f"the {spec.label.lower()} is missing")
            if not belongs and name in given and given[name] != getattr(old, name, field_.default):
                del given[name]
                words = next(label for stored, label in KINDS if stored == kind)
                hint = "; what comes on top of the index is its delivery" if kind == INDEX and "price" in name else ""
                text = f"Line {draft.line}: a contract of the kind “{words}” has no {spec.label.lower()}{hint}."
                doubts.append(Doubt("not_of_kind", text, Severity.WARNING))
        start = given.get("start_month", getattr(old, "start_month", None))
        end = given.get("end_month", getattr(old, "end_month", None))
        if start and end and end < start:
            raise UnusableError(f"the contract ends in {end}, before it begins in {start}")
        return Shaped(
            draft.line,
            str(given.get("id", "")).strip(),
            old,
            _fields(given, draft.site_id, "power_contracts"),
            {},
            draft.bare,
            doubts,
        )

    def _infer_kind(self, given: dict[str, Any], draft: Lines, doubts: list[Doubt]) -> None:
        """What a line's numbers say of its kind where no column does."""
        no_price = given.get("energy_price_usd_per_mwh") is None
        follows = any(given.get(name) is not None for name in ("price_series_id", "forward_index_usd_per_mwh"))
        for kind, says in (
            (BLOCK_AND_INDEX, given.get("block_mw") is not None),
            (TAKE_OR_PAY, given.get("take_fraction") is not None),
            (BEHIND_THE_METER, given.get("standby_usd_per_kw_month") is not None),
            (INDEX, no_price and follows),
        ):
            if says:
                given["kind"] = kind
                words = next(label for stored, label in KINDS if stored == kind)
                text = f"Line {draft.line}: no kind is given; from its numbers it was taken as “{words}”."
                doubts.append(Doubt("kind_understood", text))
                return


class OfferShape:
    """AI offers in whichever terms they came: rent or contract value, years or months, IT or gross megawatts."""

    key = "name"

    def gather(self, drafts: Iterable[Any], one_row_per_machine: bool) -> list[Any]:
        """Lines without problems."""
        return [d for d in drafts if not d.problems]

    def build(self, plan: Plan, draft: Lines, old: Any) -> Shaped:
        """The offer of one draft; what a new one lacks comes from the planner's defaults, and is said.

        Raises
        ------
        UnusableError
            Where its size or its price is not to be had.
        """
        given, doubts = draft.values, list(draft.doubts)
        if old is not None:
            self._take_over(given, old)
        gpu_words = ("price_usd_per_gpu_hour", "it_kw_per_gpu", "capex_usd_per_gpu", "gpu_count")
        kind = given.setdefault("kind", GPU_CLOUD if any(name in given for name in gpu_words) else LEASE)
        given.setdefault("name", given.get("counterparty") or f"Offer of line {draft.line}")
        defaults = _new_values("ai_offers", kind)
        defaults["first_rent_month"] = month_after(plan.plan.start, defaults["first_rent_month"])
        self._read_term(given, draft, doubts)
        for name in _DIVIDING & set(given):
            if problem := problem_with(field_of(AiOffer, name), given[name]):
                raise UnusableError(problem)
        self._size(given, defaults)
        if kind == LEASE:
            self._rent(given, defaults, doubts)
        elif given.get("price_usd_per_gpu_hour") is None:
            raise UnusableError("the price per GPU-hour is missing")
        if "noi_margin_fraction" in given and "opex_fraction_of_rent" not in given:
            given["opex_fraction_of_rent"] = float(f"{1 - given['noi_margin_fraction']:.10g}")
        self._capex(given, doubts)
        values = _fields(given, draft.site_id, "ai_offers")
        return Shaped(draft.line, str(given.get("id", "")).strip(), old, values, defaults, draft.bare, doubts)

    def _take_over(self, given: dict[str, Any], old: Any) -> None:
        """What an update leaves unsaid stays, but for what follows from what it says."""
        follows = {
            "critical_it_mw": {"gross_mw", "gpu_count"},
            "gross_mw_per_it_mw": {"gross_mw"},
            "rent_usd_per_it_kw_month": {"total_value_usd", "annual_rent_usd"},
            "opex_fraction_of_rent": {"noi_margin_fraction"},
        }
        for name in (f.name for f in fields_of(RECORD_TYPES["ai_offers"])):
            if not follows.get(name, set()) & set(given):
                given.setdefault(name, getattr(old, name))

    def _read_term(self, given: dict[str, Any], draft: Lines, doubts: list[Doubt]) -> None:
        months = given.get("term_months")
        if months is not None and months <= 30 and "term_months" in draft.bare:
            given["term_months"] = months * 12
            text = f"{given['name']}: a term of {months} without a unit was read as years, {months * 12} months."
            doubts.append(Doubt("term_in_years", text, Severity.WARNING))
            draft.bare.discard("term_months")

    def _size(self, given: dict[str, Any], defaults: dict[str, Any]) -> None:
        critical, gross = given.get("critical_it_mw"), given.get("gross_mw")
        if critical is None and given.get("gpu_count"):
            each = given.get("it_kw_per_gpu", defaults.get("it_kw_per_gpu"))
            if each:
                critical = given["gpu_count"] * each / 1000
        if critical is None and gross is not None:
            critical = gross / given.get("gross_mw_per_it_mw", defaults["gross_mw_per_it_mw"])
        if critical is None:
            raise UnusableError("the critical IT load is missing")
        given["critical_it_mw"] = float(f"{critical:.10g}")
        if gross is not None and critical and "gross_mw_per_it_mw" not in given:
            given["gross_mw_per_it_mw"] = float(f"{gross / critical:.6g}")

    def _rent(self, given: dict[str, Any], defaults: dict[str, Any], doubts: list[Doubt]) -> None:
        if given.get("rent_usd_per_it_kw_month") is not None:
            return
        critical = given["critical_it_mw"]
        if critical and given.get("annual_rent_usd"):
            given["rent_usd_per_it_kw_month"] = float(f"{given['annual_rent_usd'] / 12 / critical / 1000:.10g}")
            return
        if not (critical and given.get("total_value_usd")):
            raise UnusableError("neither a rent nor a contract value is given")
        growth = given.get("escalator_fraction_per_year", 0.0)
        months = given.get("term_months", defaults["term_months"])
        rent = first_year_rent(given["total_value_usd"], growth, months / 12, critical)
        given["rent_usd_per_it_kw_month"] = float(f"{rent:.8g}")
        given.setdefault("escalator_fraction_per_year", growth)
        sentence = Sentence(
            "{offer}: {value} million over {years} years for {load} IT MW begin at {rent} per kW and month, "
            "with {growth} more each year.",
            offer=str(given["name"]),
            value=Amount(given["total_value_usd"] / 1e6, "USD", ",.0f"),
            years=Amount(months / 12),
            load=Amount(critical),
            rent=Amount(rent, "USD", ",.2f"),
            growth=Amount(growth, "fraction", ".1f%"),
        )
        doubts.append(Doubt("rent_from_value", sentence))

    def _capex(self, given: dict[str, Any], doubts: list[Doubt]) -> None:
        """A sum that no megawatt costs is the whole hall's."""
        capex, critical = given.get("capex_usd_per_it_mw"), given["critical_it_mw"]
        if capex and critical and capex > 50e6:
            given["capex_usd_per_it_mw"] = float(f"{capex / critical:.10g}")
            sentence = Sentence(
                "{offer}: a capex of {whole} million was read as the whole, which is {each} million per IT MW.",
                offer=str(given["name"]),
                whole=Amount(capex / 1e6, "USD", ",.0f"),
                each=Amount(capex / critical / 1e6, "USD", ",.2f"),
            )
            doubts.append(Doubt("capex_is_total", sentence, Severity.WARNING))


def _fields(given: dict[str, Any], site_id: str, table: str) -> dict[str, Any]:
    """What of the inputs is a field of the record, and its site."""
    names = {f.name for f in fields_of(RECORD_TYPES[table])}
    return {"site_id": site_id, **{name: value for name, value in given.items() if name in names}}


def _new_values(table: str, kind: str | None = None) -> dict[str, Any]:
    return {name: default.value for name, default in defaults_of(table, kind).items()}


class Shape(Protocol):
    """How the lines of a table become the records of one kind.

    Attributes
    ----------
    key
        The field by which a record of the plan is recognised, next to its site.
    """

    key: str

    def gather(self, drafts: Iterable[Any], one_row_per_machine: bool) -> list[Any]:
        """The drafts to build records of."""

    def build(self, plan: Plan, draft: Lines, old: Any) -> Shaped:
        """The record of one draft."""


SHAPES: dict[str, Shape] = {FLEET: LotShape(), CONTRACTS: ContractShape(), OFFERS: OfferShape()}
