"""What the schema of a GeoPackage may hold before GDAL opens the file.

GDAL's SQLite knows the modules and functions of SpatiaLite. Tables of those modules are other files, any file of the
machine, and the functions change how the process reads the next file. So only tables that are stored in the file itself
are let through, and the index of shapes, which is virtual too.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from greensilk.errors import PortfolioError

# How a statement begins decides what it makes. Triggers are there in every GeoPackage; reading runs none.
STORED = re.compile(r"CREATE\s+(?:TABLE|INDEX|UNIQUE\s+INDEX|TRIGGER)\b", re.IGNORECASE)
SHAPE_INDEX = re.compile(
    r'CREATE\s+VIRTUAL\s+TABLE\s+(?:"(?:[^"]|"")*"|\w+)\s+USING\s+rtree\s*\(', re.IGNORECASE
)  # fmt: skip
TABLE = re.compile(r"CREATE\s+TABLE\b", re.IGNORECASE)
COMPUTED = re.compile(r"\bAS\b", re.IGNORECASE)  # a column that is not stored: name AS (...)
# Names, texts and comments, as SQLite reads them: none of what they hold is a word of the statement.
QUOTED = re.compile(
    r"""\"(?:[^"]|"")*"|'(?:[^']|'')*'|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|/\*.*?(?:\*/|\Z)""", re.DOTALL
)  # fmt: skip
BESIDE = ("-wal", "-journal")  # what SQLite reads together with a file


def require_stored_tables(path: Path) -> None:
    """Nothing, if everything that a GeoPackage holds is stored in it.

    raises: PortfolioError if it holds a view, a virtual table or a computed column, or SQLite cannot read its schema
    """
    for name, statement in _schema(path):
        if statement is not None and not _is_stored(statement):
            raise PortfolioError("catalogue.not_stored", file=path.name, name=(name or "-")[:80])


def _schema(path: Path) -> list[tuple[str | None, str | None]]:
    alone = not any(Path(f"{path}{ending}").exists() for ending in BESIDE)
    address = f"{path.absolute().as_uri()}?{'immutable=1' if alone else 'mode=ro'}"
    try:
        with closing(sqlite3.connect(address, uri=True)) as db:
            db.text_factory = _text
            return db.execute("SELECT CAST(name AS TEXT), CAST(sql AS TEXT) FROM sqlite_master").fetchall()
    except (sqlite3.Error, UnicodeDecodeError) as error:  # what SQLite says of a damaged schema quotes it
        raise PortfolioError("catalogue.not_readable", file=path.name, why=str(error)[:200]) from error


def _text(written: bytes) -> str:
    return written.decode("utf-8", "replace")


def _is_stored(statement: str) -> bool:
    if TABLE.match(statement):
        return COMPUTED.search(QUOTED.sub(" ", statement)) is None
    return STORED.match(statement) is not None or SHAPE_INDEX.match(statement) is not None
