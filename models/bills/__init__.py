"""What power costs, for people: bills month by month and hour by hour, and what it is worth that mining can stop."""
