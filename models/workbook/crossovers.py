"""The sheet Crossovers: where a lot and an offer of its site are worth the same, as in `models.crossovers`.

An offer's figures are straight lines in its price, so that price is a formula. A lot at a site with a fixed price for
all energy is worth a line made of one piece per month; the piece that reaches the offer is looked up among the months.
Machines that stop by the hour have a piece per hour: there the scale of the price path is a value, and beside it
formulas say how far both sides are apart at that scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from models.plan import LEASE, AiOffer, AsicLot
from models.results import BASES, Results
from models.use_names import named_uses
from models.workbook.cash import NEVER, Ledger
from models.workbook.gaps import GapSheet
from models.workbook.inputs import Inputs
from models.workbook.market import SPOT_PRICE, SPOT_USD
from models.workbook.mining import MiningSheets
from models.workbook.offers import OfferSheets
from models.workbook.styles import Style
from models.workbook.xlsx import Cell, Formula, Sheet, constant

_FIRST_ROW = 6
_HEADINGS = (
    ("Machines", ""),
    ("Offer", ""),
    ("Basis", ""),
    ("Mining is worth", "USD/MW-year, or USD/MW for npv"),
    ("The offer is worth", "with resale for npv"),
    ("To be reached", "by what follows the price"),
    ("Last month short of it", "× price path"),
    ("Slope from there", "USD/MW per ×"),
    ("Energy from there", "USD/MW"),
    ("Next month starts", "× price path"),
    ("Scale", "× price path"),
    ("Crossover hashprice", "USD/PH/day"),
    ("Crossover BTC price", "USD/BTC"),
    ("Offer earns", "USD/MW per unit of price"),
    ("Crossover price of the offer", "rent or USD/GPU-hour"),
    ("Apart there", "relative, by formulas"),
    ("How the scale was found", ""),
)


@dataclass(eq=False)
class CrossoverSheet:
    """One row per lot, offer and basis.

    Attributes
    ----------
    values
        By case Busbar's results, for scales that cannot be formulas.
    largest_gap
        Once written: how far a margin or present value is apart at such a scale, as a formula; empty without one.
    """

    inputs: Inputs
    mining: MiningSheets
    offers: OfferSheets
    values: tuple[Results, ...]
    largest_gap: str = ""

    @cached_property
    def pairs(self) -> list[tuple[AsicLot, AiOffer, str]]:
        """All rows, in the order of `Results.crossovers`."""
        plan = self.inputs.plan
        return [
            (lot, offer, basis)
            for lot in plan.asic_lots
            for offer in plan.ai_offers
            if offer.site_id == lot.site_id
            for basis in BASES
        ]

    def cells(self, row: int) -> dict[str, str]:
        """The cells of a row's figures by name."""
        at = _FIRST_ROW + row
        offer = self.pairs[row][1]
        price = "rent_usd_per_it_kw_month" if offer.kind == LEASE else "price_usd_per_gpu_hour"
        return {
            "hashprice_usd_per_ph_day": f"Crossovers!$L${at}",
            "btc_price_usd": f"Crossovers!$M${at}",
            price: f"Crossovers!$O${at}",
        }

    def write(self) -> None:
        """Write the sheet, where there is a pair."""
        pairs = self.pairs
        if not pairs:
            return
        looks = self.inputs.book.styles
        gaps = GapSheet(self.mining)
        names = named_uses(self.inputs.plan)
        sheet = Sheet("Crossovers", looks, [24, 24, 9, *[15] * 13, 62], f"D{_FIRST_ROW}")
        sheet.row([("Where mining and an offer are worth the same", looks.title)])
        sheet.row(
            [
                (
                    "The whole price path moves in proportion at the same difficulty; levels are of the first month.",
                    looks.note,
                )
            ]
        )
        sheet.row([])
        sheet.row([(h, looks.heading) for h, _ in _HEADINGS])
        sheet.row([(u, looks.unit) for _, u in _HEADINGS])
        lots = {lot.id: i for i, lot in enumerate(self.inputs.plan.asic_lots)}
        offers = {offer.id: i for i, offer in enumerate(self.inputs.plan.ai_offers)}
        for lot, offer, basis in pairs:
            row = sheet.next_row
            formulas = self._row(lots[lot.id], offers[offer.id], basis, row)
            hours = self.mining.follows_hours(lot)
            gap = ""
            if hours:
                title = f"{names[lot.id]} at its {basis} crossover with {names[offer.id]}"
                worth = gaps.worth(lots[lot.id], basis, f"Crossovers!$K${row}", title)
                fixed = self._fixed(lots[lot.id], basis)
                gap = f"IF(ISERROR(K{row}),0,ABS({worth}+{fixed}-E{row})/MAX(ABS(E{row}),100))"
                # A revenue jumps where an hour starts, and may pass the offer there.
                rows = f"${_FIRST_ROW}", f"${_FIRST_ROW + len(pairs) - 1}"
                bases, apart = (f"Crossovers!${column}{rows[0]}:${column}{rows[1]}" for column in "CP")
                self.largest_gap = f'SUMPRODUCT(MAX(({bases}<>"revenue")*{apart}))'
            how = "value, not formula: every hour has a price from which it runs" if hours else "formula"
            plain = Style("plain", "#,##0.00####")
            cells: list[Cell | None] = [
                (names[lot.id], Style("text", "@")),
                (names[offer.id], Style("text", "@")),
                (basis, Style("text")),
            ]
            for at, text in enumerate(formulas):
                is_value = hours and at == 7
                cells.append(
                    None if not text else (Formula(text), Style("pasted", plain.format) if is_value else plain)
                )
            cells.append((Formula(gap), Style("plain", "0.0E+00")) if gap else None)
            sheet.row([*cells, (how, Style("note"))])
        self.inputs.book.sheets.append(sheet)

    def _row(self, lot: int, offer: int, basis: str, row: int) -> list[str]:
        mined, offered = (
            _figure(ledger, basis, begin, self.inputs)
            for ledger, begin in (
                (self.mining.ledgers[lot], "0"),
                (self.offers.ledgers[offer], self.offers.constant(offer, "begin")),
            )
        )
        if basis == "npv":
            offered += f"+{self.mining.constant(lot, 'resale')}"
        needed = f"E{row}-{self._fixed(lot, basis)}"
        if self.mining.follows_hours(self.inputs.plan.asic_lots[lot]):
            search = ["", "", "", "", self._scale_value(lot, offer, basis)]
        else:
            search = _search(self.mining.ledgers[lot], basis, row)
        known = f"IF(ISERROR(D{row}+E{row}),NA(),K{row})"
        ledger = self.offers.ledgers[offer]
        begin = self.offers.constant(offer, "begin")
        lease = self.inputs.plan.ai_offers[offer].kind == LEASE
        kept = f"(1-{self.inputs.at(f'ai_offers.{self.inputs.plan.ai_offers[offer].id}.opex_fraction_of_rent')})"
        kept = kept if lease and basis != "revenue" else "1"
        if basis == "npv":
            ends = ledger.rows("factor", 1, ledger.months)
            earned = f"SUMPRODUCT({ledger.rows('per_price', 0, ledger.months - 1)}*{ends})*{kept}"
        else:
            earned = f"{ledger.year('per_price', begin, self.inputs.at('plan.horizon_months'))}*{kept}"
        quoted = self.offers.constant(offer, "quoted")
        price = f"{quoted}+(D{row}-E{row})/N{row}"
        return [
            mined,
            offered,
            needed,
            *search,
            f"{known}*{SPOT_USD}",
            f"{known}*{SPOT_PRICE}",
            earned,
            f"IF(N{row}>0,IF({price}<0-10^-12*{quoted},NA(),MAX({price},0)),NA())",
        ]

    def _fixed(self, lot: int, basis: str) -> str:
        """What of a lot's figure falls at any price."""
        if basis == "revenue":
            return "0"
        return self.mining.constant(lot, "fixed_npv" if basis == "npv" else "fixed_year")

    def _scale_value(self, lot: int, offer: int, basis: str) -> str:
        plan = self.inputs.plan
        found = []
        for case, results in zip(self.inputs.cases, self.values, strict=True):
            row = results.crossover(plan.asic_lots[lot].id, plan.ai_offers[offer].id, basis)
            assert row is not None, case.id
            spot = float(results.market.btc_price_usd[0])
            scale = row.btc_price_usd / spot if spot else float("nan")
            found.append(constant(scale))
        return self.inputs.by_case(found)


