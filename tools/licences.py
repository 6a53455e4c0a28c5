"""Every installed package has a licence that greensilk may depend on; prints those that do not and fails."""

from __future__ import annotations

import json
import subprocess
import sys

ALLOWED = (
    "MIT", "BSD", "Apache", "ISC", "MPL", "Mozilla", "PSF", "Python Software Foundation", "HPND", "Unlicense", "0BSD",
    "Zlib", "CC0", "Public Domain", "MIT-CMU",
)  # fmt: skip
# The licence is in the package's own files where its metadata names none.
READ_BY_HAND = {"greensilk": "Apache-2.0", "sedonadb": "Apache-2.0", "docutils": "public domain, BSD, PSF"}


# LGPL: used as installed packages, unchanged, which is what that licence leaves free (docs/decisions/0008-platform.md).
USED_UNCHANGED = {"psycopg", "psycopg-binary"}


def main() -> int:
    """Prints what is not allowed; returns 1 if there is any."""
    listed = subprocess.run(
        [sys.executable, "-m", "piplicenses", "--format=json"], check=True, capture_output=True, text=True
    ).stdout
    refused = [
        f"{package['Name']} {package['Version']}: {package['License']}"
        for package in json.loads(listed)
        if package["Name"] not in {*READ_BY_HAND, *USED_UNCHANGED}
        and not any(name in package["License"] for name in ALLOWED)
    ]
    print("\n".join(["Licences not on the allow-list:", *refused] if refused else ["licences: all on the allow-list"]))
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
