"""Hourly prices that show what Busbar does with hourly prices; made up, and labelled so wherever they appear.

No market's prices may ship with the product: who plans with it imports their own. These have what matters in common
with them: days and seasons, nights below zero in spring, and hours of scarcity that make up much of the year's mean.
"""

from __future__ import annotations

import datetime
import math
import random
from functools import lru_cache

import numpy as np

from models.hours import HOUR, HourlyValues, hour_text

SOURCE = "Made up by Busbar for its samples; no market's prices"
TIME_ZONE = "America/Chicago"


@lru_cache(maxsize=8)
def hourly_prices(first_year: int = 2025, years: int = 1, seed: int = 20260321) -> HourlyValues:
    """Prices of whole calendar years in US Central time, the same on every machine [USD/MWh].

    Examples
    --------
    >>> prices = hourly_prices()
    >>> len(prices), bool(25 < prices.values.mean() < 45), bool(prices.values.min() < 0)
    (8760, True, True)
    """
    draw = random.Random(seed)
    begin = datetime.datetime(first_year, 1, 1, 6, tzinfo=datetime.UTC)  # midnight in winter
    hours = int((datetime.datetime(first_year + years, 1, 1, 6, tzinfo=datetime.UTC) - begin) / HOUR)
    hour = np.arange(hours) % 24
    day = np.arange(hours) / 24 % 365.25
    summer = 0.5 - 0.5 * np.cos(2 * np.pi * (day - 15) / 365)
    spring = np.exp(-(((day - 105) / 40) ** 2))
    evening = np.exp(-(((hour - 19) / 2.5) ** 2)) * (0.4 + 0.9 * summer)
    night = np.exp(-(((hour - 3) / 3.0) ** 2))
    usual = 21.0 + 9.0 * summer + 26.0 * evening - 7.0 * night - 9.0 * spring * (1.0 + night)
    found = []
    wind, scarce = 0.0, 0
    for price, peak, windy_night in zip(usual.tolist(), evening.tolist(), (spring * night).tolist(), strict=True):
        wind = 0.97 * wind + draw.gauss(0.0, 0.09)
        price *= math.exp(-0.75 * wind + draw.gauss(0.0, 0.10))
        price -= 28.0 * max(wind, 0.0) * windy_night
        scarce = scarce - 1 if scarce else draw.randrange(2, 5) * (draw.random() < 0.015 * peak * (1.0 - wind))
        if scarce:
            price += 130.0 * math.exp(draw.gauss(0.0, 1.1))
        found.append(round(min(max(price, -30.0), 5_000.0), 2))
    return HourlyValues(hour_text(begin), np.array(found))
