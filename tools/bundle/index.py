"""Write index.yaml, the record of every shipped file, and compare a rebuild with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import yaml
from write import atomically, file_sha256, values_sha256

RECORDS = Path(__file__).with_name("records.yaml")
HEAD = "# Written by tools/bundle; the words come from tools/bundle/records.yaml, the digests from the files.\n"


class _Quoted(yaml.SafeDumper):
    """Writes every string between double quotes, so that no reader can guess another type."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')


def _mapping(dumper: yaml.SafeDumper, entries: dict[str, Any]) -> yaml.MappingNode:
    pairs = [(yaml.ScalarNode("tag:yaml.org,2002:str", key), dumper.represent_data(entries[key])) for key in entries]
    return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=False)


_Quoted.add_representer(str, _quoted)
_Quoted.add_representer(dict, _mapping)


def write_index(bundle: Path) -> int:
    """Write the index of the files in `bundle` and give their size in bytes.

    Raises ValueError when a file has no record or a record has no file.
    """
    records: list[dict[str, Any]] = yaml.safe_load(RECORDS.read_text(encoding="utf-8"))["files"]
    described = {record["file"] for record in records}
    present = {path.name for path in bundle.iterdir() if path.suffix in {".parquet", ".tif", ".csv"}}
    if described != present:
        raise ValueError(f"records and files differ: {sorted(described ^ present)}")
    entries = [record | _measured(bundle / record["file"]) for record in records]
    ordered = [{key: entry[key] for key in _ORDER} for entry in entries]
    text = HEAD + yaml.dump({"files": ordered}, Dumper=_Quoted, allow_unicode=True, sort_keys=False, width=10_000)
    atomically(bundle / "index.yaml", lambda part: _put(part, text))
    return sum(entry["bytes"] for entry in entries)


_ORDER = ("id", "file", "title", "kind", "licence", "licence_evidence", "attribution", "provider", "upstream",
          "package", "period", "version", "crs", "resolution", "accuracy_m", "loss", "rows", "bytes", "sha256",
          "values_sha256", "confirmed")  # fmt: skip


def _measured(path: Path) -> dict[str, Any]:
    return {"rows": _rows(path), "bytes": path.stat().st_size, "sha256": file_sha256(path),
            "values_sha256": values_sha256(path)}  # fmt: skip


def _rows(path: Path) -> int | None:
    if path.suffix == ".parquet":
        return int(pl.scan_parquet(path).select(pl.len()).collect().item())
    if path.suffix == ".csv":
        return int(pl.read_csv(path).height)
    return None


def _put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def compare_with_index(rebuilt: Path, bundle: Path) -> list[str]:
    """Say in one line each which files of a rebuild have other values than the committed index."""
    entries = yaml.safe_load((bundle / "index.yaml").read_text(encoding="utf-8"))["files"]
    differences = []
    for entry in entries:
        path = rebuilt / entry["file"]
        if not path.exists():
            differences.append(f"{entry['file']}: not rebuilt")
        elif values_sha256(path) != entry["values_sha256"]:
            differences.append(f"{entry['file']}: values differ")
    return differences
