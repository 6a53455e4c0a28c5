"""Benchmarks: greensilk beside its peers, on data that anyone can make again from a seed."""
