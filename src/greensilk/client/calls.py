"""Every operation of the API as a method of the same name; answers are as JSON tells them, lists are iterators."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from greensilk.client.administration import Administration
from greensilk.client.connection import CLASSES, Connection, Object, path_of
from greensilk.client.knowledge import Knowledge
from greensilk.client.screened import Screened
from greensilk.errors import ConflictError, GreensilkError, PortfolioError
from greensilk.texts import Language

Progress = Callable[[str, float], None]  # what is being done, share done
FIRST_LOOK_S, LAST_LOOK_S = 0.3, 5.0


class Client(Knowledge, Administration):
    """A server, asked by a program.

    url: such as https://greensilk.example.org; token: made on one's own page; lang: of messages and errors; insecure:
    whether http:// may be used to another machine
    """

    def __init__(self, url: str, *, token: str, lang: Language | None = None, insecure: bool = False) -> None:
        super().__init__(Connection(url, token, lang, insecure))

    def __repr__(self) -> str:
        return f"Client({self._at.home!r})"

    def screen(  # noqa: PLR0913 - as greensilk.screen, whose words these are
        self,
        portfolio: str | Path,
        *,
        standards: Sequence[str] | None = None,
        on: dt.date | None = None,
        layers: Sequence[str] | None = None,
        columns: Mapping[str, str] | None = None,
        position_error_m: float | None = None,
        into: str | None = None,
        wait: bool = True,
        progress: Progress | None = None,
    ) -> Screened | Object:
        """Rate every project of a portfolio file, as `greensilk.screen` does here.

        into: id of the portfolio that the file belongs to, None = a new one with the name of the file; wait: until it
        is done, else the job is returned at once; progress: called with what is being done and the share done; the
        others as in greensilk.screen
        raises: PortfolioError if nothing of the file can be read; what the job raised; ConflictError if it is cancelled
        """
        path = Path(portfolio)
        within = into or str(self.create_portfolio(path.stem[:200])["id"])
        upload = self.upload_file(within, path)
        if columns and upload["state"] in ("ready", "broken"):
            upload = self.change_upload(upload["id"], upload["version"], columns=columns)
        if upload["state"] == "broken":
            raise _of_job(upload["error"], self._at.lang, PortfolioError)
        upload = self.accept_upload(upload["id"], upload["version"])
        job = self.start_screening(
            within, upload_id=upload["id"], standards=standards, on=on, layers=layers, position_error_m=position_error_m
        )
        if not wait:
            return job
        done = self.wait_for(job["id"], progress)
        return Screened(self.screening(done["result"]["screening_id"]), upload, self._at)

    def wait_for(self, job_id: str, progress: Progress | None = None) -> Object:
        """A job once it is done.

        raises: what it failed with; ConflictError if it was cancelled
        """
        pause_s = FIRST_LOOK_S
        while True:
            job = self.job(job_id)
            if progress is not None and job["doing"]:
                progress(job["doing"][self._at.lang], job["share"])
            if job["state"] == "failed":
                raise _of_job(job["error"], self._at.lang, GreensilkError)
            if job["state"] == "cancelled":
                raise ConflictError("client.cancelled", id=job_id)
            if job["state"] == "done":
                return job
            time.sleep(pause_s)
            pause_s = min(LAST_LOOK_S, pause_s * 1.5)

    def portfolios(self) -> Iterator[Object]:
        """All portfolios, those in use first."""
        return self._at.each("/portfolios")

    def portfolio(self, id: str) -> Object:
        """One portfolio."""
        return self._one("portfolios", id)

    def create_portfolio(self, name: str, about: str = "") -> Object:
        """A new one, empty."""
        return self._made("/portfolios", {"name": name, "about": about})

    def change_portfolio(self, id: str, version: int, **changes: Any) -> Object:
        """Another name or about, or archived. version: the one that was seen"""
        return self._changed(path_of("portfolios", id), version, changes)

    def uploads(self, portfolio_id: str) -> Iterator[Object]:
        """All files given for a portfolio, the newest first."""
        return self._at.each(path_of("portfolios", portfolio_id, "uploads"))

    def upload_file(self, portfolio_id: str, file: str | Path) -> Object:
        """Keeps a file for a portfolio and has it read; its rows are not projects yet."""
        found: Object = self._at.upload(path_of("portfolios", portfolio_id, "uploads"), Path(file))
        return found

    def upload(self, id: str) -> Object:
        """One upload with what reading found."""
        return self._one("uploads", id)

    def change_upload(
        self,
        id: str,
        version: int,
        *,
        columns: Mapping[str, str] | None = None,
        fixes: Mapping[int, Mapping[str, str]] | None = None,
    ) -> Object:
        """Has a file read again. columns: field -> column; fixes: row -> field -> what stands in place of the cell"""
        body: Object = {} if columns is None else {"mapping": {"columns": dict(columns)}}
        if fixes is not None:
            body["fixes"] = {str(row): dict(cells) for row, cells in fixes.items()}
        return self._changed(path_of("uploads", id), version, body)

    def accept_upload(self, id: str, version: int) -> Object:
        """Makes the rows of a file projects."""
        return self._made(path_of("uploads", id, "accept"), version=version)

    def discard_upload(self, id: str, version: int) -> Object:
        """Puts an upload aside."""
        return self._made(path_of("uploads", id, "discard"), version=version)

    def rejects_csv(self, id: str) -> bytes:
        """All rejected rows with reasons, as a table."""
        return self._at.send("GET", path_of("uploads", id, "rejects.csv")).data

    def projects(self, **narrowed: str) -> Iterator[Object]:
        """Projects by key. narrowed: portfolio_id, lead, type, country, text"""
        return self._at.each("/projects", **narrowed)

    def project(self, id: str) -> Object:
        """One project with its place."""
        return self._one("projects", id)

    def project_versions(self, id: str) -> Iterator[Object]:
        """How files described it, the newest first."""
        return self._at.each(path_of("projects", id, "versions"))

    def project_history(self, id: str) -> Iterator[Object]:
        """How it was rated, the newest first."""
        return self._at.each(path_of("projects", id, "history"))

    def what_if(self, id: str, measures: Mapping[str, str] | None = None, rating_id: str | None = None) -> Object:
        """What measures would do to a project. measures: id -> promised, contracted, certified or monitored"""
        return self._made(
            path_of("projects", id, "what-if"), {"measures": dict(measures or {}), "rating_id": rating_id}
        )

    def documents(self, project_id: str) -> Iterator[Object]:
        """Documents in hand on a project."""
        return self._at.each(path_of("projects", project_id, "documents"))

    def add_document(self, project_id: str, file: str | Path, kind: str | None = None) -> Object:
        """Keeps a document. kind: id in the list of documents"""
        fields = {} if kind is None else {"kind": kind}
        found: Object = self._at.upload(path_of("projects", project_id, "documents"), Path(file), fields)
        return found

    def document(self, id: str, target: str | Path) -> Path:
        """Downloads a document."""
        return self._at.download(path_of("documents", id), Path(target))

    def remove_document(self, id: str) -> None:
        """Takes a document off its project."""
        self._at.send("DELETE", path_of("documents", id))

    def start_screening(  # noqa: PLR0913 - as the API takes them
        self,
        portfolio_id: str,
        *,
        upload_id: str | None = None,
        standards: Sequence[str] | None = None,
        on: dt.date | None = None,
        layers: Sequence[str] | None = None,
        position_error_m: float | None = None,
    ) -> Object:
        """Has a portfolio rated; the answer is the job. A request that is repeated on the way is the same job."""
        body = {
            "upload_id": upload_id, "standards": None if standards is None else list(standards),
            "on": None if on is None else on.isoformat(), "layers": None if layers is None else list(layers),
            "position_error_m": position_error_m,
        }  # fmt: skip
        found: Object = self._at.post(path_of("portfolios", portfolio_id, "screenings"), body, again=True)
        return found

    def screenings(self, portfolio_id: str) -> Iterator[Object]:
        """All screenings of a portfolio, the newest first."""
        return self._at.each(path_of("portfolios", portfolio_id, "screenings"))

    def screening(self, id: str) -> Object:
        """One screening with what it rests on."""
        return self._one("screenings", id)

    def screening_ratings(self, id: str, lead: str | None = None) -> Iterator[Object]:
        """The projects of a screening."""
        return self._at.each(path_of("screenings", id, "ratings"), lead=lead)

    def screening_files(self, id: str) -> Iterator[Object]:
        """Its report and tables."""
        return self._at.each(path_of("screenings", id, "files"))

    def rating(self, id: str) -> Object:
        """One project in one screening, with traces."""
        return self._one("ratings", id)

    def verdict(self, id: str) -> Object:
        """What one standard said of one project."""
        return self._one("verdicts", id)

    def overrides(self, project_id: str | None = None, open_only: bool = False) -> Iterator[Object]:
        """Lights put in place of verdicts, the newest first."""
        return self._at.each("/overrides", project_id=project_id, open_only=open_only)

    def propose_override(self, verdict_id: str, light: str, reason: str) -> Object:
        """Proposes another light; it counts once another person has signed it."""
        return self._made(path_of("verdicts", verdict_id, "overrides"), {"light": light, "reason": reason})

    def compare_routes(self, file: str | Path, name: str = "", options: str = "") -> Object:
        """Has alternatives of a route compared; the answer is the job. options: JSON, see the API"""
        fields = {key: value for key, value in (("name", name), ("options", options)) if value}
        found: Object = self._at.upload("/routes/comparisons", Path(file), fields, again=True)
        return found

    def comparisons(self) -> Iterator[Object]:
        """All comparisons of routes, the newest first."""
        return self._at.each("/routes/comparisons")

    def comparison(self, id: str) -> Object:
        """One comparison."""
        return self._one("routes", "comparisons", id)

    def comparison_files(self, id: str) -> Iterator[Object]:
        """Its report and tables."""
        return self._at.each(path_of("routes", "comparisons", id, "files"))


def _of_job(told: Object | None, lang: Language, usual: type[GreensilkError]) -> GreensilkError:
    """The error that a job or upload ended with, as the class it names."""
    return CLASSES.get(str((told or {}).get("code")), usual)("client.told", message=str((told or {}).get(lang, "-")))
