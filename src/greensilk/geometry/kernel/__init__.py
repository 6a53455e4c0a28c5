"""Compiled loops over flat arrays. Imported only when something is measured, inside the functions that need them."""