def _figure(ledger: Ledger, basis: str, begin: str, inputs: Inputs) -> str:
    if basis == "npv":
        return f"SUM({ledger.all('discounted')})"
    return ledger.year(basis, begin, inputs.at("plan.horizon_months"))


def _search(ledger: Ledger, basis: str, row: int) -> list[str]:
    """The columns that find the lowest scale at which a lot reaches what is needed (in column F)."""
    end = ledger.months if basis == "npv" else min(12, ledger.months)
    start = ledger.rows("start", 0, end)
    slope, energy, there = {
        "revenue": ("full", "", "revenue_there"),
        "margin": ("full", "bill", "margin_there"),
        "npv": ("worth", "dear", "npv_there"),
    }[basis]

    def from_start(name: str, scale: str) -> str:
        return f"SUMPRODUCT(({start}<={scale})*{ledger.rows(name, 0, end)})" if name else "0"

    # What runs at a scale of 0 costs something and earns nothing: that may be what is needed already.
    short = f"SUMPRODUCT(MAX(({ledger.rows(there, 0, end)}<F{row})*{start}))"
    at_zero = f"0-{from_start(energy, '0')}"
    return [
        f"IF({at_zero}>=F{row},NA(),{short})",
        from_start(slope, f"G{row}"),
        f"0-({from_start(energy, f'G{row}')})",
        f"IFERROR(SMALL({start},SUMPRODUCT(--({start}<=G{row}))+1),{NEVER})",
        f"IF(MIN(IF(H{row}>0,(F{row}-I{row})/H{row},{NEVER}),J{row})>={NEVER},NA(),"
        f"MIN(IF(H{row}>0,(F{row}-I{row})/H{row},{NEVER}),J{row}))",
    ]
