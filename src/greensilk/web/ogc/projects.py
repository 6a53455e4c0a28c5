"""Projects of an organisation as features: conditions become SQL, and shapes are looked at where their boxes meet."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any as Anything

import shapely
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Row,
    Select,
    String,
    and_,
    bindparam,
    case,
    func,
    not_,
    or_,
    select,
    type_coerce,
)
from sqlalchemy import false as sql_false
from sqlalchemy import null as sql_null
from sqlalchemy import true as sql_true
from sqlalchemy.orm import Session, aliased

from greensilk.errors import ParameterError
from greensilk.store.columns import UtcTime
from greensilk.store.holdings import Project, ProjectVersion
from greensilk.store.work import Rating, Screening
from greensilk.web.ogc.asked import Asked, Moments
from greensilk.web.ogc.conditions import (
    Alike,
    All,
    Any,
    Between,
    Compared,
    Condition,
    Constant,
    Field,
    Meets,
    Missing,
    Not,
    OneOf,
)
from greensilk.web.ogc.tables import Found
from greensilk.workspace.actor import Actor

_GLOB = {letter: f"[{letter}]" for letter in "*?["}
ID = re.compile(r"[0-9a-f]{32}")
MOST_NEAR = 20_000  # projects whose shapes one filter may look at
Test = ColumnElement[bool]


def _text(column: Anything) -> ColumnElement[Anything]:
    """A column of text that is compared with texts of any length."""
    return type_coerce(column, String())


COLUMNS: dict[str, tuple[Field, ColumnElement[Anything]]] = {
    field.name: (field, column)
    for field, column in (
        (Field("key", "string"), _text(Project.key)),
        (Field("name", "string"), _text(ProjectVersion.name)),
        (Field("name_zh", "string"), _text(ProjectVersion.name_zh)),
        (Field("type", "string"), _text(ProjectVersion.type)),
        (Field("country", "string"), _text(ProjectVersion.country)),
        (Field("stage", "string"), _text(ProjectVersion.stage)),
        (Field("capacity_mw", "number"), ProjectVersion.attributes["capacity_mw"].as_float()),
        (Field("lead", "string"), _text(Rating.lead)),
        (Field("rated_on", "date"), Screening.on_date.expression),
        (Field("rated_at", "date-time"), Rating.created_at.expression),
        (Field("described_at", "date-time"), ProjectVersion.created_at.expression),
        (Field("portfolio_id", "string"), _text(Project.portfolio_id)),
        (Field("version", "integer"), ProjectVersion.number.expression),
    )
}  # fmt: skip
FIELDS = {name: field for name, (field, _) in COLUMNS.items()}


@dataclass(frozen=True)
class Projects:
    """The projects of an organisation, or of one of its portfolios."""

    db: Session
    who: Actor
    portfolio_id: str | None = None

    @property
    def _sqlite(self) -> bool:
        return self.db.get_bind().dialect.name == "sqlite"

    @property
    def fields(self) -> Mapping[str, Field]:
        """The properties by name."""
        return FIELDS

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of all of them; the whole globe where one crosses 180 degrees."""
        version = ProjectVersion
        lowest = case((version.min_lon > version.max_lon, -180.0), else_=version.min_lon)
        highest = case((version.min_lon > version.max_lon, 180.0), else_=version.max_lon)
        box = (func.min(lowest), func.min(version.min_lat), func.max(highest), func.max(version.max_lat))
        found = self.db.execute(self._joined(select(*box))).one()
        return None if found[0] is None else (found[0], found[1], found[2], found[3])

    def page(self, asked: Asked) -> Found:
        """The projects asked for, by id."""
        wanted = self._wanted(asked)
        matched = self.db.scalar(self._joined(select(func.count())).where(*wanted)) or 0
        if asked.after is not None:
            if not ID.fullmatch(asked.after):
                raise ParameterError("web_ogc.bad_after")
            wanted.append(Project.id > asked.after)
        rows = self._rows(*wanted, most=asked.limit + 1)
        texts = [_written(row) for row in rows[: asked.limit]]
        return Found(texts, matched, rows[asked.limit - 1].id if len(rows) > asked.limit else None)

    def one(self, feature_id: str) -> str | None:
        """A project by its id; None where the organisation has none of it."""
        rows = self._rows(Project.id == feature_id, most=1) if ID.fullmatch(feature_id) else []
        return _written(rows[0]) if rows else None

    def _rows(self, *wanted: Test, most: int) -> list[Row[Anything]]:
        told = [column.label(name) for name, (_, column) in COLUMNS.items()]
        asked = self._joined(select(Project.id, ProjectVersion.geojson, *told)).where(*wanted)
        return list(self.db.execute(asked.order_by(Project.id).limit(most)).all())

    def _joined(self, asked: Select[*tuple[Anything, ...]]) -> Select[*tuple[Anything, ...]]:
        """Projects of the organisation in their newest version, with their newest rating if there is one."""
        later = aliased(Rating)
        newest = (
            select(later.id).where(later.project_id == Project.id)
            .order_by(later.created_at.desc(), later.id.desc()).limit(1).scalar_subquery()
        )  # fmt: skip
        latest = and_(ProjectVersion.project_id == Project.id, ProjectVersion.number == Project.latest)
        found = asked.select_from(Project).join(ProjectVersion, latest).outerjoin(Rating, Rating.id == newest)
        found = found.outerjoin(Screening, Screening.id == Rating.screening_id)
        mine = [Project.organisation_id == self.who.organisation_id, Project.left_out_at.is_(None)]
        if self.portfolio_id is not None:
            mine.append(Project.portfolio_id == self.portfolio_id)
        return found.where(*mine)

    def _wanted(self, asked: Asked) -> list[Test]:
        found = [] if asked.condition is None else [self._test(asked.condition)]
        return found if asked.when is None else [*found, *_during(asked.when)]

    def _test(self, condition: Condition) -> Test:
        if isinstance(condition, All):
            return and_(*(self._test(one) for one in condition.of))
        if isinstance(condition, Any):
            return or_(*(self._test(one) for one in condition.of))
        if isinstance(condition, Not):
            return not_(self._test(condition.of))
        if isinstance(condition, Meets):
            return self._meets(condition.shape)
        return _of_column(condition, self._sqlite)

    def _meets(self, shape: shapely.Geometry) -> Test:
        """Projects whose shapes have a point in common with one; unknown for those without a place."""
        near = self._joined(select(ProjectVersion.id, ProjectVersion.geometry)).where(or_(*map(_near, _boxes(shape))))
        rows = self.db.execute(near.limit(MOST_NEAR + 1)).all()
        if len(rows) > MOST_NEAR:
            raise ParameterError("web_ogc.too_many_near", most=MOST_NEAR)
        shapely.prepare(shape)
        met = shapely.intersects(shape, shapely.from_wkb([row.geometry for row in rows]))
        # Written into the SQL, for a database takes so many parameters: these are ids that were made here.
        found = [row.id for row, hit in zip(rows, met.tolist(), strict=True) if hit]
        ids: BindParameter[Anything] = bindparam("met", found, expanding=True, unique=True, literal_execute=True)
        return case((ProjectVersion.geometry.is_(None), sql_null()), else_=ProjectVersion.id.in_(ids))


