"""The sheets Lots, Dispatch and Mining: what a megawatt earns on machines, as in `models.mining`."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.plan import AsicLot, Plan
from models.power.parts import MINIMUM_TAKE, SOLD_BACK
from models.use_names import named_at_site
from models.workbook.cash import NEVER, ON, Columns, Ledger, capital_figures, tolerance
from models.workbook.dispatch import dispatch_columns
from models.workbook.inputs import FIRST_MONTH_ROW, Inputs
from models.workbook.layout import MONTH, added, first_row, stacked_sheet, write_block
from models.workbook.market import SPOT_PRICE, SPOT_USD
from models.workbook.styles import Style
from models.workbook.supply import SHARE, SupplySheets, WorkbookPart
from models.workbook.xlsx import Cell, Formula, letters

_FIRST_LOT_ROW = 6
CONSTANTS = (
    ("pue", "Mining PUE", ""),
    ("efficiency", "Efficiency", "J/TH"),
    ("ph", "Hashrate", "PH/s per MW"),
    ("units", "Machines", "per MW"),
    ("mw", "Megawatts", "MW"),
    ("available", "Available", "0…1 of hours"),
    ("per_hashprice", "Earned per hashprice", "USD/MWh per USD/PH/day"),
    ("capex", "Purchase", "USD/MW"),
    ("opex", "Opex", "USD/MW-month"),
    ("resale", "Resale if displaced", "USD/MW"),
    ("per_hash", "Power per paid hash", "W per TH/s"),
    ("ends", "Place beside blocks", "MW, ends at"),
    ("tolerance", "Rounding", "USD/MW"),
    ("discounted_tolerance", "Rounding, discounted", "USD/MW"),
    ("fixed_year", "Falls at any price", "USD/MW-year"),
    ("fixed_npv", "Falls at any price", "USD/MW, present value"),
    ("flexibility", "Flexibility", "USD/MW-year"),
    ("runs", "Runs in the first year", "1 or 0"),
    ("weight", "Machine power", "W"),
    ("weighed", "Flexibility × W", "USD·W/MW-year"),
)
"""Columns of the sheet Lots behind id, name and site: name, heading, unit."""
NOTE = "Per utility MW. Cash falls at the month's end, purchases at its start; the last row is behind the horizon."


@dataclass(frozen=True, eq=False)
class Running:
    """The block of a lot on Dispatch.

    Attributes
    ----------
    parts
        Of its site.
    columns
        See `models.workbook.dispatch.dispatch_columns`.
    available
        The cell of its availability.
    taken
        By block of the part, the cell of the minimum take.
    """

    parts: list[WorkbookPart]
    columns: Columns
    available: str
    taken: dict[int, str]


@dataclass(eq=False)
class MiningSheets:
    """Machines as blocks of months, and their figures as formulas."""

    inputs: Inputs
    supply: SupplySheets
    ledgers: list[Ledger] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.plan: Plan = self.inputs.plan
        self.months = self.inputs.months
        self._names = named_at_site(self.plan)
        self.site_of = {site.id: row for row, site in enumerate(self.plan.sites)}
        self.stops = self.inputs.at("assumptions.economic_shutdown")
        self.horizon = self.inputs.at("plan.horizon_months")
        self.rate = self.inputs.at("assumptions.mining_discount_rate_fraction")
        self.with_parts = [i for i, lot in enumerate(self.plan.asic_lots) if self.follows_hours(lot)]
        self._columns = [self._month_columns(i) for i in range(len(self.plan.asic_lots))]
        for i, columns in enumerate(self._columns):
            self.ledgers.append(Ledger("Mining", first_row(i, self.months), self.months, columns.letters))

    def follows_hours(self, lot: AsicLot) -> bool:
        """Whether the lot's site buys other than at a fixed price for all energy."""
        return bool(self.supply.of_site(self.site_of[lot.site_id]))

    def constant(self, lot: int, name: str) -> str:
        """A lot's cell on the sheet Lots."""
        column = 4 + next(at for at, (n, _, _) in enumerate(CONSTANTS) if n == name)
        return f"Lots!${letters(column)}${_FIRST_LOT_ROW + lot}"

    def lots_at(self, site_id: str) -> list[int]:
        """The lots of a site, as rows of the plan."""
        return [i for i, lot in enumerate(self.plan.asic_lots) if lot.site_id == site_id]

    def write(self) -> None:
        """Write the sheets."""
        if not self.plan.asic_lots:
            return
        self._write_lots()
        if self.with_parts:
            self._write_dispatch()
        sheet = stacked_sheet(
            self.inputs,
            "Mining",
            "Machines, month by month",
            NOTE,
            32,
        )
        for i, lot in enumerate(self.plan.asic_lots):
            others = {"p": self.supply.site_row(self.site_of[lot.site_id])}
            if i in self.with_parts:
                others["x"] = first_row(self.with_parts.index(i), self.months)
            title = f"{self._names[lot.id]} at {self._site_name(lot)}"
            write_block(self.inputs, sheet, i, title, self._columns[i].listed, others)

    def _site_name(self, lot: AsicLot) -> str:
        return self.plan.sites[self.site_of[lot.site_id]].name

    def _f(self, lot: int, name: str) -> str:
        return self.inputs.at(f"asic_lots.{self.plan.asic_lots[lot].id}.{name}")

    # Lots

    def _write_lots(self) -> None:
        looks = self.inputs.book.styles
        sheet = self.inputs.book.sheet("Lots", [8, 26, 18, *[14] * len(CONSTANTS)], "D6")
        sheet.row([("Machines per utility MW", looks.title)])
        sheet.row([("What follows from a lot's inputs alone, and sums of its months.", looks.note)])
        sheet.row([])
        sheet.row([*((h, looks.heading) for h in ("Id", "Machines", "Site", *(h for _, h, _ in CONSTANTS)))])
        sheet.row([*((u, looks.unit) for u in ("", "", "", *(u for _, _, u in CONSTANTS)))])
        for i, lot in enumerate(self.plan.asic_lots):
            formulas = self._constants(i)
            cells: list[Cell | None] = [
                (lot.id, Style("note")),
                (self._names[lot.id], Style("text", "@")),
                (self._site_name(lot), Style("text", "@")),
                *((Formula(formulas[name]), Style("plain", "#,##0.00####")) for name, _, _ in CONSTANTS),
            ]
            assert sheet.row(cells) == _FIRST_LOT_ROW + i

    def _constants(self, i: int) -> dict[str, str]:
        lot, ledger = self.plan.asic_lots[i], self.ledgers[i]
        site = self.site_of[lot.site_id]

        def c(name: str) -> str:
            return self.constant(i, name)

        year = min(12, self.months)
        first, price = self._f(i, "purchase_price_usd_per_unit"), self._f(i, "resale_value_usd_per_unit")
        hash_paid = f"({self._f(i, 'hashrate_th_per_s')}*(1-{self._f(i, 'pool_fee_fraction')}))"
        power_row = self.supply.site_row(site)
        lines = {n: ledger.rows(n, 0, year) for n in ("earned", "share", "cost", "bought", "flat", "hours")}
        stopping = (
            f"SUMPRODUCT(({lines['earned']}*({lines['share']}-{lines['bought']})-{lines['cost']}+{lines['flat']})"
            f"*{lines['hours']})"
        )
        credits = "+".join(f"SUM(Power!${k}${power_row}:${k}${power_row + year - 1})" for k in ("N", "O"))
        ends = ledger.rows("factor", 1, self.months)
        later = "+".join(ledger.rows(n, 0, self.months - 1) for n in ("opex", "charges"))
        return {
            "pue": self.inputs.at(f"sites.{lot.site_id}.mining_pue"),
            "efficiency": f"{self._f(i, 'power_w')}/{self._f(i, 'hashrate_th_per_s')}",
            "ph": f"1000/({c('efficiency')}*{c('pue')})",
            "units": f"10^6/({self._f(i, 'power_w')}*{c('pue')})",
            "mw": f"{self._f(i, 'count')}/{c('units')}",
            "available": f"{self._f(i, 'uptime_fraction')}*(1-{self._f(i, 'planned_outage_fraction')})",
            "per_hashprice": f"{c('ph')}*(1-{self._f(i, 'pool_fee_fraction')})/24",
            "capex": f"{first}*{c('units')}",
            "opex": f"{self._f(i, 'opex_usd_per_mw_year')}/12",
            "resale": f"IF({first}=0,{price}*{c('units')},0)",
            "per_hash": f"IF({hash_paid}>0,{self._f(i, 'power_w')}/{hash_paid},{NEVER})",
            "ends": self._ends(i),
            "tolerance": tolerance(ledger, "point"),
            "discounted_tolerance": tolerance(ledger, "discounted"),
            "fixed_year": f"SUM({ledger.rows('opex', 0, year)})+SUM({ledger.rows('charges', 0, year)})",
            "fixed_npv": f"SUMPRODUCT(({later})*{ends})+SUMPRODUCT({ledger.all('capex')}*{ledger.all('factor')})",
            "flexibility": f"IF(12<={self.horizon},{stopping}+{credits},NA())",
            "runs": f"IF(SUM({lines['share']})>0,1,0)",
            "weight": f"{self._f(i, 'count')}*{self._f(i, 'power_w')}",
            "weighed": f"IF({c('runs')}=1,{c('weight')}*{c('flexibility')},0)",
        }

    def _ends(self, i: int) -> str:
        """Where the lot's megawatts end among its site's, the most efficient first: whom a block goes to."""
        lot = self.plan.asic_lots[i]
        if not any(p.is_paid_anyhow for p in self.supply.of_site(self.site_of[lot.site_id])):
            return "0"
        own = self.constant(i, "per_hash")
        # Of equals the one with the lower id, as in `models.power.parts`.
        return added(
            f"({self.constant(k, 'per_hash')}{'<=' if self.plan.asic_lots[k].id <= lot.id else '<'}{own})"
            f"*{self.constant(k, 'mw')}"
            for k in self.lots_at(lot.site_id)
        )

    # Months

    def _write_dispatch(self) -> None:
        sheet = stacked_sheet(
            self.inputs,
            "Dispatch",
            "In which hours machines run",
            "From which part of the site's contracts a lot buys, and the share of hours in which that pays.",
            40,
        )
        for k, i in enumerate(self.with_parts):
            lot = self.plan.asic_lots[i]
            site = self.site_of[lot.site_id]
            parts = self.supply.of_site(site)
            others = {"p": self.supply.site_row(site), "y": first_row(i, self.months)}
            others |= {f"t{p.block}": self.supply.part_row(p) for p in parts}
            columns = self.dispatch(i).columns.listed
            write_block(self.inputs, sheet, k, f"{self._names[lot.id]} at {self._site_name(lot)}", columns, others)

    def dispatch(self, i: int) -> Running:
        """How a lot runs whose site buys other than at a fixed price for all energy."""
        parts = self.supply.of_site(self.site_of[self.plan.asic_lots[i].site_id])

        def of_contract(part: WorkbookPart, name: str) -> str:
            return self.inputs.at(f"power_contracts.{self.plan.power_contracts[part.contract].id}.{name}")

        taken = {p.block: of_contract(p, "take_fraction") for p in parts if p.rule == MINIMUM_TAKE}
        adders = {
            p.block: f"{of_contract(p, 'adders_usd_per_mwh')}*(1+{of_contract(p, 'tax_fraction')})"
            for p in parts
            if p.rule == SOLD_BACK
        }
        available = self.constant(i, "available")
        columns = dispatch_columns(
            parts,
            mw=self.constant(i, "mw"),
            ends=self.constant(i, "ends"),
            available=available,
            stops=self.stops,
            taken=taken,
            adders=adders,
        )
        return Running(parts, columns, available, taken)

    def _month_columns(self, i: int) -> Columns:
        found = Columns(MONTH)
        earned = found.add("earned", "Earned", "USD/MWh", f"{self.constant(i, 'per_hashprice')}*Market!$P{{m}}")
        hours = found.add("hours", "Available", "h", f"IF({ON}=1,{self.constant(i, 'available')}*Market!$H{{m}},0)")
        sold = "0"
        if i in self.with_parts:
            at = self.dispatch(i).columns.letters
            share, cost, bought, flat = (f"Dispatch!${at[n]}{{x}}" for n in ("share", "cost", "bought", "flat"))
            sold = f"Dispatch!${at['sold']}{{x}}"
        else:
            price = "Power!$I{p}"
            share = f"IF({self.stops},IF(ISERROR({price}),1,IF({earned}{{r}}<{price},0,1)),1)"
            cost, bought, flat = f"IF(D{{r}}=0,0,{price})", "1", price
        share = found.add("share", "Runs", "0…1 of them", share, SHARE)
        cost = found.add("cost", "Running costs", "USD per available h", cost)
        found.add("bought", "Runs if never stopped", "0…1 of them", bought, SHARE)
        flat = found.add("flat", "Costs if never stopped", "USD per available h", flat)
        energy = found.add("energy", "Energy", "MWh/MW", f"{share}{{r}}*{hours}{{r}}")
        found.add("revenue", "Revenue", "USD/MW", f"IF({ON}=1,{earned}{{r}}*{energy}{{r}},0)")
        found.add("power", "Power, energy", "USD/MW", f"IF({ON}=1,0-{cost}{{r}}*{hours}{{r}},0)")
        found.add("charges", "Power, charges", "USD/MW", f"IF({ON}=1,0-Power!$J{{p}},0)")
        found.add("opex", "Opex", "USD/MW", f"IF({ON}=1,0-{self.constant(i, 'opex')},0)")
        found.add("capex", "Capex", "USD/MW at the start", f"IF(Market!$B{{m}}=0,0-{self.constant(i, 'capex')},0)")
        lines = "+".join(f"{found.letters[n]}{{r}}" for n in ("revenue", "power", "charges", "opex"))
        margin = found.add("margin", "Margin", "USD/MW", lines)
        found.add("free", "Free cash", "USD/MW", f"{margin}{{r}}+{found.letters['capex']}{{r}}")
        found.add_cash(self.rate, self.constant(i, "tolerance"), self.constant(i, "discounted_tolerance"))
        found.add("credits", "Credits in the power lines", "USD/MW", f"IF({ON}=1,{sold}-Power!$N{{p}},0)")
        if i not in self.with_parts:
            self._add_break_points(found, i)
        return found

    def _add_break_points(self, found: Columns, i: int) -> None:
        """From which scale of the price path each month runs, and what a lot is worth there; for crossovers."""
        at = found.letters
        first = first_row(i, self.months)
        last, year = first + self.months - 1, first + min(12, self.months) - 1
        full = found.add("full", "Revenue if running", "USD/MW", f"{at['earned']}{{r}}*{at['hours']}{{r}}")
        bill = found.add("bill", "Energy if running", "USD/MW", f"IF({ON}=1,{at['flat']}{{r}}*{at['hours']}{{r}},0)")
        begins = f"IF({bill}{{r}}<=0,0,IF({full}{{r}}=0,{NEVER},{bill}{{r}}/{full}{{r}}))"
        start = found.add(
            "start", "Runs from", "× price path", f"IF({ON}=1,IF({self.stops},{begins},0),{NEVER})", SHARE
        )
        factor = f"{at['factor']}{{d}}"
        # Behind the horizon nothing falls, and there is no factor below the last row.
        worth = found.add("worth", "Revenue, present value", "USD/MW", f"IF({ON}=1,{full}{{r}}*{factor},0)")
        dear = found.add("dear", "Energy, present value", "USD/MW", f"IF({ON}=1,{bill}{{r}}*{factor},0)")
        reached = f"(${start}${first}:${start}${last}<={start}{{r}})"
        found.add(
            "npv_there",
            "Worth there",
            "USD/MW, present value",
            f"{start}{{r}}*SUMPRODUCT({reached}*${worth}${first}:${worth}${last})"
            f"-SUMPRODUCT({reached}*${dear}${first}:${dear}${last})",
        )
        reached = f"(${start}${first}:${start}${year}<={start}{{r}})"
        inside = "Market!$B{m}<12"
        earned = f"{start}{{r}}*SUMPRODUCT({reached}*${full}${first}:${full}${year})"
        found.add("revenue_there", "Revenue there", "USD/MW-year", f"IF({inside},{earned},0)")
        costs = f"SUMPRODUCT({reached}*${bill}${first}:${bill}${year})"
        found.add("margin_there", "Less energy there", "USD/MW-year", f"IF({inside},{earned}-{costs},0)")

    # Figures

    def figures(self, i: int) -> dict[str, str]:
        """The figures of a lot as formulas, but for its rate of return."""
        ledger = self.ledgers[i]

        def year(name: str) -> str:
            return ledger.year(name, "0", self.horizon)

        power = f"(0-{year('power')}-{year('charges')})"
        consumed = year("energy")
        return {
            "mw": self.constant(i, "mw"),
            "revenue_usd_per_mw_year": year("revenue"),
            "power_cost_usd_per_mw_year": power,
            "opex_usd_per_mw_year": f"0-{year('opex')}",
            "margin_usd_per_mw_year": year("margin"),
            **capital_figures(ledger, "0"),
            **self._break_evens(i),
            "flexibility_usd_per_mw_year": self.constant(i, "flexibility"),
            "effective_power_gross_usd_per_mwh": f"IF({consumed}>0,({power}-{year('credits')})/{consumed},NA())",
            "effective_power_net_usd_per_mwh": f"IF({consumed}>0,{power}/{consumed},NA())",
        }

    def _break_evens(self, i: int) -> dict[str, str]:
        lot, ledger = self.plan.asic_lots[i], self.ledgers[i]
        available = self.constant(i, "available")
        charges = f"Power!$J${self.supply.site_row(self.site_of[lot.site_id])}"
        hours = f"Market!$H${FIRST_MONTH_ROW}"
        paid = f"({ledger.cell('flat', 0)}+IF({charges}=0,0,{charges}/({available}*{hours})))"
        rate, years = self.rate, f"({self._f(i, 'capital_recovery_months')}/12)"
        # A rate of almost nothing would be lost beside 1: there the first terms of the series are exact enough.
        series = f"(1+{rate}*({years}+1)/2+{rate}*{rate}*({years}^2-1)/12)/{years}"
        recovery = f"IF(ABS({rate})<10^-5,{series},{rate}/(1-(1+{rate})^(0-{years})))"
        opex = self._f(i, "opex_usd_per_mw_year")
        overhead = self.inputs.at("assumptions.overhead_usd_per_mw_year")
        all_in = f"({opex}+{overhead}+{self.constant(i, 'capex')}*{recovery})"
        per_hashprice = self.constant(i, "per_hashprice")
        found = {}
        for name, yearly in (("power", "0"), ("site", opex), ("all_in", all_in)):
            per_mwh = "0" if yearly == "0" else f"IF({yearly}=0,0,{yearly}/(8760*{available}))"
            needed = f"({paid}+{per_mwh})/{per_hashprice}"
            found[f"break_evens.{name}.energy_price_usd_per_mwh"] = f"{SPOT_USD}*{per_hashprice}-{per_mwh}"
            found[f"break_evens.{name}.btc_price_usd"] = f"{needed}/({SPOT_USD}/{SPOT_PRICE})"
            found[f"break_evens.{name}.hashprice_usd_per_ph_day"] = needed
        found["break_even_power_usd_per_mwh"] = found["break_evens.power.energy_price_usd_per_mwh"]
        found["break_even_btc_price_usd"] = found["break_evens.power.btc_price_usd"]
        found["break_even_hashprice_usd_per_ph_day"] = found["break_evens.power.hashprice_usd_per_ph_day"]
        return found
