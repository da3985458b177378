"""Fonts, templates and sample plans that ship with Busbar."""
