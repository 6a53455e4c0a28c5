"""The exception tree. Each class has a short code; each error names a text and what fills it; none knows HTTP.

GreensilkError
├── DefinitionError   a YAML definition is wrong
├── IndexDefinitionError  the definition of an index, or its table, cannot give a result
├── PortfolioError    a portfolio file cannot be used at all (single rows are rejected, not raised)
├── LayerError        a layer cannot be imported, opened or found
├── LicenceError      a licence forbids the use asked for
├── BundleError       shipped data is missing or altered
├── FetchError        a data set cannot be fetched
├── WorkerError       a worker process or a cluster cannot do its share
├── StoreError        the database or a file of the platform cannot be used
├── NotFoundError     nothing of that name is there for the one who asks
├── NotAllowedError   the one who asks may not do that
├── NotSignedInError  nobody is signed in, or not any more
├── ConflictError     somebody else changed it meanwhile, or its state does not allow this
├── TooManyError      too many attempts or requests; later it may be done
└── UsageError        the call itself cannot be carried out (unknown standard, bad date ...)
    └── ParameterError    a parameter of a request is unknown or cannot be used
"""

from __future__ import annotations

from typing import Any

from greensilk.texts import Language, text, user_language


class GreensilkError(Exception):
    """An error that can be shown to a user as it is, in either language.

    key: text key, room and name, in definitions/texts; values: what fills its placeholders
    """

    code = "error"

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(key)
        self.key = key
        self.values = values

    def message(self, lang: Language | None = None) -> str:
        """The error in one language: file, row, field, value, reason and the next step."""
        language = lang or user_language()
        # A value that differs by language (a Label) is filled in its own; errors know no records.
        spoken = {name: v.within(language) if hasattr(v, "within") else v for name, v in self.values.items()}
        return text(self.key, language, **spoken)

    def __str__(self) -> str:
        return self.message("en")


class DefinitionError(GreensilkError):
    """A YAML definition is wrong; the message lists every fault of the folder."""

    code = "definition"


class IndexDefinitionError(GreensilkError):
    """The definition of an index, or its table, cannot give a result; the message lists every fault of both."""

    code = "index"


class PortfolioError(GreensilkError):
    """A portfolio file cannot be used at all."""

    code = "portfolio"


class LayerError(GreensilkError):
    """A layer cannot be imported, opened or found."""

    code = "layer"


class LicenceError(GreensilkError):
    """A licence forbids the use asked for."""

    code = "licence"


class BundleError(GreensilkError):
    """Shipped data is missing or altered."""

    code = "bundle"


class FetchError(GreensilkError):
    """A data set cannot be fetched: no network, no token, a wrong checksum, an address that is gone."""

    code = "fetch"


class WorkerError(GreensilkError):
    """A worker process or a cluster cannot do its share."""

    code = "worker"


class UsageError(GreensilkError):
    """The call itself cannot be carried out."""

    code = "usage"


class ParameterError(UsageError):
    """A parameter of a request is unknown or cannot be used."""

    code = "parameter"


class StoreError(GreensilkError):
    """The database or a file of the platform cannot be used."""

    code = "store"


class NotFoundError(GreensilkError):
    """Nothing of that name is there for the one who asks; what belongs to another organisation is not there."""

    code = "not_found"


class NotAllowedError(GreensilkError):
    """The one who asks may not do that."""

    code = "not_allowed"


class NotSignedInError(GreensilkError):
    """Nobody is signed in, or not any more."""

    code = "not_signed_in"


class ConflictError(GreensilkError):
    """Somebody else changed it meanwhile, or its state does not allow what is asked."""

    code = "conflict"


class TooManyError(GreensilkError):
    """Too many attempts or requests. retry_after_s: when it may be done again."""

    code = "too_many"

    def __init__(self, key: str, retry_after_s: int, **values: Any) -> None:
        super().__init__(key, retry_after_s=retry_after_s, **values)
        self.retry_after_s = retry_after_s
