"""What an index is made of, as records: indicators, the tree above them, and the method chosen for each step.

It refuses nothing that needs the data to be judged: see faults.py, which lists all of that in one message.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from greensilk.records import Label, Record, Source

ImputeMethod = Literal["none", "mean", "median", "group_mean", "group_median", "linear", "em", "nearest"]
Transform = Literal["none", "log", "box_cox", "yeo_johnson"]
NormaliseMethod = Literal[
    "min_max", "z_score", "scaled", "rank", "borda", "percentile_rank", "distance_to_max", "distance_to_reference",
    "distance_to_target", "fraction_of_max", "goalposts",
]  # fmt: skip
WeighMethod = Literal["equal", "given", "budget", "ahp", "entropy", "pca", "optimised"]
AggregateMethod = Literal["arithmetic", "geometric", "harmonic", "generalised", "copeland", "mazziotta_pareto", "min"]
Ties = Literal["lowest", "average", "dense"]


class Goalposts(Record):
    """The fixed ends of a scale, in the indicator's unit; log: both ends and the values are taken as logarithms."""

    low: float
    high: float
    log: bool = False


class Normalise(Record):
    """How values become scores.

    low, high: the ends of the scale of min_max and goalposts, and the values that scaled calls 0 and 100;
    mean, deviation: of z_score; reference: the unit of distance_to_reference; cap: nothing counts beyond it or a target
    """

    method: NormaliseMethod = "min_max"
    low: float = 0.0
    high: float = 100.0
    mean: float = 0.0
    deviation: float = 1.0
    reference: str | None = None
    cap: bool = False


class Indicator(Record):
    """A column of the table that counts in the index.

    direction: 1 = more is better, -1 = less is better; denominator: the name in the table that it is divided by;
    treat: whether its outliers are treated; normalise: its own method instead of the index's; why: why it is in
    """

    id: str = Field(min_length=1)
    label: Label
    unit: str
    parent: str
    direction: int | None = None
    weight: float | None = None
    denominator: str | None = None
    goalposts: Goalposts | None = None
    target: float | None = None
    treat: bool = True
    normalise: Normalise | None = None
    why: Label | None = None
    source: tuple[Source, ...] = ()


class Element(Record):
    """A group of indicators or of other elements; the one without a parent is the index itself.

    aggregate, weigh: methods of its own for what stands directly below it
    """

    id: str = Field(min_length=1)
    label: Label
    parent: str | None = None
    weight: float | None = None
    aggregate: AggregateMethod | None = None
    weigh: WeighMethod | None = None


class Select(Record):
    """Which years: one index for each of `years` (none = the newest with a value), values at most so many years old.

    within_years: 0 = of that very year; null = of any age
    """

    years: tuple[int, ...] = ()
    within_years: int | None = 0


class Screen(Record):
    """Units with too little data after division are left out.

    available: least share of the indicators that is present; nonzero: least share of those present that is not zero
    """

    available: float = Field(ge=0, le=1)
    nonzero: float = Field(default=0.0, ge=0, le=1)


class Impute(Record):
    """How gaps are filled.

    group: column of the table of groups, for group_mean and group_median; neighbours: of nearest;
    prior_rows: of em, how many made-up rows without correlation steady it where indicators are many
    """

    method: ImputeMethod = "none"
    group: str | None = None
    neighbours: int = Field(default=5, ge=1)
    prior_rows: float = Field(default=0.0, ge=0)


class Treat(Record):
    """Outliers: a column is treated if its skewness and its kurtosis both lie beyond these.

    winsorise: at most so many values are pulled in; then: what is done instead if that is not enough
    """

    skewness: float = Field(default=2.0, gt=0)
    kurtosis: float = Field(default=3.5, gt=0)
    winsorise: int = Field(default=5, ge=0)
    then: Transform = "log"


class Weigh(Record):
    """How weights within each group come about.

    experts: points that each expert gives, by id, 100 a group; judgements: of ahp, by id of the element, rows of the
    pairwise matrix in the order of the definition; targets: of optimised, relative importance by id, 1 where not named
    """

    method: WeighMethod = "equal"
    experts: tuple[dict[str, float], ...] = ()
    judgements: dict[str, tuple[tuple[float, ...], ...]] = Field(default_factory=dict)
    targets: dict[str, float] = Field(default_factory=dict)


class Aggregate(Record):
    """How scores become one; power: of the generalised mean; available: least share of weight that must be there."""

    method: AggregateMethod = "arithmetic"
    power: float | None = None
    available: float = Field(default=2 / 3, ge=0, le=1)


class Rank(Record):
    """How units are ranked; one that lacks more than this share of the indicators is shown, not ranked."""

    ties: Ties = "lowest"
    largest_missing: float = Field(default=1 / 3, ge=0, le=1)


class IndexDefinition(Record):
    """An index: its indicators, its tree and its steps.

    parameters: global = means, ranges and outliers over all years together, so that years compare; per_year = each
    year by itself. Weights that come from scores are always found over all years together.
    """

    id: str = Field(min_length=1)
    label: Label
    about: Label | None = None
    source: tuple[Source, ...] = ()
    confirmed: bool = False
    indicators: tuple[Indicator, ...]
    elements: tuple[Element, ...]
    parameters: Literal["global", "per_year"] = "global"
    select: Select = Select()
    screen: Screen | None = None
    impute: Impute = Impute()
    treat: Treat | None = None
    normalise: Normalise = Normalise()
    weigh: Weigh = Weigh()
    aggregate: Aggregate = Aggregate()
    rank: Rank = Rank()

    def children(self, element: str) -> tuple[str, ...]:
        """Ids directly below an element, in the order of the definition: indicators, then elements."""
        below = [indicator.id for indicator in self.indicators if indicator.parent == element]
        return (*below, *(node.id for node in self.elements if node.parent == element))

    def element(self, name: str) -> Element:
        """The element of that id.

        raises: KeyError if there is none
        """
        return {element.id: element for element in self.elements}[name]

    @property
    def root(self) -> str:
        """The id of the index itself."""
        return next(element.id for element in self.elements if element.parent is None)

    @property
    def per_year(self) -> bool:
        """Whether each year is treated and normalised by itself."""
        return self.parameters == "per_year"

    def upwards(self) -> tuple[str, ...]:
        """Ids of the elements, each after everything below it, so that the index is last.

        The definition must be a tree: see faults.structure.
        """
        order: list[str] = []

        def visit(name: str) -> None:
            for child in self.children(name):
                if child in ids:
                    visit(child)
            order.append(name)

        ids = {element.id for element in self.elements}
        visit(self.root)
        return tuple(order)

    def levels(self) -> dict[str, int]:
        """The level of every id: 1 for indicators, else one above the highest below it."""
        level = {indicator.id: 1 for indicator in self.indicators}
        for name in self.upwards():
            level[name] = 1 + max(level[child] for child in self.children(name))
        return level
