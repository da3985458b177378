"""The open plan as a document: undo, saving, locks, recovery copies, backups."""
