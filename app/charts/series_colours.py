"""The colours of curves: Okabe and Ito's eight, told apart by colour-blind readers, with a line style as second cue.

Source: M. Okabe, K. Ito, "Color Universal Design", 2008. On white the yellow and the sky blue cannot be seen well, on
black the black cannot, so those are moved in lightness; a label stands in a shade that can be read as text.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Series:
    """One curve's look.

    Attributes
    ----------
    color
        Of the line and its marks, at least 3:1 on a card.
    label
        Of its name and numbers, at least 4.5:1 on a card.
    dash
        ``solid``, ``dash``, ``dot`` or ``dashdot``.
    """

    color: str
    label: str
    dash: str


def _series(*pairs: tuple[str, str]) -> tuple[Series, ...]:
    return tuple(Series(color, label, dash) for dash in ("solid", "dash", "dot", "dashdot") for color, label in pairs)


LIGHT_SERIES = _series(
    ("#0072b2", "#00629a"),  # blue
    ("#d55e00", "#ae4c00"),  # vermilion
    ("#008f68", "#00704f"),  # bluish green
    ("#b8578f", "#9c4378"),  # reddish purple
    ("#b87a00", "#855800"),  # orange
    ("#2a8fcf", "#1f6f9f"),  # sky blue
    ("#1b1b1b", "#1b1b1b"),  # black
    ("#8c8200", "#6b6300"),  # yellow
)
DARK_SERIES = _series(
    ("#4aa3df", "#6bb5e8"),  # blue
    ("#f0813a", "#f59a5f"),  # vermilion
    ("#2fc299", "#4fd0ab"),  # bluish green
    ("#d98bb6", "#e3a3c6"),  # reddish purple
    ("#e69f00", "#efb133"),  # orange
    ("#8ccdf3", "#8ccdf3"),  # sky blue
    ("#e6e6e6", "#e6e6e6"),  # black's counterpart
    ("#f0e442", "#f0e442"),  # yellow
)
