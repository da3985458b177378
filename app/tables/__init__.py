"""Tables of records, edited as in a spreadsheet."""
