"""greensilk: how green is a project and its host country, on evidence."""

__version__ = "0.1.0"
