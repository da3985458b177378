"""The records that a user edits, by what they belong to; `models.plan` puts them together."""
