"""The sheets Offers, Leases and Own GPUs: what a megawatt earns under an AI contract, as in `models.hosting`."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.plan import LEASE, AiOffer, Plan
from models.power.parts import MINIMUM_TAKE, SOLD_BACK
from models.use_names import named_at_site
from models.workbook.cash import ON, Columns, Ledger, capital_figures, tolerance
from models.workbook.inputs import Inputs
from models.workbook.layout import MONTH, added, first_row, stacked_sheet, write_block
from models.workbook.market import COUNT, month_of, start_number
from models.workbook.mining import NOTE, MiningSheets
from models.workbook.styles import Style
from models.workbook.supply import SHARE, SupplySheets
from models.workbook.xlsx import Cell, Formula, letters

_FIRST_OFFER_ROW = 6
CONSTANTS = (
    ("mw", "Megawatts", "MW"),
    ("first", "First rent", "months from the start"),
    ("begin", "Begins", "month of the plan"),
    ("runs", "Reaches into the plan", "1 or 0"),
    ("pays", "Operator pays power", "1 or 0"),
    ("hall", "Hall", "USD/MW"),
    ("gpus", "GPUs", "per MW"),
    ("gpu_capex", "GPUs", "USD/MW"),
    ("quoted", "Price quoted", "rent or USD/GPU-hour"),
    ("rate", "Discount rate", "0…1 per year"),
    ("tolerance", "Rounding", "USD/MW"),
    ("discounted_tolerance", "Rounding, discounted", "USD/MW"),
    ("sold", "Contract sold for", "USD/MW at the month's end"),
    ("given_up", "Flexibility given up", "USD/MW-year"),
)
"""Columns of the sheet Offers behind id, name and site: name, heading, unit."""
SHEETS = {True: "Leases", False: "'Own GPUs'"}
"""The sheet of a kind, as formulas write it: whether it is a lease."""


@dataclass(eq=False)
class OfferSheets:
    """AI offers as blocks of months, and their figures as formulas."""

    inputs: Inputs
    supply: SupplySheets
    mining: MiningSheets
    ledgers: list[Ledger] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.plan: Plan = self.inputs.plan
        self.months = self.inputs.months
        self.horizon = self.inputs.at("plan.horizon_months")
        self.site_of = {site.id: row for row, site in enumerate(self.plan.sites)}
        place = {True: 0, False: 0}
        self._blocks: list[int] = []
        self._columns: list[Columns] = []
        for i, offer in enumerate(self.plan.ai_offers):
            lease = offer.kind == LEASE
            columns = self._month_columns(i)
            self._blocks.append(place[lease])
            self._columns.append(columns)
            first = first_row(place[lease], self.months)
            self.ledgers.append(Ledger(SHEETS[lease], first, self.months, columns.letters))
            place[lease] += 1

    def constant(self, offer: int, name: str) -> str:
        """An offer's cell on the sheet Offers."""
        column = 4 + next(at for at, (n, _, _) in enumerate(CONSTANTS) if n == name)
        return f"Offers!${letters(column)}${_FIRST_OFFER_ROW + offer}"

    def price_path(self, offer: AiOffer) -> str:
        """The path of an offer's price."""
        name = "rent_usd_per_it_kw_month" if offer.kind == LEASE else "price_usd_per_gpu_hour"
        return f"ai_offers.{offer.id}.{name}"

    def write(self) -> None:
        """Write the sheets."""
        if not self.plan.ai_offers:
            return
        self._write_offers()
        names = named_at_site(self.plan)
        titles = {True: "AI leases, month by month", False: "Own GPUs, month by month"}
        for lease in (True, False):
            rows = [i for i, o in enumerate(self.plan.ai_offers) if (o.kind == LEASE) == lease]
            if not rows:
                continue
            sheet = stacked_sheet(self.inputs, SHEETS[lease].strip("'"), titles[lease], NOTE, 26)
            for i in rows:
                offer = self.plan.ai_offers[i]
                site = self.site_of[offer.site_id]
                others = {"p": self.supply.site_row(site)}
                others |= {f"t{p.block}": self.supply.part_row(p) for p in self.supply.of_site(site)}
                title = f"{names[offer.id]} at {self.plan.sites[site].name}"
                write_block(self.inputs, sheet, self._blocks[i], title, self._columns[i].listed, others)

    def _f(self, offer: int, name: str) -> str:
        return self.inputs.at(f"ai_offers.{self.plan.ai_offers[offer].id}.{name}")

    # Offers

    def _write_offers(self) -> None:
        looks = self.inputs.book.styles
        sheet = self.inputs.book.sheet("Offers", [8, 26, 18, *[14] * len(CONSTANTS)], "D6")
        sheet.row([("AI offers per utility MW", looks.title)])
        sheet.row([("What follows from an offer's inputs alone, and sums of its months.", looks.note)])
        sheet.row([])
        sheet.row([*((h, looks.heading) for h in ("Id", "Offer", "Site", *(h for _, h, _ in CONSTANTS)))])
        sheet.row([*((u, looks.unit) for u in ("", "", "", *(u for _, _, u in CONSTANTS)))])
        names = named_at_site(self.plan)
        for i, offer in enumerate(self.plan.ai_offers):
            formulas = self._constants(i)
            cells: list[Cell | None] = [
                (offer.id, Style("note")),
                (names[offer.id], Style("text", "@")),
                (self.plan.sites[self.site_of[offer.site_id]].name, Style("text", "@")),
                *((Formula(formulas[name]), Style("plain", "#,##0.00####")) for name, _, _ in CONSTANTS),
            ]
            assert sheet.row(cells) == _FIRST_OFFER_ROW + i

    def _constants(self, i: int) -> dict[str, str]:
        offer, ledger = self.plan.ai_offers[i], self.ledgers[i]
        gross, lease = self._f(i, "gross_mw_per_it_mw"), offer.kind == LEASE
        first, term, paid_by = self.constant(i, "first"), self._f(i, "term_months"), self._f(i, "power_paid_by")
        gpus = "0" if lease else f"1000/({self._f(i, 'it_kw_per_gpu')}*{gross})"
        capex = "0" if lease else f"{self.constant(i, 'gpus')}*{self._f(i, 'capex_usd_per_gpu')}"
        usual = 0 if lease else 1
        return {
            "mw": f"{self._f(i, 'critical_it_mw')}*{gross}",
            "first": f"{month_of(self._f(i, 'first_rent_month'))}-{start_number()}",
            "begin": f"MAX({first},0)",
            "runs": f"IF({first}+{term}>0,1,0)",
            "pays": f'IF({paid_by}="",{usual},IF({paid_by}="operator",1,0))',
            "hall": f"{self._f(i, 'capex_usd_per_it_mw')}/{gross}",
            "gpus": gpus,
            "gpu_capex": capex,
            "quoted": self.inputs.level(self.price_path(offer)).first,
            "rate": self.inputs.at(f"assumptions.{offer.kind}_discount_rate_fraction"),
            "tolerance": tolerance(ledger, "point"),
            "discounted_tolerance": tolerance(ledger, "discounted"),
            "sold": self._sold_for(i),
            "given_up": self._given_up(offer),
        }

    def _sold_for(self, i: int) -> str:
        """What the site's contract is sold for at hand-over, at the month's end as all cash of that month."""
        site = self.site_of[self.plan.ai_offers[i].site_id]
        if not self.supply.of_site(site):
            return "0"
        begin, rate = self.constant(i, "begin"), self.inputs.at("assumptions.lease_discount_rate_fraction")
        first = self.supply.site_row(site)
        value = f"Power!$M${first}:$M${first + self.months - 1}"
        number = f"Market!$B${first_row(0, self.months)}:$B${first_row(0, self.months) + self.months - 1}"
        inside = f"({number}>={begin})*({number}<{self.horizon})"
        worth = f"SUMPRODUCT({inside}*{value}*(1+{rate})^(0-(({number}-{begin})*{inside}+1)/12))"
        return f"({worth}-{self._f(i, 'hedge_sale_discount_fraction')}*ABS({worth}))*(1+{rate})^(1/12)"

    def _given_up(self, offer: AiOffer) -> str:
        """The mean flexibility of the site's machines that run, by their megawatts."""
        lots = self.mining.lots_at(offer.site_id)
        if not lots:
            return "0"
        constant = self.mining.constant
        weight = added(f"{constant(k, 'runs')}*{constant(k, 'weight')}" for k in lots)
        return f"IF({weight}>0,({added(constant(k, 'weighed') for k in lots)})/({weight}),0)"

    # Months

    def _month_columns(self, i: int) -> Columns:
        offer = self.plan.ai_offers[i]
        lease = offer.kind == LEASE
        found = Columns(MONTH)

        def c(name: str) -> str:
            return self.constant(i, name)

        def f(name: str) -> str:
            return self._f(i, name)

        since = found.add("since", "Since first rent", "months", f"Market!$B{{m}}-{c('first')}", COUNT)
        term = f("term_months")
        earning = f"IF(AND({since}{{r}}>=0,{since}{{r}}<{term}),{ON},0)"
        earning = found.add("earning", "In the term", "1 or 0", earning, COUNT)
        ramp = f"{earning}{{r}}*MIN(MAX(({since}{{r}}+1)/MAX({f('ramp_months')},1),0),1)"
        share = found.add("income", "Of full income", "0…1", ramp, SHARE)
        level = self.inputs.level(self.price_path(offer))
        if lease:
            step = f"(1+{f('escalator_fraction_per_year')})^INT(MAX({since}{{r}},0)/12)"
            of_one = f"1000/{f('gross_mw_per_it_mw')}*{share}{{r}}*{{factor}}"
        else:
            step = f"(1+{f('price_growth_fraction_per_year')})^({level.grown}/12)"
            of_one = f"{c('gpus')}*{f('utilisation_fraction')}*{share}{{r}}*Market!$H{{m}}*{{factor}}"
        factor = found.add("step", "Escalator" if lease else "Growth", "factor", step, SHARE)
        unit = "USD/IT kW-month" if lease else "USD/GPU-hour"
        price = found.add("price", "Rent" if lease else "Price", unit, f"{level.value}*{factor}{{r}}")
        per_price = of_one.replace("{factor}", "1")
        revenue = found.add("revenue", "Revenue", "USD/MW", f"IF({ON}=1,{price}{{r}}*{per_price},0)")
        summer, winter = f("summer_pue"), f("winter_pue")
        pue = f"IF(AND(Market!$E{{m}}>=4,Market!$E{{m}}<=9),{summer},{winter})"
        drawn = found.add(
            "drawn", "Drawn", "0…1 of the MW", f'IF({pue}="",1,MIN({pue}/{f("gross_mw_per_it_mw")},1))', SHARE
        )
        found.add("energy", "Energy", "MWh/MW", f"{earning}{{r}}*{drawn}{{r}}*Market!$H{{m}}")
        found.add("power", "Power", "USD/MW", self._power(i, earning, drawn))
        opex = (
            f"0-{revenue}{{r}}*{f('opex_fraction_of_rent')}"
            if lease
            else f"0-{c('gpu_capex')}*{f('opex_fraction_of_capex_per_year')}/12*{earning}{{r}}"
        )
        found.add("opex", "Opex", "USD/MW", f"IF({ON}=1,{opex},0)")
        over, first = f("capex_months"), c("first")
        even = f"IF(AND(Market!$B{{m}}>={first}-{over},Market!$B{{m}}<{first}),1/{over},0)"
        spent = f"IF({first}-{over}<0,IF(Market!$B{{m}}=0,1,0),{even})*{c('runs')}"
        bought = f"IF(Market!$B{{m}}={c('begin')},{c('runs')},0)"
        found.add(
            "capex", "Capex", "USD/MW at the start", f"IF({ON}=1,0-{c('hall')}*{spent}-{c('gpu_capex')}*{bought},0)"
        )
        back = f"{c('hall')}*{f('hall_residual_fraction')}"
        if not lease:
            back += f"+{c('gpu_capex')}*{f('residual_fraction')}"
        ends = f"Market!$B{{m}}={first}+{term}-1"
        found.add("residual", "Residual", "USD/MW", f"IF({ON}=1,IF({ends},{back},0),0)")
        at = found.letters
        margin = found.add(
            "margin", "Margin", "USD/MW", "+".join(f"{at[n]}{{r}}" for n in ("revenue", "power", "opex"))
        )
        found.add("free", "Free cash", "USD/MW", f"{margin}{{r}}+{at['capex']}{{r}}+{at['residual']}{{r}}")
        found.add_cash(c("rate"), c("tolerance"), c("discounted_tolerance"))
        found.add("credits", "Energy sold back", "USD/MW", self._credits(i, earning, drawn))
        scaled = f"{level.value}/{c('quoted')}*{factor}{{r}}"
        from_start = f"{factor}{{r}}" if lease else f"(1+{f('price_growth_fraction_per_year')})^(Market!$B{{m}}/12)"
        relative = f"IF({c('quoted')}=0,{from_start},{scaled})"
        found.add(
            "per_price", "Revenue per price", "USD/MW per unit", f"IF({ON}=1,{of_one.replace('{factor}', relative)},0)"
        )
        return found

    def _power(self, i: int, earning: str, drawn: str) -> str:
        site = self.site_of[self.plan.ai_offers[i].site_id]
        parts = self.supply.of_site(site)
        hours = "Market!$H{m}"
        price, hedge = f"Power!$I{{p}}*{drawn}{{r}}", "0"
        if parts:
            over = added(
                f"IF(Tariffs!$B{{t{p.block}}}>0,Tariffs!$B{{t{p.block}}}*Tariffs!$G{{t{p.block}}}"
                f"*MAX({drawn}{{r}}-{self._take(p.contract)},0),0)"
                for p in parts
                if p.rule == MINIMUM_TAKE
            )
            price = f"(Power!$L{{p}}*{drawn}{{r}}+{over})"
            disposition = self._f(i, "hedge_disposition")
            kept = f'IF({disposition}="kept",IF({earning}{{r}}>0,Power!$M{{p}},0),0)'
            sale = f'AND({disposition}="sold",Market!$B{{m}}={self.constant(i, "begin")})'
            hedge = f"IF({sale},{self.constant(i, 'sold')},{kept})"
        bill = f"IF({earning}{{r}}>0,0-{earning}{{r}}*({price}*{hours}+Power!$K{{p}}),0)"
        return f"IF({ON}=1,IF({self.constant(i, 'pays')}=1,{bill},{hedge}),0)"

    def _take(self, contract: int) -> str:
        return self.inputs.at(f"power_contracts.{self.plan.power_contracts[contract].id}.take_fraction")

    def _credits(self, i: int, earning: str, drawn: str) -> str:
        """What a block fetches for the energy that a firm MW does not draw, as a credit."""
        site = self.site_of[self.plan.ai_offers[i].site_id]
        hours = "Market!$H{m}"
        terms = []
        for part in self.supply.of_site(site):
            if part.rule == SOLD_BACK:
                contract = self.plan.power_contracts[part.contract].id
                adders = self.inputs.at(f"power_contracts.{contract}.adders_usd_per_mwh")
                taxed = f"(1+{self.inputs.at(f'power_contracts.{contract}.tax_fraction')})"
                weight = f"Tariffs!$B{{t{part.block}}}"
                fetched = f"(Tariffs!$H{{t{part.block}}}-{adders}*{taxed})*{hours}*(1-{drawn}{{r}})"
                terms.append(f"IF({weight}>0,{fetched}*{weight},0)")
        if not terms:
            return "0"
        return f"IF({earning}{{r}}*(1-{drawn}{{r}})>0,0-({added(terms)}),0)"

    # Figures

    def figures(self, i: int) -> dict[str, str]:
        """The figures of an offer as formulas, but for its rate of return."""
        ledger, begin = self.ledgers[i], self.constant(i, "begin")

        def year(name: str) -> str:
            return ledger.year(name, begin, self.horizon)

        power, consumed, pays = f"(0-{year('power')})", year("energy"), self.constant(i, "pays")
        found = {
            "mw": self.constant(i, "mw"),
            "revenue_usd_per_mw_year": year("revenue"),
            "power_cost_usd_per_mw_year": power,
            "opex_usd_per_mw_year": f"0-{year('opex')}",
            "margin_usd_per_mw_year": year("margin"),
            **capital_figures(ledger, begin),
            "flexibility_usd_per_mw_year": f"IF({begin}+12<={self.horizon},{self.constant(i, 'given_up')},NA())",
        }
        for name, paid in (("gross", f"({power}-{year('credits')})"), ("net", power)):
            per_mwh = f"IF({consumed}>0,{paid}/{consumed},NA())"
            found[f"effective_power_{name}_usd_per_mwh"] = f"IF({pays}=1,{per_mwh},NA())"
        return found
