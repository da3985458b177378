"""The memo as PDF, as a web page, and as a preview."""
