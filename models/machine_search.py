"""Find a machine of the catalogue: by what a user types, and by what a device list calls it and says of it."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from models.catalogue import MONTHS_PER_YEAR, Asic, asics
from models.sentences import Amount, Sentence

HASHRATE_TOLERANCE = 0.03
"""Beyond this, stated hashrate, power and efficiency contradict each other."""

_MAKER_WORDS = frozenset(
    {
        "antminer",
        "whatsminer",
        "avalon",
        "avalonminer",
        "sealminer",
        "teraflux",
        "bitmain",
        "microbt",
        "canaan",
        "bitdeer",
        "auradine",
        "proto",
    }
)
_SPELLINGS = {"hydro": "hyd", "imm": "immersion", "air": ""}
_AVALON = re.compile(r"^a1[0-9]{3}")
_BIN = re.compile(r"^\d+(?:\.\d+)?(?:t|th|ths)$")


def search(text: str, limit: int = 20) -> tuple[Asic, ...]:
    """Machines whose maker and model hold every word of a text, best first.

    Words may be the start or a part of the model's: "s21 pro", "m60s", "s21pro 234". An empty text lists the youngest.

    Parameters
    ----------
    text
        What the user typed.
    limit
        At most so many.

    Examples
    --------
    >>> [a.model for a in search("s21 pro", 2)]
    ['Antminer S21 Pro (245T)', 'Antminer S21 Pro (234T)']
    >>> search("m60s", 1)[0].model
    'WhatsMiner M60S'
    """
    wanted = _words(text)
    ranked = []
    for position, machine in enumerate(asics()):
        rank = _rank(wanted, _words(machine.name))
        if rank is not None:
            ranked.append((*rank, _age(machine), position, machine))
    ranked.sort(key=lambda entry: entry[:-1])
    return tuple(entry[-1] for entry in ranked[:limit])


def machines_named(text: str) -> tuple[Asic, ...]:
    """Machines that a device list may mean by a model's name: one, several bins of one model, or none.

    Stricter than `search`: "S21" is not an "S21 Pro". The maker may be missing, the board version of a WhatsMiner
    (``M30S++_VH40``) is ignored, and a hashrate in the name picks the bin.

    Examples
    --------
    >>> [a.model for a in machines_named("Antminer S21")]
    ['Antminer S21']
    >>> [a.model for a in machines_named("Bitmain S21 Pro 234T")]
    ['Antminer S21 Pro (234T)']
    """
    wanted = [w for w in _words(re.sub(r"[_ ]v[a-z]?\d+\w*", " ", text.lower())) if w not in _MAKER_WORDS]
    stated_bin = [w for w in wanted if _BIN.match(w)]
    core = _joined(wanted)
    if not core:
        return ()
    found = _by_core().get(core, ())
    if not stated_bin:
        return found
    hashrate = float(stated_bin[0].rstrip("ths"))
    return tuple(a for a in found if a.hashrate_th_per_s == hashrate) or found


@cache
def _by_core() -> dict[str, tuple[Asic, ...]]:
    """The catalogue by its models' names without maker and bin: a list asks for every one of its lines."""
    found: dict[str, tuple[Asic, ...]] = {}
    for machine in asics():
        core = _joined([w for w in _words(machine.model) if w not in _MAKER_WORDS])
        found[core] = (*found.get(core, ()), machine)
    return found


