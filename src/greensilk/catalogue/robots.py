"""The rules that a host sets for programs in its robots.txt."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.robotparser import RobotFileParser

AGENT = "greensilk"
MOST_BYTES = 512_000  # RFC 9309, 2.5: at least 500 kibibytes are read
LONGEST_DELAY_S = 60.0
UNTOLD_DELAY_S = 10.0


@dataclass(frozen=True)
class Rules:
    """What one host allows. delay_s: the least time between two requests."""

    parser: RobotFileParser | None
    delay_s: float

    def allow(self, address: str) -> bool:
        """Whether the address may be fetched by this program."""
        return self.parser is None or self.parser.can_fetch(AGENT, address)


# RFC 9309, 2.3.1.3: a host that has no such file sets no rules.
NO_RULES = Rules(None, 0.0)
# RFC 9309, 2.3.1.4 has a crawler stay away while the file cannot be had. What is fetched here are single files that the
# provider publishes for download and a person asked for, so they are fetched, but slowly.
UNTOLD = Rules(None, UNTOLD_DELAY_S)


def rules_of(content: bytes) -> Rules:
    """The rules that a robots.txt states.

    >>> rules = rules_of(b"User-agent: *" + bytes([10]) + b"Disallow: /private")
    >>> rules.allow("https://data.example/private/x"), rules.allow("https://data.example/public/x")
    (False, True)
    """
    parser = RobotFileParser()
    parser.parse(content[:MOST_BYTES].decode("utf-8-sig", "replace").splitlines())
    delay = parser.crawl_delay(AGENT)
    return Rules(parser, min(float(delay or 0.0), LONGEST_DELAY_S))
