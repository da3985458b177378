"""A plan on disk: JSON, the SQLite file, its migrations, and what may be stored at all."""
