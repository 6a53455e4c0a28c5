"""The strict YAML door, and the frozen values that rooms exchange.

What YAML would guess or drop in silence (NO -> False, 12:30 -> 750, a doubled or misspelt key) is an error here. All
faults of a folder come in one message.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from greensilk.errors import DefinitionError
from greensilk.texts import LANGUAGES, Language, text, user_language

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

DEFINITIONS = Path(__file__).parent / "definitions"
MAX_YAML_BYTES = 4_000_000  # a definition or mapping file above this is not one
TRANSLATED = {  # kind of fault -> text: those that people meet most
    "missing": "missing", "extra_forbidden": "unknown_key", "enum": "none_of", "literal_error": "none_of",
    "greater_than": "not_above", "date_from_datetime_parsing": "no_date", "date_parsing": "no_date",
}  # fmt: skip
MAX_YAML_DEPTH = 50  # the composer recurses in C: some ten thousand levels end the process


class Record(BaseModel):
    """A frozen value with no room for unknown keys, and no guessing of types ("3" is not a number, on is not true)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Label(Record):
    """A name in both languages."""

    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)

    def within(self, lang: Language) -> str:
        """The name in one language."""
        return self.zh if lang == "zh" else self.en


def said(key: str, **values: Any) -> Label:
    """A text in both languages; values that differ by language (labels) are filled in their own.

    >>> said("appraisal.judging").zh
    '评判'
    """
    spoken = {
        lang: text(key, lang, **{n: v.within(lang) if isinstance(v, Label) else v for n, v in values.items()})
        for lang in LANGUAGES
    }
    return Label(en=spoken["en"], zh=spoken["zh"])


class Source(Record):
    """Where a statement comes from; href and page are null where it has none."""

    title: str = Field(min_length=1)
    href: str | None = None
    page: str | None = None


class Light(StrEnum):
    """The colour of a verdict."""

    GREEN = "GREEN"
    YELLOW = "YELLOW"
    RED = "RED"
    UNKNOWN = "UNKNOWN"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class Basis(StrEnum):
    """What a verdict rests on. A type-only green is never counted as green."""

    TYPE_ONLY = "type_only"
    DESK_SCREENED = "desk_screened"
    ASSESSED = "assessed"


class Effect(IntEnum):
    """Effect of a project on one environmental objective, from best to worst."""

    CONTRIBUTES = 0
    NEUTRAL = 1
    MODERATE_HARM = 2
    SIGNIFICANT_HARM = 3


class Support(IntEnum):
    """The scale at which a fact is true, from finest to coarsest. A rule names the coarsest it accepts."""

    FEATURE = 0
    METRES = 1
    KILOMETRES = 2
    BASIN = 3
    COUNTRY = 4


class Tier(IntEnum):
    """How far a mitigation measure is evidenced."""

    NONE = 0
    PROMISED = 1
    CONTRACTED = 2
    CERTIFIED = 3
    MONITORED = 4


