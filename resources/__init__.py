"""Fonts, templates and sample plans that ship with Busbar; read with importlib.resources."""
