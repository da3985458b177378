"""The bitcoin network's arithmetic: subsidy, retarget, hashrate and hashprice. Pure functions of public constants."""

from __future__ import annotations

import numpy as np

from models.curves import Array
from models.units import BLOCKS_PER_DAY, HASHES_PER_DIFFICULTY, SECONDS_PER_BLOCK, SECONDS_PER_DAY

HALVING_BLOCKS = 210_000
RETARGET_CLAMP = 4.0
FIRST_SUBSIDY_SATS = 50 * 10**8
SATS_PER_BTC = 10**8
HASHES_PER_PH = 1e15
HASHES_PER_EH = 1e18


def subsidy_sats(height: int) -> int:
    """New coins of the block at a height [sat], by the consensus rule.

    Examples
    --------
    >>> subsidy_sats(941_472), subsidy_sats(1_050_000)
    (312500000, 156250000)
    """
    halvings = height // HALVING_BLOCKS
    return 0 if halvings >= 64 else FIRST_SUBSIDY_SATS >> halvings


def next_halving_height(height: int) -> int:
    """The first block after `height` whose subsidy is halved.

    Examples
    --------
    >>> next_halving_height(941_472)
    1050000
    """
    return (height // HALVING_BLOCKS + 1) * HALVING_BLOCKS


def mean_subsidy_btc(block_height: int, days_before: Array, days: Array) -> Array:
    """Subsidy per block averaged over each month's blocks.

    Blocks come at 144 a day from `block_height`; a month with a halving inside is split by blocks.

    Parameters
    ----------
    block_height
        Height of the first block of the plan.
    days_before, days
        Days from the plan's start to each month, and of each month, shape (N,) [d].

    Returns
    -------
    Array
        Shape (N,) [BTC/block].

    Examples
    --------
    >>> mean_subsidy_btc(1_050_000 - 1_440, np.array([0.0]), np.array([30.0])).round(6)
    array([2.083333])
    """
    first = block_height + np.rint(days_before * BLOCKS_PER_DAY).astype(np.int64)
    last = first + np.rint(days * BLOCKS_PER_DAY).astype(np.int64)  # one past the month's last block
    blocks = (last - first).astype(float)
    total = np.zeros(len(days))
    for era in range(int(first[0]) // HALVING_BLOCKS, int(last[-1] - 1) // HALVING_BLOCKS + 1):
        low, high = era * HALVING_BLOCKS, (era + 1) * HALVING_BLOCKS
        inside = np.clip(np.minimum(last, high) - np.maximum(first, low), 0, None)
        total += inside * (subsidy_sats(low) / SATS_PER_BTC)
    return np.asarray(total / blocks)


def hashprice_btc(difficulty: Array | float, subsidy_btc: Array | float, fees_btc: Array | float) -> Array:
    """What one PH/s of capacity earns in a day [BTC/PH/day]: 86,400·10¹⁵·(S + F) ∕ (D·2³²).

    Parameters
    ----------
    difficulty, subsidy_btc, fees_btc
        D [1], S and F per block [BTC]; any shapes that broadcast.

    Examples
    --------
    >>> float(hashprice_btc(133.79e12, 3.125, 0.0).round(15))
    0.000469872739267
    """
    reward = np.asarray(subsidy_btc) + np.asarray(fees_btc)
    return np.asarray(SECONDS_PER_DAY * HASHES_PER_PH * reward / (np.asarray(difficulty) * HASHES_PER_DIFFICULTY))


def network_hashrate_eh_per_s(difficulty: float) -> float:
    """The hashrate that a difficulty implies at ten minutes a block [EH/s]: D·2³²/600.

    Examples
    --------
    >>> round(network_hashrate_eh_per_s(133.79e12), 6)
    957.706124
    """
    return difficulty * HASHES_PER_DIFFICULTY / SECONDS_PER_BLOCK / HASHES_PER_EH


def retarget_change_fraction(mean_block_seconds: float) -> float:
    """How difficulty changes after a period with this mean interval, clamped to a factor of four each way.

    Parameters
    ----------
    mean_block_seconds
        Mean time between blocks of the period [s]. The 2016/2015 correction is left out, as in the trade.

    Examples
    --------
    >>> round(retarget_change_fraction(756.0), 6)
    -0.206349
    """
    factor = SECONDS_PER_BLOCK / mean_block_seconds
    return min(max(factor, 1.0 / RETARGET_CLAMP), RETARGET_CLAMP) - 1.0


def block_seconds_from_change(change_fraction: float) -> float:
    """The mean interval that a retarget implies [s], the inverse of `retarget_change_fraction`.

    Examples
    --------
    >>> round(block_seconds_from_change(-0.0776), 3)
    650.477
    """
    return SECONDS_PER_BLOCK / (1.0 + change_fraction)


def security_spend_usd_per_day(subsidy_btc: float, fees_btc: float, btc_price_usd: float) -> float:
    """What holders pay for security: issuance and fees per day [USD/day].

    Examples
    --------
    >>> security_spend_usd_per_day(3.125, 0.0, 80_000.0)
    36000000.0
    """
    return (subsidy_btc + fees_btc) * BLOCKS_PER_DAY * btc_price_usd
