"""`python -m greensilk`."""

from greensilk.cli.main import run

if __name__ == "__main__":
    run()