def machines_meant(
    text: str, hashrate_th_per_s: float | None = None, power_w: float | None = None, chosen: str = ""
) -> tuple[Asic, ...]:
    """Machines that a line of a list may mean: by name, of several bins the one with the line's hashrate or power.

    Parameters
    ----------
    text
        The model's name as for `machines_named`.
    hashrate_th_per_s, power_w
        Of one machine, where the line says so [TH/s], [W].
    chosen
        The catalogue's name of the one that a person has chosen.

    Returns
    -------
    tuple of Asic
        None where the catalogue knows no such machine, several where only a person can say which.

    Examples
    --------
    >>> [a.model for a in machines_meant("S21 Pro")]
    ['Antminer S21 Pro (245T)', 'Antminer S21 Pro (234T)']
    >>> [a.model for a in machines_meant("S21 Pro", power_w=3510.0)]
    ['Antminer S21 Pro (234T)']
    """
    found = machines_named(text)
    if chosen:
        found = tuple(a for a in found if a.model == chosen) or found
    if len(found) > 1 and hashrate_th_per_s:
        return (min(found, key=lambda a: abs(a.hashrate_th_per_s - hashrate_th_per_s)),)
    if len(found) > 1 and power_w:
        return tuple(a for a in found if a.power_w == power_w) or found
    return found


def several_words(text: str, machines: tuple[Asic, ...]) -> str:
    """A clause that says which machines a name may mean.

    Examples
    --------
    >>> several_words("S21 Pro", machines_named("S21 Pro"))
    'S21 Pro may be Antminer S21 Pro (245T) or Antminer S21 Pro (234T)'
    """
    names = [a.model if a.model.endswith("T)") else f"{a.model} ({a.hashrate_th_per_s:g}T)" for a in machines]
    return f"{text} may be {', '.join(names[:-1])} or {names[-1]}"


def _joined(words: list[str]) -> str:
    """A model's name without bins and spelling variants: S21 XP Hydro is S21 XP Hyd, A1246 is AvalonMiner 1246."""
    spelled = (_SPELLINGS.get(w, w) for w in words if not _BIN.match(w))
    return "".join(w[1:] if _AVALON.match(w) else w for w in spelled)


def _rank(wanted: list[str], words: list[str]) -> tuple[int, int] | None:
    """How badly words fit (less is better) and how many words of the name are left over; None where one is absent."""
    joined, misfit, hit = "".join(words), 0, set()
    for want in wanted:
        if want not in joined:
            return None
        fit = min(
            (0 if word == want else 1 if word.startswith(want) else 2, i)
            for i, word in [*enumerate(words), (len(words), joined)]
            if want in word
        )
        misfit += fit[0]
        hit.add(fit[1])
    return misfit, sum(1 for i, word in enumerate(words) if i not in hit and not _BIN.match(word))


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9.+]+", text.lower())


def _age(machine: Asic) -> int:
    """Months, the youngest lowest; an unknown release counts as old."""
    year, _, month = machine.release.partition("-")
    return -(int(year or 0) * MONTHS_PER_YEAR + int(month or 0))


def use_efficiency(given: dict[str, Any], model: str, told_by: str) -> Sentence | None:
    """Work out hashrate or power from the efficiency where the other one is given too; what it contradicts, if so.

    Asked again once the catalogue has filled in the rest, it says what the efficiency contradicts there.

    Parameters
    ----------
    given
        A machine's inputs by field, and ``efficiency_j_per_th``; changed.
    told_by
        Where they stand: ``file``, ``block``.
    """
    hashrate, power = given.get("hashrate_th_per_s"), given.get("power_w")
    efficiency = given.get("efficiency_j_per_th")
    if not efficiency:
        return None
    if hashrate and not power:
        given["power_w"] = float(f"{hashrate * efficiency:.10g}")
    elif power and not hashrate:
        given["hashrate_th_per_s"] = float(f"{power / efficiency:.10g}")
    elif hashrate and power and abs(power / hashrate / efficiency - 1) > HASHRATE_TOLERANCE:
        return Sentence(
            "{model}: {power} for {hashrate} are {reckoned}, and the {told_by} says {told}; hashrate and power "
            "were taken.",
            model=model,
            power=Amount(power, "W"),
            hashrate=Amount(hashrate, "TH/s"),
            reckoned=Amount(power / hashrate, "J/TH", ",.4g"),
            told_by=told_by,
            told=Amount(efficiency),
        )
    return None
