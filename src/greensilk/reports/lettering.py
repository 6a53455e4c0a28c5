"""Where labels go: the more important first, and none over another."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from greensilk.reports.bilingual import Bilingual

Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass
class Lettering:
    """The labels of one picture. taken: boxes in which nothing more may be written."""

    width: float
    height: float
    taken: list[Box] = field(default_factory=list)

    def reserve(self, left: float, top: float, right: float, bottom: float) -> None:
        """Keep labels out of a box."""
        self.taken.append((left, top, right, bottom))

    def is_taken(self, x: float, y: float) -> bool:
        """Whether something is already written over a point."""
        return any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in self.taken)

    def beside(
        self, words: Bilingual, x: float, y: float, size: float, gap: float = 5.0
    ) -> tuple[float, float, str] | None:
        """A free place beside a mark: x, baseline y and text-anchor; None if there is none."""
        wide = max(text_width(words.en, size), text_width(words.zh, size))
        places = (
            (x + gap, y + size * 0.35, "start"),
            (x - gap, y + size * 0.35, "end"),
            (x, y - gap, "middle"),
            (x, y + gap + size * 0.8, "middle"),
        )
        for left, baseline, anchor in places:
            if self._take(left, baseline, anchor, wide, size):
                return left, baseline, anchor
        return None

    def centred(self, words: Bilingual, x: float, y: float, size: float) -> bool:
        """Take the place centred on a point; False if it is not free."""
        wide = max(text_width(words.en, size), text_width(words.zh, size))
        return self._take(x, y + size * 0.35, "middle", wide, size)

    def _take(self, x: float, baseline: float, anchor: str, wide: float, size: float) -> bool:
        left = {"start": x, "middle": x - wide / 2, "end": x - wide}[anchor]
        box = (left - 2, baseline - size * 0.85 - 1, left + wide + 2, baseline + size * 0.28 + 1)
        inside = box[0] >= 2 and box[1] >= 2 and box[2] <= self.width - 2 and box[3] <= self.height - 2
        if not inside or any(_meet(box, other) for other in self.taken):
            return False
        self.taken.append(box)
        return True


def text_width(words: str, size: float) -> float:
    """About how wide a text is, on the safe side: CJK is square, Latin about 0.56 of the size.

    >>> text_width("老挝", 10.0)
    20.0
    """
    return sum(size if unicodedata.east_asian_width(char) in "WF" else size * 0.56 for char in words)


def shortened(words: str, most: int = 28) -> str:
    """A name cut to what a map can carry."""
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
