"""Forms and editors of single fields."""
