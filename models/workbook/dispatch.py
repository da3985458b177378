"""The columns of the sheet Dispatch: which part of a site's contracts a lot buys from, and in which hours it runs."""

from __future__ import annotations

from models.power.parts import MINIMUM_TAKE
from models.workbook.cash import Columns
from models.workbook.layout import MONTH, added
from models.workbook.market import COUNT, NUMBER
from models.workbook.supply import SHARE, WorkbookPart


def dispatch_columns(
    parts: list[WorkbookPart],
    *,
    mw: str,
    ends: str,
    available: str,
    stops: str,
    taken: dict[int, str],
    adders: dict[int, str],
) -> Columns:
    """The columns of one lot; see `models.power.parts` and `models.power.dispatch`.

    Parameters
    ----------
    parts
        Of its site, without the mix of fixed contracts, which comes last here.
    mw, ends, available, stops
        Cells of the lot's megawatts, of its place beside the blocks, of its availability, and of the shutdown rule.
    taken
        By block of the part, the cell of the minimum take.
    adders
        By block of the part, what of its running cost is no sale, taxed.

    Returns
    -------
    Columns
        With ``share``, ``cost``, ``bought``, ``flat`` and ``sold``. Templates name the months' rows ``{m}``, on Power
        ``{p}``, on Mining ``{y}``, and of the n-th part on Tariffs ``{tn}``.
    """
    found = Columns(MONTH)

    def of(part: WorkbookPart, column: str) -> str:
        return f"Tariffs!${column}{{t{part.block}}}"

    raw = _first_claims(found, parts, mw, ends)
    claimed = found.add(
        "claimed",
        "Claimed in all",
        "0…1",
        added([*(f"{raw[p.block]}{{r}}*{of(p, 'C')}" for p in parts), f"{raw[-1]}{{r}}"]),
        SHARE,
    )
    weighed = added([*(f"{of(p, 'B')}*{of(p, 'C')}" for p in parts), "Power!$H{p}"])
    whole = found.add("whole", "Or as the site buys", "0…1", f"IF({claimed}{{r}}>0,{claimed}{{r}},{weighed})", SHARE)
    by = f"IF({whole}{{r}}>0,{whole}{{r}},1)"
    earned = "Mining!$B{y}"
    shares, costs, boughts, flats, sales = [], [], [], [], []
    for number, part in enumerate(parts, start=1):
        own = f"IF({claimed}{{r}}>0,{raw[part.block]}{{r}},{of(part, 'B')})"
        bought = found.add(
            f"b{part.block}", f"Part {number}: bought", "0…1 of hours", f"{own}*{of(part, 'C')}/{by}", SHARE
        )
        share, cost, flat, restarts = part_runs(found, part, number, earned, available, stops, taken)
        boughts.append(f"{bought}{{r}}")
        shares.append(f"IF({bought}{{r}}>0,{bought}{{r}}*{share},0)")
        costs.append(f"IF({bought}{{r}}>0,{bought}{{r}}*{cost},0)")
        flats.append(f"IF({bought}{{r}}>0,{bought}{{r}}*{flat},0)")
        if part.block in adders:
            hours = f"{available}*Market!$H{{m}}"
            used = f"({cost}-{restarts}-{adders[part.block]}*{share})*{hours}"
            sales.append(f"IF({bought}{{r}}>0,{bought}{{r}}*({used}-{of(part, 'L')}),0)")
    pool, price = f"IF({whole}{{r}}>0,IF({claimed}{{r}}>0,{raw[-1]}{{r}},Power!$H{{p}}),1)", "Power!$I{p}"
    bought = found.add("pool", "Fixed price: bought", "0…1", f"{pool}/{by}", SHARE)
    runs = found.add(
        "pool_runs",
        "Fixed price: runs",
        "1 or 0",
        f"IF({stops},IF(ISERROR({price}),1,IF({earned}<{price},0,1)),1)",
        COUNT,
    )
    shares.append(f"IF({bought}{{r}}>0,{bought}{{r}}*{runs}{{r}},0)")
    costs.append(f"IF({bought}{{r}}*{runs}{{r}}>0,{bought}{{r}}*{price},0)")
    flats.append(f"IF({bought}{{r}}>0,{bought}{{r}}*{price},0)")
    found.add("share", "Runs", "0…1 of available hours", added(shares), SHARE)
    found.add("cost", "Running costs", "USD per available h", added(costs))
    found.add("bought", "Runs if never stopped", "0…1", added([*boughts, f"{bought}{{r}}"]), SHARE)
    found.add("flat", "Costs if never stopped", "USD per available h", added(flats))
    found.add("sold", "Energy sold back", "USD/MW-month", added(sales))
    return found


