"""What stopping and starting costs: prices smoothed so that a machine stops only where the saving pays the restart.

A schedule of running hours that earns (R − price) in each and pays k for each restart is, for every R at once, the set
of hours whose *smoothed* price lies below R, where the smoothed prices minimise ½·Σ(s − p)² + k/2·Σ|Δs|. That the level
sets of this total-variation problem solve the whole family of schedules is a theorem of A. Chambolle (2004, "An
algorithm for total variation minimization and applications"); the direct method for it is L. Condat's (2013, "A direct
algorithm for 1-D total variation denoising").
"""

from __future__ import annotations

import numpy as np

from models.curves import Array


def smoothed(prices: Array, restart_cost: float) -> Array:
    """Prices by which each hour's running is decided when a restart costs money, shape as `prices`.

    Parameters
    ----------
    prices
        Of consecutive hours, shape (H,) [USD/MWh].
    restart_cost
        Of 1 MW, at least 0 [USD/MW]. Running on from before the first hour is free, starting within costs it.

    Examples
    --------
    >>> smoothed(np.array([10.0, 60.0, 10.0, 10.0]), 30.0)  # from $30 on the dear hour is run through
    array([10., 30., 25., 25.])
    """
    if restart_cost <= 0 or len(prices) < 2:
        return prices
    # Half of the cost is charged to each change; the ends give back what a change beyond them would have cost.
    leaning = prices.copy()
    leaning[0] -= restart_cost / 2.0
    leaning[-1] += restart_cost / 2.0
    return np.array(_total_variation(leaning.tolist(), restart_cost / 2.0))


def restarts(runs: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    """How often a machine starts again within consecutive hours.

    Examples
    --------
    >>> restarts(np.array([True, False, True, False, True]))
    2
    """
    return int((runs[1:] & ~runs[:-1]).sum())


def _total_variation(values: list[float], weight: float) -> list[float]:
    """The minimiser of ½·Σ(s − v)² + weight·Σ|Δs|, by Condat's direct method; linear in practice."""
    n = len(values)
    found = [0.0] * n
    k = start = last_low = last_high = 0
    low, high = values[0] - weight, values[0] + weight
    sum_low, sum_high = weight, -weight
    while True:
        if k == n - 1:
            # The last segment: close it at the bound that its sums ask for, or at its mean.
            if sum_low < 0.0:
                found[start : last_low + 1] = [low] * (last_low + 1 - start)
                k = start = last_low = last_low + 1
                low, sum_low = values[k], weight
                sum_high = values[k] + weight - high
            elif sum_high > 0.0:
                found[start : last_high + 1] = [high] * (last_high + 1 - start)
                k = start = last_high = last_high + 1
                high, sum_high = values[k], -weight
                sum_low = values[k] - weight - low
            else:
                mean = low + sum_low / (k - start + 1)
                found[start:n] = [mean] * (n - start)
                return found
            continue
        step_low, step_high = values[k + 1] - low, values[k + 1] - high
        if sum_low + step_low < -weight:
            found[start : last_low + 1] = [low] * (last_low + 1 - start)
            k = start = last_low = last_high = last_low + 1
            low, high = values[k], values[k] + 2.0 * weight
            sum_low, sum_high = weight, -weight
        elif sum_high + step_high > weight:
            found[start : last_high + 1] = [high] * (last_high + 1 - start)
            k = start = last_low = last_high = last_high + 1
            low, high = values[k] - 2.0 * weight, values[k]
            sum_low, sum_high = weight, -weight
        else:
            k += 1
            sum_low += step_low
            sum_high += step_high
            if sum_low >= weight:
                low += (sum_low - weight) / (k - start + 1)
                sum_low, last_low = weight, k
            if sum_high <= -weight:
                high += (sum_high + weight) / (k - start + 1)
                sum_high, last_high = -weight, k
