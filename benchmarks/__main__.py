"""python -m benchmarks run [--scale full|small] [--side NAME ...] | page [FILE]

A full run also writes the page.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.cases import SCALES
from benchmarks.sides import NAMES


def main() -> None:
    """Measures, or writes the page of the newest full run."""
    parser = argparse.ArgumentParser(prog="benchmarks")
    what = parser.add_subparsers(dest="what", required=True)
    measure = what.add_parser("run", help="measure every side, write a file of results")
    measure.add_argument("--scale", choices=sorted(SCALES), default="full")
    measure.add_argument("--side", action="append", choices=NAMES, help="only this side (may be given again)")
    what.add_parser("page", help="write docs/method/performance.md").add_argument("file", nargs="?", type=Path)
    asked = parser.parse_args()
    if asked.what == "run":
        from benchmarks.run import run, write

        written = write(run(asked.scale, tuple(asked.side or NAMES)))
        print(written)
        if asked.scale == "full" and not asked.side:
            from benchmarks.page import write_page

            write_page(written)
    else:
        from benchmarks.page import newest, write_page
        from benchmarks.run import RESULTS

        write_page(asked.file or newest(RESULTS))


if __name__ == "__main__":
    main()
