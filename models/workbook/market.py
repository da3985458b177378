"""The sheet Market: the calendar and the bitcoin network, month by month."""

from __future__ import annotations

from models.workbook.inputs import FIRST_MONTH_ROW, Inputs, subsidy
from models.workbook.styles import Style
from models.workbook.xlsx import Column, Formula, Sheet

COUNT, NUMBER = Style("plain", "0"), Style("plain", "#,##0.00")
LARGE, FINE = Style("plain", "#,##0"), Style("plain", "0.00000000")


def month_of(cell: str) -> str:
    """Months since year 0 of a cell with a month as text, as a formula."""
    return f"(VALUE(LEFT({cell},4))*12+VALUE(MID({cell},6,2))-1)"


def start_number() -> str:
    """The plan's first month, likewise."""
    return f"Market!$C${FIRST_MONTH_ROW}"


def grown(level: str, growth: str, months: str) -> str:
    """A level with its yearly growth applied monthly."""
    return f"{level}*(1+{growth})^({months}/12)"


def write_market(inputs: Inputs) -> None:
    """Write the sheet; a last row stands behind the horizon, for what falls at its end."""
    book = inputs.book
    sheet = book.sheet("Market", [9, 7, 9, 7, 7, 7, 7, 8, 9, 13, 14, 12, 12, 12, 14, 14, 8], f"C{FIRST_MONTH_ROW}")
    sheet.row([("Calendar and bitcoin network", book.styles.title)])
    sheet.row(
        [("Hashprice = 86,400·10^15·(subsidy + fees)·price ∕ (difficulty·2^32), per PH/s and day.", book.styles.note)]
    )
    sheet.row([("Blocks come at 144 a day; a month with a halving inside is split by blocks.", book.styles.note)])
    _write_spot(inputs, sheet)
    price, difficulty = inputs.level("market.btc_price_usd"), inputs.level("market.difficulty")
    price_growth = inputs.at("market.btc_price_growth_fraction_per_year")
    difficulty_growth = inputs.at("market.difficulty_growth_fraction_per_year")
    start = month_of(inputs.at("plan.start"))
    leap = "(MOD(D{r},4)=0)-(MOD(D{r},100)=0)+(MOD(D{r},400)=0)"
    after = "(Q{r}+1)*210000"
    columns = [
        Column("Month", "", 'D{r}&"-"&RIGHT("0"&E{r},2)', Style("plain")),
        Column("Month", "number", f"ROW()-{FIRST_MONTH_ROW}", COUNT),
        Column("Month", "since year 0", f"{start}+B{{r}}", COUNT),
        Column("Year", "", "INT(C{r}/12)", COUNT),
        Column("Month", "of the year", "MOD(C{r},12)+1", COUNT),
        Column("Within", "horizon", f"IF(B{{r}}<{inputs.at('plan.horizon_months')},1,0)", COUNT),
        Column("Days", "d", f"CHOOSE(E{{r}},31,28+{leap},31,30,31,30,31,31,30,31,30,31)", COUNT),
        Column("Hours", "h", "24*G{r}", COUNT),
        Column("Days before", "d", "N(I{u})+N(G{u})", COUNT),
        Column("BTC price", "USD/BTC", grown(price.value, price_growth, price.grown).replace("{m}", "{r}"), LARGE),
        Column(
            "Difficulty", "", grown(difficulty.value, difficulty_growth, difficulty.grown).replace("{m}", "{r}"), LARGE
        ),
        Column("First block", "height", f"{inputs.at('market.block_height')}+144*I{{r}}", LARGE),
        Column("Next month's", "height", "L{r}+144*G{r}", LARGE),
        Column(
            "Subsidy, mean",
            "BTC/block",
            f"((MIN(M{{r}},{after})-L{{r}})*{subsidy('Q{r}')}+MAX(M{{r}}-{after},0)*{subsidy('(Q{r}+1)')})"
            "/(M{r}-L{r})",
            FINE,
        ),
        Column(
            "Hashprice",
            "BTC/PH/day",
            f"86400*10^15*(N{{r}}+{inputs.at('market.fees_btc_per_block')})/(K{{r}}*2^32)",
            FINE,
        ),
        Column("Hashprice", "USD/PH/day", "O{r}*J{r}", NUMBER),
        Column("Era", "halvings", "INT(L{r}/210000)", COUNT),
    ]
    first = sheet.block(columns, inputs.months)
    assert first == FIRST_MONTH_ROW


def _write_spot(inputs: Inputs, sheet: Sheet) -> None:
    """The row above the months: the market at the plan's start, by the subsidy at its block height."""
    difficulty, price = inputs.level("market.difficulty").first, inputs.level("market.btc_price_usd").first
    era = f"INT({inputs.at('market.block_height')}/210000)"
    sheet.row(
        [
            ("At the start", Style("strong")),
            *[None] * 8,
            (Formula(price), LARGE),
            (Formula(difficulty), LARGE),
            None,
            None,
            (Formula(subsidy(era)), FINE),
            (Formula(f"86400*10^15*(N4+{inputs.at('market.fees_btc_per_block')})/(K4*2^32)"), FINE),
            (Formula("O4*J4"), NUMBER),
            None,
            ("Network, EH/s", Style("note")),
            (Formula("K4*2^32/600/10^18"), NUMBER),
        ]
    )


SPOT_PRICE, SPOT_BTC, SPOT_USD, NETWORK = "Market!$J$4", "Market!$O$4", "Market!$P$4", "Market!$S$4"
"""The market at the plan's start: BTC price, hashprice in BTC and in USD, network hashrate."""