class _Loader(yaml.CSafeLoader):
    """Guesses nothing but null, true/false and plain numbers; refuses duplicate keys, aliases and tags."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the base class wants a plain attribute


_GUESSES = [
    ("null", r"null|", ["n", ""]),
    ("bool", r"true|false", list("tf")),
    ("int", r"[-+]?(0|[1-9]\d*)", list("-+0123456789")),
    ("float", r"[-+]?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?", list("-+0123456789")),
]
for _tag, _pattern, _first in _GUESSES:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first)


def _mapping(loader: yaml.CSafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key, _ in node.value:
        if key.value in seen:
            raise yaml.constructor.ConstructorError(None, None, f"duplicate key {key.value!r}", key.start_mark)
        if key.value == "<<":
            raise yaml.constructor.ConstructorError(None, None, "merge keys are not read", key.start_mark)
        seen.add(key.value)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_yaml(path: Path) -> Any:
    """The content of one YAML file, nothing guessed.

    raises: yaml.YAMLError with line and reason; OSError, UnicodeDecodeError as the system gives them
    """
    raw = path.read_bytes()
    if len(raw) > MAX_YAML_BYTES:
        raise yaml.YAMLError(f"larger than {MAX_YAML_BYTES} bytes")
    content = raw.decode("utf-8-sig")
    # Every alias is written with a star, and scanning costs as much as reading: most files have none.
    if "*" in content and any(isinstance(token, yaml.AliasToken) for token in yaml.scan(content, yaml.CSafeLoader)):
        raise yaml.YAMLError("aliases (*name) are not read: write the value out")
    if not path.is_relative_to(DEFINITIONS):  # what is shipped is not hostile, and counting costs as much as reading
        _refuse_depth(content)
    return yaml.load(content, _Loader)  # noqa: S506 - a safe loader made stricter


def _refuse_depth(content: str) -> None:
    depth = 0
    for event in yaml.parse(content, yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_YAML_DEPTH:
            raise yaml.YAMLError(f"nested deeper than {MAX_YAML_DEPTH} levels")


R = TypeVar("R", bound=Record)


def load_file(kind: type[R], path: Path) -> R:
    """One YAML file as a record.

    raises: DefinitionError listing every fault of the file
    """
    faults: list[str] = []
    record = _load(kind, path, faults)
    if record is None:
        raise _refusal(path.name, faults)
    return record


def load_folder(kind: type[R], folder: Path) -> dict[str, R]:
    """Every *.yaml under `folder` as one record each, keyed by its id, which is the file's name.

    raises: DefinitionError listing every fault of every file in one message
    """
    faults: list[str] = []
    records: dict[str, R] = {}
    for path in sorted(folder.rglob("*.yaml")):
        record = _load(kind, path, faults)
        if record is None:
            continue
        if getattr(record, "id", path.stem) != path.stem:
            faults.append(f"{path.name}: id: must be {path.stem}, the name of the file")
        elif path.stem in records:
            faults.append(f"{path.name}: id: already used in another folder")
        records[path.stem] = record
    if faults:
        raise _refusal(folder.name, faults)
    return records


def _load(kind: type[R], path: Path, faults: list[str]) -> R | None:
    try:
        # By way of JSON, where strict means: text may become a date or a name of a list, and nothing else is converted.
        return kind.model_validate_json(json.dumps(read_yaml(path), allow_nan=False))
    except ValidationError as error:
        faults += [f"{path.name}: {'.'.join(map(str, e['loc']))}: {_fault_words(e)}" for e in error.errors()]
    except yaml.YAMLError as error:
        faults.append(f"{path.name}: {' '.join(str(error).split())}")
    except (OSError, UnicodeDecodeError, TypeError, ValueError) as error:
        faults.append(f"{path.name}: {error}")
    return None


def _fault_words(fault: ErrorDetails) -> str:
    """What is wrong with a value: in Chinese for the usual faults, else as the library says it."""
    usual = TRANSLATED.get(fault["type"]) if user_language() == "zh" else None
    if usual is None:
        return fault["msg"]
    named = {name: str(value).replace(" or ", ", ") for name, value in fault.get("ctx", {}).items()}
    return text(f"errors.fault_{usual}", "zh", **named)


def _refusal(folder: str, faults: Iterable[str]) -> DefinitionError:
    listed = list(faults)
    return DefinitionError("errors.definitions_wrong", folder=folder, count=len(listed), faults="\n".join(listed))


def latest_on(values: Mapping[dt.date, Any], on: dt.date) -> Any:
    """The value in force on a day: the one with the latest start not after `on`; None before the first.

    >>> import datetime as dt
    >>> latest_on({dt.date(2020, 1, 1): 5, dt.date(2024, 1, 1): 10}, dt.date(2023, 6, 1))
    5
    """
    started = [day for day in values if day <= on]
    return values[max(started)] if started else None
