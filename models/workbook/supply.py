"""The sheets Contracts, Tariffs and Power: what a site's energy costs, month by month, as in `models.power.supply`."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from models.inputs import gather
from models.plan import Plan, PowerContract, Site, TouPeriod
from models.power.parts import INDEXED, MINIMUM_TAKE, PAID_ANYHOW, PRICED, SOLD_BACK, USE_OR_LOSE, Part, _period_hours
from models.power.shapes import Prices, prices_of
from models.power.supply import supply
from models.records.power import BEHIND_THE_METER, BLOCK, BLOCK_AND_INDEX, FIXED, INDEX, TAKE_OR_PAY, TIME_OF_USE
from models.workbook.inputs import Inputs
from models.workbook.layout import MONTH, added, first_row, stacked_sheet, write_block
from models.workbook.market import COUNT, NUMBER, grown, month_of, start_number
from models.workbook.prices import PriceTables
from models.workbook.styles import Style
from models.workbook.xlsx import Column, constant, letters

SHARE = Style("plain", "0.0000")


@dataclass(frozen=True, eq=False)
class WorkbookPart:
    """A part of a site's energy with one rule, and its block on Tariffs.

    Attributes
    ----------
    block
        Which one.
    contract
        Its row in the plan.
    period
        The time-of-use period's row in the plan; −1 without one.
    prices
        The index that it follows; None without one.
    table
        Where its sorted hours are described on Index, as an expression; empty without an index.
    restart
        What a restart costs over the scale of the prices, as an expression; ``0`` where it costs nothing.
    hours
        The column on Periods of its share of the month's hours; empty where that is all of them.
    """

    block: int
    site: int
    contract: int
    rule: str
    period: int = -1
    is_block: bool = False
    beyond_block: bool = False
    prices: Prices | None = None
    table: str = ""
    restart: str = "0"
    hours: str = ""

    @property
    def is_paid_anyhow(self) -> bool:
        """Whether it is a block, which goes to the most efficient machines first."""
        return self.rule in PAID_ANYHOW


@dataclass(eq=False)
class SupplySheets:
    """How the sites of a plan are supplied, as blocks of months."""

    inputs: Inputs
    tables: PriceTables
    parts: list[WorkbookPart] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.plan: Plan = self.inputs.plan
        self.months = self.inputs.months
        self._restarts = [_restart_costs(case.plan) for case in self.inputs.cases]
        self.period_columns: list[tuple[str, np.ndarray]] = []
        for row, site in enumerate(self.plan.sites):
            self._take_apart(row, site)

    # What others read

    def of_site(self, site: int) -> list[WorkbookPart]:
        """The parts of a site."""
        return [p for p in self.parts if p.site == site]

    def site_row(self, site: int) -> int:
        """The row of month 0 of a site's block on Power."""
        return first_row(site, self.months)

    def part_row(self, part: WorkbookPart) -> int:
        """The row of month 0 of a part's block on Tariffs."""
        return first_row(part.block, self.months)

    # Taking apart

    def _take_apart(self, row: int, site: Site) -> None:
        uncovered: tuple[int, Prices | None] | None = None
        series = {s.id: s for s in self.plan.price_series}
        weighs = gather(self.plan).power.weights[row].any(axis=1)
        blocks = [i for i, c in enumerate(self.plan.power_contracts) if c.site_id == site.id and c.kind == BLOCK]
        first_block = next((i for i in blocks if weighs[i]), blocks[0] if blocks else -1)
        for at, contract in enumerate(self.plan.power_contracts):
            if contract.site_id != site.id or contract.kind == FIXED:
                continue
            index = series.get(contract.price_series_id or "")
            prices = None if index is None else prices_of(index, self.plan.price_steps)
            for rule, is_block, period, hours in self._rules(contract, at):
                self._add(row, at, rule, prices, period=period, is_block=is_block, hours=hours)
            if at == first_block:
                uncovered = at, prices
        if uncovered is not None:
            self._add(row, uncovered[0], INDEXED, uncovered[1], beyond_block=True)

    def _rules(self, contract: PowerContract, at: int) -> list[tuple[str, bool, int, str]]:
        """The rules of a contract: rule, whether it is a block beside index, period, column of hours."""
        paid_anyhow = SOLD_BACK if contract.sells_back else USE_OR_LOSE
        match contract.kind:
            case kind if kind == BLOCK:
                return [(paid_anyhow, False, -1, "")]
            case kind if kind == INDEX:
                return [(INDEXED, False, -1, "")]
            case kind if kind == BLOCK_AND_INDEX:
                return [(paid_anyhow, True, -1, ""), (INDEXED, False, -1, "")]
            case kind if kind == TAKE_OR_PAY:
                return [(MINIMUM_TAKE, False, -1, "")]
            case kind if kind == TIME_OF_USE:
                own = [(i, p) for i, p in enumerate(self.plan.tou_periods) if p.contract_id == contract.id]
                return [(PRICED, False, i, column) for i, column in self._periods(contract, own)]
        assert contract.kind == BEHIND_THE_METER, contract.kind
        sells = contract.sells_back and contract.price_series_id is not None
        return [(SOLD_BACK if sells else PRICED, False, -1, "")]

    def _periods(self, contract: PowerContract, own: list[tuple[int, TouPeriod]]) -> list[tuple[int, str]]:
        shares = _period_hours(tuple(p for _, p in own), self.plan.plan.start, self.months)
        found = []
        for (i, name), hours in zip(
            [*((i, p.name or p.id) for i, p in own), (-1, "outside all periods")], shares, strict=True
        ):
            self.period_columns.append((f"{contract.name or contract.id}: {name}", hours))
            found.append((i, letters(1 + len(self.period_columns))))
        return found

    def _add(
        self,
        site: int,
        contract: int,
        rule: str,
        prices: Prices | None,
        *,
        period: int = -1,
        is_block: bool = False,
        beyond_block: bool = False,
        hours: str = "",
    ) -> None:
        table, restart = "", "0"
        if prices is not None and rule in (INDEXED, SOLD_BACK):
            costs = [found.get((site, contract, rule, beyond_block), 0.0) for found in self._restarts]
            name = next(
                s.name for s in self.plan.price_series if s.id == self.plan.power_contracts[contract].price_series_id
            )
            table = self.inputs.by_case([str(self.tables.row_of(prices, cost, name)) for cost in costs])
            restart = self.inputs.by_case([constant(cost) for cost in costs])
        self.parts.append(
            WorkbookPart(
                len(self.parts), site, contract, rule, period, is_block, beyond_block, prices, table, restart, hours
            )
        )

    # Writing

    def write(self) -> None:
        """Write the sheets."""
        self._write_periods()
        self._write_contracts()
        self._write_tariffs()
        self._write_power()

    def _write_periods(self) -> None:
        if not self.period_columns:
            return
        looks = self.inputs.book.styles
        sheet = self.inputs.book.sheet("Periods", [8, *[18] * len(self.period_columns)], "B7")
        sheet.row([("Share of each month's hours in the periods of time-of-use contracts", looks.title)])
        sheet.row([("Values, not formulas: counted from the calendar's weekdays and hours.", looks.note)])
        sheet.skip_to(5)
        sheet.row([("Month", looks.heading), *((name, Style("heading", "@")) for name, _ in self.period_columns)])
        sheet.row([("number", looks.unit), *(("0…1", looks.unit) for _ in self.period_columns)])
        rows = np.column_stack([np.arange(self.months), *(hours for _, hours in self.period_columns)])
        sheet.numbers(rows.tolist(), Style("pasted", "0.0000"))

    def _own(self, site: int) -> list[int]:
        return [i for i, c in enumerate(self.plan.power_contracts) if c.site_id == self.plan.sites[site].id]

    def _field(self, contract: int, name: str) -> str:
        return self.inputs.at(f"power_contracts.{self.plan.power_contracts[contract].id}.{name}")

    def _write_contracts(self) -> None:
        sheet = stacked_sheet(
            self.inputs,
            "Contracts",
            "Power contracts",
            "Of every contract its share of the site's energy, its price, and what it charges in any case.",
            16,
        )
        site_of = {site.id: row for row, site in enumerate(self.plan.sites)}
        for at, contract in enumerate(self.plan.power_contracts):
            site = site_of.get(contract.site_id)
            others = {"p": self.site_row(site) if site is not None else 1}
            title = f"{contract.name or contract.id} ({contract.kind})"
            write_block(self.inputs, sheet, at, title, self._contract_columns(at, site), others)

    def _contract_columns(self, at: int, site: int | None) -> list[Column]:
        def f(name: str) -> str:
            return self._field(at, name)

        path = f"power_contracts.{self.plan.power_contracts[at].id}.energy_price_usd_per_mwh"
        price = self.inputs.level(path)
        growth = f("energy_price_growth_fraction_per_year")
        now, index, tax = "Market!$C{m}", "Market!$B{m}", f"(1+{f('tax_fraction')})"
        begins, ends = f("start_month"), f("end_month")
        runs = f'IF({begins}="",1,IF({now}>={month_of(begins)},1,0))*IF({ends}="",1,IF({now}<={month_of(ends)},1,0))'
        begin = f'IF({begins}="",0,{month_of(begins)}-{start_number()})'
        mw, open_ended = f("contracted_mw"), f'IF({f("contracted_mw")}="",1,0)'
        capacity = "NA()" if site is None else self.inputs.at(f"sites.{self.plan.sites[site].id}.capacity_mw")
        twelve = f("twelve_peaks_from_month")
        four, dozen = f("peak_share_fraction"), f("twelve_peak_share_fraction")
        tag = f'IF({twelve}="",{four},IF({now}>={month_of(twelve)},{dozen},{four}))'
        transmission = f"{f('transmission_usd_per_kw_year')}*1000/12*{tax}"
        always = (
            f"({f('demand_charge_usd_per_kw_month')}*1000+{f('capacity_usd_per_mw_day')}*Market!$G{{m}}"
            f"+{f('standby_usd_per_kw_month')}*1000+IF(E{{r}}>0,{f('fixed_charge_usd_per_month')}/E{{r}},0))*{tax}"
        )
        last = f("demand_response_end_month")
        income = (
            f"{f('demand_response_usd_per_mw_year')}/12*(1-{f('demand_response_decline_fraction_per_year')})"
            f'^({index}/12)*IF({last}="",1,IF({now}>{month_of(last)},0,1))'
        )
        return [
            MONTH,
            Column("Runs", "1 or 0", runs, COUNT),
            Column("Stated", "MW", f'IF({mw}="",0,{mw})*B{{r}}', NUMBER),
            Column("Takes the rest", "1 or 0", f"{open_ended}*B{{r}}", COUNT),
            Column(
                "Carries",
                "MW",
                f"C{{r}}+IF(D{{r}}=0,0,MAX({capacity}-Power!$B{{p}},0)/Power!$C{{p}})",
                NUMBER,
            ),
            Column("Weighs", "MW or 1", "IF(Power!$D{p}>0,E{r},B{r})", NUMBER),
            Column("Share of the site", "0…1", "IF(Power!$F{p}>0,F{r}/Power!$F{p},0)", SHARE),
            Column("Price", "USD/MWh", f"{grown(price.value, growth, price.grown)}*O{{r}}", NUMBER),
            Column("With adders and tax", "USD/MWh", f"(H{{r}}+{f('adders_usd_per_mwh')})*{tax}", NUMBER),
            Column("Charges, mining", "USD/MW-month", f"{always}+{transmission}*{tag}-L{{r}}", NUMBER),
            Column("Charges, firm", "USD/MW-month", f"{always}+{transmission}", NUMBER),
            Column("Demand response", "USD/MW-month", income, NUMBER),
            Column("Saved at peaks", "USD/MW-month", f"{transmission}*(1-{tag})", NUMBER),
            Column("Growth", "factor", f"(1+{growth})^({index}/12)", SHARE),
            Column(
                "Escalator",
                "factor",
                f"(1+{f('escalator_fraction_per_year')})^INT(MAX({index}-{begin},0)/12)",
                SHARE,
            ),
        ]

    def _write_tariffs(self) -> None:
        if not self.parts:
            return
        sheet = stacked_sheet(
            self.inputs,
            "Tariffs",
            "Contracts taken apart",
            "What the next MWh costs (scale × index + shift) decides whether machines run; what is paid anyhow not.",
            14,
        )
        for part in self.parts:
            contract = self.plan.power_contracts[part.contract]
            words = {
                INDEXED: "at index",
                SOLD_BACK: "block, unused energy sold at index",
                USE_OR_LOSE: "block, use or lose",
            }
            words |= {MINIMUM_TAKE: "take or pay", PRICED: "at its price"}
            title = f"{contract.name or contract.id}: {words[part.rule]}"
            others = {"p": self.site_row(part.site), "c": first_row(part.contract, self.months)}
            others |= {f"t{p.block}": self.part_row(p) for p in self.of_site(part.site)}
            write_block(self.inputs, sheet, part.block, title, self._part_columns(part), others)

    def _weight(self, part: WorkbookPart) -> str:
        if part.beyond_block:
            return "Power!$P{p}"
        contract, site = self.plan.power_contracts[part.contract], self.plan.sites[part.site]
        if contract.kind != BLOCK_AND_INDEX:
            return "Contracts!$G{c}"
        block, mw = self._field(part.contract, "block_mw"), self._field(part.contract, "contracted_mw")
        whole = f'IF({mw}="",{self.inputs.at(f"sites.{site.id}.capacity_mw")},{mw})'
        share = f'IF({whole}>0,MIN(IF({block}="",0,{block})/{whole},1),0)'
        return f"Contracts!$G{{c}}*{share}" if part.is_block else f"Contracts!$G{{c}}*(1-{share})"

    def _part_columns(self, part: WorkbookPart) -> list[Column]:
        def f(name: str) -> str:
            return self._field(part.contract, name)

        tax, adders, hours = f"(1+{f('tax_fraction')})", f("adders_usd_per_mwh"), "Market!$H{m}"
        price = "Contracts!$H{c}"
        if part.period >= 0:
            own = self.inputs.at(f"tou_periods.{self.plan.tou_periods[part.period].id}.energy_price_usd_per_mwh")
            price = f"({own}*Contracts!$N{{c}}*Contracts!$O{{c}})"
        scale, paid, beyond, mean, index = "0", "0", "0", "E{r}", "NA()"
        match part.rule:
            case kind if kind == PRICED:
                shift = f"({price}+{adders})*{tax}"
            case kind if kind == USE_OR_LOSE:
                shift, paid = f"{adders}*{tax}", f"{price}*{tax}*{hours}"
            case kind if kind == MINIMUM_TAKE:
                shift, beyond = f"{adders}*{tax}", f"{price}*{tax}"
                paid = f"{price}*{tax}*{f('take_fraction')}*{hours}"
            case _:
                basis = f("index_basis_usd_per_mwh")
                scale, mean = self._scale(part), "D{r}*K{r}+E{r}"
                if part.table:
                    index = f"INDEX(Index!$F$1:$F$9999,{part.table}+Market!$E{{m}}-1)"
                if part.rule == INDEXED:
                    fee = f"+{f('excess_fee_usd_per_mwh')}" if part.beyond_block else ""
                    scale, shift = f"({scale})*{tax}", f"({basis}{fee}+{adders})*{tax}"
                else:
                    fetched = f"({basis}-{f('sell_back_fee_usd_per_mwh')})"
                    shift = f"{fetched}+{adders}*{tax}"
                    paid = f"{price}*{tax}*{hours}-(D{{r}}*K{{r}}+{fetched})*{hours}"
        capacity = self.inputs.at(f"sites.{self.plan.sites[part.site].id}.capacity_mw")
        blocks = [p for p in self.of_site(part.site) if p.is_paid_anyhow and p.block < part.block]
        begin = f"$J{{t{blocks[-1].block}}}" if blocks else "0"
        sold_all = f"{price}*{tax}*{hours}-F{{r}}" if part.rule == SOLD_BACK else "0"
        return [
            MONTH,
            Column("Share of the site", "0…1", self._weight(part), SHARE),
            Column("Share of hours", "0…1", f"Periods!${part.hours}{{m}}" if part.hours else "1", SHARE),
            Column("Scale", "× index", scale, SHARE),
            Column("Shift", "USD/MWh", shift, NUMBER),
            Column("Paid anyhow", "USD/MW-month", paid, NUMBER),
            Column("Beyond the take", "USD/MWh", beyond, NUMBER),
            Column("Mean, never stopping", "USD/MWh", mean, NUMBER),
            Column("Block begins", "MW", begin, NUMBER),
            Column("Block ends", "MW", f"I{{r}}+B{{r}}*{capacity}" if part.is_paid_anyhow else "I{r}", NUMBER),
            Column("Index, mean", "USD/MWh", index, NUMBER),
            Column("All sold fetches", "USD/MW-month", sold_all, NUMBER),
        ]

    def _scale(self, part: WorkbookPart) -> str:
        """What the imported prices are multiplied by; see `models.power.supply.index_scale`."""
        contract = self.plan.power_contracts[part.contract]
        path = f"power_contracts.{contract.id}.forward_index_usd_per_mwh"
        growth = self._field(part.contract, "energy_price_growth_fraction_per_year")
        if not part.table:
            return "Contracts!$N{c}"
        level = self.inputs.level(path)
        by_month = "K{r}" if level.value != self.inputs.at(path) else f"INDEX(Index!$F$1:$F$9999,{part.table}+12)"
        scaled = f"IF({by_month}*{level.value}>0,{level.value}/{by_month},NA())*(1+{growth})^({level.grown}/12)"
        return f'IF({level.value}="",Contracts!$N{{c}},{scaled})'

    def _write_power(self) -> None:
        sheet = stacked_sheet(
            self.inputs,
            "Power",
            "Energy of every site",
            "The mix of its contracts; charges that no hour changes, for load that can stop and for load that cannot.",
            17,
        )
        for row, site in enumerate(self.plan.sites):
            others = {f"c{i}": first_row(i, self.months) for i in self._own(row)}
            others |= {f"t{p.block}": self.part_row(p) for p in self.of_site(row)}
            write_block(self.inputs, sheet, row, site.name, self._site_columns(row), others)

    def _site_columns(self, site: int) -> list[Column]:
        own = self._own(site)
        kinds = {i: self.plan.power_contracts[i].kind for i in own}

        def over(column: str, kind: str = "") -> str:
            return added(f"Contracts!${column}{{c{i}}}" for i in own if not kind or kinds[i] == kind)

        capacity = self.inputs.at(f"sites.{self.plan.sites[site].id}.capacity_mw")
        blocks = over("B", BLOCK)
        whole = "E{r}" if blocks == "0" else f"IF({blocks}>0,MAX(E{{r}},{capacity}),E{{r}})"
        fixed = [i for i in own if kinds[i] == FIXED]
        pool = added(f"IF(Contracts!$G{{c{i}}}>0,Contracts!$G{{c{i}}}*Contracts!$I{{c{i}}},0)" for i in fixed)
        parts = self.of_site(site)
        extra = {p.contract for p in parts if p.beyond_block}

        def charged(column: str) -> str:
            return added(
                f"(Contracts!$G{{c{i}}}{'+P{r}' if i in extra else ''})*Contracts!${column}{{c{i}}}" for i in own
            )

        paid = added(
            f"IF(Tariffs!$B{{t{p.block}}}>0,Tariffs!$F{{t{p.block}}}*Tariffs!$B{{t{p.block}}},0)" for p in parts
        )
        hedged = [p for p in parts if p.rule in (SOLD_BACK, USE_OR_LOSE, MINIMUM_TAKE)]
        hedge = added(
            f"IF(Tariffs!$B{{t{p.block}}}>0,Tariffs!$F{{t{p.block}}}*Tariffs!$B{{t{p.block}}},0)" for p in hedged
        )
        firm = added(
            [
                "IF(H{r}>0,H{r}*I{r},0)",
                *(
                    f"IF(Tariffs!$B{{t{p.block}}}*Tariffs!$C{{t{p.block}}}>0,"
                    f"Tariffs!$B{{t{p.block}}}*Tariffs!$C{{t{p.block}}}*Tariffs!$H{{t{p.block}}},0)"
                    for p in parts
                ),
            ]
        )
        return [
            MONTH,
            Column("Stated", "MW", over("C"), NUMBER),
            Column("Take the rest", "contracts", over("D"), COUNT),
            Column("Carried", "MW", over("E"), NUMBER),
            Column("Weighed", "MW or 1", over("F"), NUMBER),
            Column("Whole", "MW or 1", whole, NUMBER),
            Column("Covered", "0…1", over("G"), SHARE),
            Column("At a fixed price", "0…1", over("G", FIXED), SHARE),
            Column("Fixed price, mix", "USD/MWh", f"IF(H{{r}}>0,({pool})/H{{r}},NA())", NUMBER),
            Column("Charges, mining", "USD/MW-month", f"{charged('J')}+{paid}", NUMBER),
            Column("Charges, firm", "USD/MW-month", f"{charged('K')}+{paid}", NUMBER),
            Column("Firm energy", "USD/MWh", f"IF(G{{r}}>0,{firm},NA())", NUMBER),
            Column("Worth unused", "USD/MW-month", f"0-({hedge})", NUMBER),
            Column("Demand response", "USD/MW-month", charged("L"), NUMBER),
            Column("Saved at peaks", "USD/MW-month", charged("M"), NUMBER),
            Column("Beyond blocks", "0…1", "IF(G{r}>0,IF(1-G{r}>10^-12,1-G{r},0),0)", SHARE),
        ]


def _restart_costs(plan: Plan) -> dict[tuple[int, int, str, bool], float]:
    """What a restart costs over the scale of the prices, by site, contract, rule and whether beyond a block."""

    def key(part: Part) -> tuple[int, int, str, bool]:
        return part.site, part.contract, part.rule, part.beyond_block

    with np.errstate(all="ignore"):
        return {key(t.part): t.restart_cost for t in supply(gather(plan)).tariffs}
