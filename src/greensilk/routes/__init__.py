"""Alternatives of a route: what an alignment is, how alternatives compare. Arrays in, numbers out; opens no file."""
