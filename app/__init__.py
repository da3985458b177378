"""The Busbar window and its command line."""
