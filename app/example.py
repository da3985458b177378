"""The example that empty pages offer to load."""

from __future__ import annotations

from app.session import Session
from models.samples import sample, sample_names


def load_example(session: Session) -> None:
    """Ask for the first sample as the plan to begin with; unsaved edits are asked about first."""
    session.begin_requested.emit(sample(sample_names()[0][0]))
