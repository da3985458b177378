"""The window around the pages: rail, header, levers, findings, commands."""