def _first_claims(found: Columns, parts: list[WorkbookPart], mw: str, ends: str) -> dict[int, str]:
    """What the lot claims of each part, the mix of fixed contracts under −1: blocks first, the rest in proportion."""
    raw: dict[int, str] = {}
    before: list[str] = []
    others = [p for p in parts if not p.is_paid_anyhow]
    for number, part in enumerate(parts, start=1):
        if not part.is_paid_anyhow:
            continue
        low, high = f"Tariffs!$I{{t{part.block}}}", f"Tariffs!$J{{t{part.block}}}"
        placed = f"IF({mw}>0,MAX(MIN({ends},{high})-MAX({ends}-{mw},{low}),0)/{mw},IF({high}>{low},1,0))"
        column = found.add(
            f"raw{part.block}", f"Part {number}: block", "0…1", f"MIN({placed},1-({added(before)}))", SHARE
        )
        raw[part.block] = column
        before.append(f"{column}{{r}}")
    weights = [f"Tariffs!$B{{t{p.block}}}*Tariffs!$C{{t{p.block}}}" for p in others]
    total = found.add("total", "Other parts", "0…1", added([*weights, "Power!$H{p}"]), SHARE)
    left = f"(1-({added(before)}))"
    for number, part in enumerate(parts, start=1):
        if not part.is_paid_anyhow:
            share = f"IF({total}{{r}}>0,Tariffs!$B{{t{part.block}}}/{total}{{r}}*{left},0)"
            raw[part.block] = found.add(f"raw{part.block}", f"Part {number}: claimed", "0…1", share, SHARE)
    raw[-1] = found.add(
        "raw", "Fixed price: claimed", "0…1", f"IF({total}{{r}}>0,Power!$H{{p}}/{total}{{r}}*{left},0)", SHARE
    )
    return raw


def part_runs(
    found: Columns, part: WorkbookPart, number: int, earned: str, available: str, stops: str, taken: dict[int, str]
) -> tuple[str, str, str, str]:
    """Share of hours run, cost, cost of never stopping, and restarts of one part, as templates."""
    scale, shift, beyond, mean = (f"Tariffs!${column}{{t{part.block}}}" for column in "DEGH")
    if part.rule == MINIMUM_TAKE:
        take = f"IF({available}>0,MIN({taken[part.block]}/{available},1),1)"
        held = found.add(f"take{part.block}", f"Part {number}: minimum take", "0…1 of available", take, SHARE)
        stopped = f"IF({earned}<{shift}+{beyond},IF({earned}<{shift},0,{held}{{r}}),1)"
        share = f"IF({stops},IF(ISERROR({beyond}),1,{stopped}),1)"
        runs = found.add(f"runs{part.block}", f"Part {number}: runs", "0…1", share, SHARE)
        cost = found.add(
            f"cost{part.block}",
            f"Part {number}: costs",
            "USD per available h",
            f"{shift}*{runs}{{r}}+MAX({runs}{{r}}-{held}{{r}},0)*{beyond}",
        )
        return f"{runs}{{r}}", f"{cost}{{r}}", f"({shift}+MAX(1-{held}{{r}},0)*{beyond})", "0"
    if part.rule in ("indexed", "sold_back"):
        if not part.table:  # an index without prices: machines run, and what that costs is not known
            return "1", "NA()", "NA()", "0"
        strike = found.add(
            f"strike{part.block}", f"Part {number}: strike", "USD/MWh of index", f"({earned}-{shift})/{scale}"
        )
        low, high = (f"INDEX(Index!${k}$1:${k}$9999,{part.table}+Market!$E{{m}}-1)" for k in "DE")
        every = f"INDEX(Prices!$A$1:$A$1048576,{low}):INDEX(Prices!$A$1:$A$1048576,{high})"
        row = found.add(
            f"row{part.block}", f"Part {number}: row", "on Prices", f"{low}-1+MATCH({strike}{{r}},{every},1)", COUNT
        )
        share = f"IF({stops},IF(ISERROR({strike}{{r}}),1,INDEX(Prices!$B$1:$B$1048576,{row}{{r}})),1)"
        runs = found.add(f"runs{part.block}", f"Part {number}: runs", "0…1", share, SHARE)
        restarts = "0"
        if part.restart not in ("0", "0.0"):
            again = f"INDEX(Prices!$D$1:$D$1048576,{row}{{r}})*{part.restart}*{scale}"
            restarts = found.add(
                f"restarts{part.block}",
                f"Part {number}: restarts",
                "USD per available h",
                f"IF({stops},IF({runs}{{r}}=0,0,{again}),0)",
            )
            restarts = f"{restarts}{{r}}"
        stopping = f"{scale}*INDEX(Prices!$C$1:$C$1048576,{row}{{r}})+{shift}*{runs}{{r}}+{restarts}"
        cost = found.add(
            f"cost{part.block}", f"Part {number}: costs", "USD per available h", f"IF({stops},{stopping},{mean})"
        )
        return f"{runs}{{r}}", f"{cost}{{r}}", mean, restarts
    runs = found.add(
        f"runs{part.block}",
        f"Part {number}: runs",
        "1 or 0",
        f"IF({stops},IF(ISERROR({shift}),1,IF({earned}<{shift},0,1)),1)",
        COUNT,
    )
    cost = found.add(
        f"cost{part.block}", f"Part {number}: costs", "USD per available h", f"IF({runs}{{r}}=0,0,{shift})", NUMBER
    )
    return f"{runs}{{r}}", f"{cost}{{r}}", shift, "0"
