"""The catalogue that ships as tables to export: machines, GPUs, leases and GPU prices, each with its source."""

from __future__ import annotations

import math
from collections.abc import Sequence

from models.catalogue import Asic, Deal, Gpu, GpuPrice
from models.sheets import Cell, Measured, Sheet, sheet_of


def machine_sheet(machines: Sequence[Asic]) -> Sheet:
    """Mining machines.

    Examples
    --------
    >>> from models.catalogue import asics
    >>> machine_sheet(asics()[:1]).columns[1].heading
    'Efficiency [J/TH]'
    """
    heads = ["Machine", "Efficiency", "Hashrate", "Power", "Cooling", "Release", "Source", "Address", "Note"]
    rows: list[list[Cell]] = [
        [
            machine.name,
            Measured(machine.efficiency_j_per_th, "J/TH"),
            Measured(machine.hashrate_th_per_s, "TH/s"),
            Measured(machine.power_w, "W"),
            machine.cooling,
            machine.release,
            machine.citation,
            machine.address,
            machine.note,
        ]
        for machine in machines
    ]
    return sheet_of("Mining machines", heads, rows)


def gpu_sheet(gpus: Sequence[Gpu]) -> Sheet:
    """GPUs and systems."""
    heads = [
        *("GPU or system", "Kind", "IT power per GPU", "Price, low", "Price, high", "Rental, low", "Rental, high"),
        *("Launch", "Source", "Source date", "Address", "Note"),
    ]
    rows: list[list[Cell]] = [
        [
            f"{gpu.vendor} {gpu.model}",
            gpu.kind,
            _maybe(gpu.it_kw_per_gpu, "IT kW/GPU"),
            _maybe(gpu.price_usd_per_gpu_low, "USD/GPU"),
            _maybe(gpu.price_usd_per_gpu_high, "USD/GPU"),
            _maybe(gpu.rental_usd_per_gpu_hour_low, "USD/GPU-hour"),
            _maybe(gpu.rental_usd_per_gpu_hour_high, "USD/GPU-hour"),
            gpu.launch,
            gpu.source,
            gpu.source_date,
            getattr(gpu, "address", ""),
            gpu.note,
        ]
        for gpu in gpus
    ]
    return sheet_of("GPUs and systems", heads, rows)


def lease_sheet(deals: Sequence[Deal]) -> Sheet:
    """Disclosed leases."""
    heads = [
        *("Landlord", "Tenant", "Average rent", "Critical IT", "Term", "Escalator", "Announced", "Source quality"),
        *("Address", "Note"),
    ]
    rows: list[list[Cell]] = [
        [
            deal.operator,
            deal.counterparty,
            _maybe(deal.average_rent_usd_per_it_kw_month, "USD/IT kW-month"),
            _maybe(deal.critical_it_mw, "IT MW"),
            _maybe(deal.term_years, "years"),
            _maybe(deal.escalator_fraction_per_year, "fraction/year"),
            deal.announced,
            deal.source_quality,
            deal.address,
            deal.note,
        ]
        for deal in deals
    ]
    return sheet_of("Disclosed leases", heads, rows)


def gpu_price_sheet(prices: Sequence[GpuPrice]) -> Sheet:
    """Published prices of a GPU-hour."""
    heads = ["GPU", "Price", "Month", "Market", "Source quality", "Address", "Note"]
    rows: list[list[Cell]] = [
        [
            price.gpu,
            Measured(price.price_usd_per_gpu_hour, "USD/GPU-hour"),
            price.month,
            price.kind,
            price.source_quality,
            price.address,
            price.note,
        ]
        for price in prices
    ]
    return sheet_of("Prices of a GPU-hour", heads, rows)


def _maybe(number: float | None, unit: str) -> Measured:
    return Measured(math.nan if number is None else number, unit)
