"""What the steps of a bridge are called, so that one of them can be asked for."""

from __future__ import annotations

SHARES, DIFFERENCE = "shares", "difference"
"""Before the paths; and what stands for an input where all of them together are meant."""
DELTAS = "deltas"
"""Before the paths of differences that nobody has bridged: of any figure between two scenarios."""


def share_path(old_id: str, new_id: str, figure_path: str, input_path: str) -> str:
    """The path of what one input makes of a figure's difference between two scenarios.

    Examples
    --------
    >>> share_path("base", "bull", "uses.a1.npv_usd_per_mw", "market.btc_price_usd")
    'shares.base.bull.uses.a1.npv_usd_per_mw.market.btc_price_usd'
    """
    return f"{SHARES}.{old_id}.{new_id}.{figure_path}.{input_path}"


def delta_path(old_id: str, new_id: str, figure_path: str) -> str:
    """The path of a figure in one scenario less that in another.

    Examples
    --------
    >>> delta_path("base", "bull", "market.hashprice_usd_per_ph_day")
    'deltas.base.bull.market.hashprice_usd_per_ph_day'
    """
    return f"{DELTAS}.{old_id}.{new_id}.{figure_path}"


def parts_of(path: str) -> tuple[str, str, str, str]:
    """The inverse: the two scenarios, the figure, and the input.

    Raises
    ------
    KeyError
        Where this is no such path.

    Examples
    --------
    >>> parts_of("shares.base.bull.uses.a1.npv_usd_per_mw.market.btc_price_usd")
    ('base', 'bull', 'uses.a1.npv_usd_per_mw', 'market.btc_price_usd')
    """
    match path.split("."):
        case [first, old_id, new_id, table, owner, name, *rest] if first == SHARES and rest:
            return old_id, new_id, f"{table}.{owner}.{name}", ".".join(rest)
    raise KeyError(path)