def _boxes(shape: shapely.Geometry) -> list[tuple[float, float, float, float]]:
    return [piece.bounds for piece in shapely.get_parts(shape)]


def _near(bounds: tuple[float, float, float, float]) -> Test:
    """Whether the box of a project, which may cross 180 degrees, meets a box."""
    west, south, east, north = bounds
    version = ProjectVersion
    along = and_(version.min_lon <= east, version.max_lon >= west)
    around = and_(version.min_lon > version.max_lon, or_(version.min_lon <= east, version.max_lon >= west))
    return and_(version.min_lat <= north, version.max_lat >= south, or_(along, around))


def _during(when: Moments) -> list[Test]:
    """Whether the time from a project's description to its newest rating meets an interval."""
    low, high = when
    last = func.coalesce(Rating.created_at, ProjectVersion.created_at, type_=UtcTime())
    return [*([last >= low] if low else []), *([ProjectVersion.created_at <= high] if high else [])]


def _of_column(condition: Compared | Between | Alike | OneOf | Missing | Constant, sqlite: bool) -> Test:
    if isinstance(condition, Constant):
        return sql_true() if condition.value else sql_false()
    field, column = COLUMNS[condition.name]
    # Texts in the order of their letters' numbers, whatever a database thinks of languages.
    ordered = column.collate("BINARY" if sqlite else "C") if field.kind == "string" else column
    if isinstance(condition, Missing):
        return column.is_(None)
    if isinstance(condition, Alike):
        return _like(column, condition.pattern, sqlite)
    if isinstance(condition, OneOf):
        # All numbers as the same kind: PostgreSQL takes the kind of the first for all, and would round the others.
        return column.in_([float(v) if isinstance(v, int) else v for v in condition.values])
    if isinstance(condition, Between):
        return and_(ordered >= condition.low, ordered <= condition.high)
    return _compared(ordered, condition)


def _like(column: ColumnElement[Anything], pattern: str, sqlite: bool) -> Test:
    """LIKE that tells capital letters from small ones: in SQLite that is GLOB."""
    if not sqlite:
        hanging = (len(pattern) - len(pattern.rstrip("\\"))) % 2 == 1
        return column.like(pattern + "\\" if hanging else pattern, escape="\\")
    found, letters = "", iter(pattern)
    for letter in letters:
        plain = next(letters, "\\") if letter == "\\" else None
        known = None if plain else {"%": "*", "_": "?"}.get(letter)
        found += known or _GLOB.get(plain or letter, plain or letter)
    return column.op("GLOB", is_comparison=True)(found)


def _compared(column: ColumnElement[Anything], condition: Compared) -> Test:
    value = condition.value
    tests: dict[str, Test] = {
        "=": column == value, "<>": column != value, "<": column < value, "<=": column <= value,
        ">": column > value, ">=": column >= value,
    }  # fmt: skip
    return tests[condition.operator]


def _written(row: Row[Anything]) -> str:
    """A project as GeoJSON, without the brace that closes it; its geometry is ready in the database."""
    values = {name: _plain(getattr(row, name)) for name in COLUMNS}
    told = json.dumps({"id": row.id, **values}, ensure_ascii=False, separators=(",", ":"))
    return f'{{"type":"Feature","id":"{row.id}","geometry":{row.geojson or "null"},"properties":{told}'


def _plain(value: Anything) -> Anything:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, dt.date) else value
