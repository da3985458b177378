"""Decisions: frozen with their plan, expected month by month, compared with what became of them."""
