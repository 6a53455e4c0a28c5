"""Who may ask what: every route of the application, what it needs, and what of an organisation it speaks of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Right:
    """needs: a permission, "nothing" for what everybody may ask; of: what stands in the address for each of its
    parameters, by name of a holding, else as it is; json, form, file: a body that is right, "@project" in it for the id
    of one; seen: whether it carries the version seen; person: whether only somebody with a password may, so that a
    program is refused; also: statuses of who may besides success, for reasons that have nothing to do with rights"""

    needs: str
    of: tuple[str, ...] = ()
    json: Any = None
    form: dict[str, Any] | None = None
    file: bool = False
    seen: bool = False
    person: bool = False
    also: tuple[int, ...] = ()
    query: dict[str, str] = field(default_factory=dict)


NEW_PERSON = {"login": "new.one", "name": "New", "role": "viewer", "password": "four words that differ much"}
REASON = {"light": "RED", "reason": "the permit was withdrawn in May"}
SITE = {"lon": 500, "lat": 0, "type": "solar_pv"}  # refused once rights are settled: measuring takes its time
API, ROUTES = "/api/v1", "/api/v1/routes/comparisons"
SIGNED_IN = Right("read")

RIGHTS: dict[str, Right] = {
    "GET /openapi.json": Right("nothing"),
    "GET /health": Right("nothing"),
    "GET /ready": Right("nothing", also=(503,)),
    "GET /static/{name:path}": Right("nothing", ("style.css",)),
    # the API: oneself and the organisation
    f"GET {API}/me": SIGNED_IN,
    f"POST {API}/me/password": Right("read", json={"old": "x", "new": "y"}, person=True, also=(422,)),
    f"GET {API}/tokens": SIGNED_IN,
    f"POST {API}/tokens": Right("read", json={"name": "n", "scopes": ["read"]}, person=True),
    f"DELETE {API}/tokens/{{id}}": Right("administer", ("token",)),
    f"GET {API}/organisation": SIGNED_IN,
    f"PATCH {API}/organisation": Right("administer", json={"map_approval": None}, seen=True),
    f"GET {API}/people": Right("administer"),
    f"GET {API}/people/{{id}}": Right("administer", ("person",)),
    f"POST {API}/people": Right("administer", json=NEW_PERSON, person=True),
    f"PATCH {API}/people/{{id}}": Right("administer", ("person",), json={"name": "Other"}, seen=True),
    f"GET {API}/audit": Right("administer"),
    # the API: holdings
    f"GET {API}/portfolios": SIGNED_IN,
    f"POST {API}/portfolios": Right("rate", json={"name": "New"}),
    f"GET {API}/portfolios/{{id}}": Right("read", ("portfolio",)),
    f"PATCH {API}/portfolios/{{id}}": Right("rate", ("portfolio",), json={"about": "x"}, seen=True),
    f"POST {API}/portfolios/{{id}}/uploads": Right("rate", ("portfolio",), file=True),
    f"GET {API}/portfolios/{{id}}/uploads": Right("read", ("portfolio",)),
    f"GET {API}/uploads/{{id}}": Right("read", ("upload",)),
    f"PATCH {API}/uploads/{{id}}": Right("rate", ("upload",), json={"fixes": {}}, seen=True),
    f"POST {API}/uploads/{{id}}/accept": Right("rate", ("upload",), seen=True),
    f"POST {API}/uploads/{{id}}/discard": Right("rate", ("upload",), seen=True),
    f"GET {API}/uploads/{{id}}/rejects.csv": Right("read", ("upload",)),
    f"GET {API}/projects": SIGNED_IN,
    f"GET {API}/projects/{{id}}": Right("read", ("project",)),
    f"GET {API}/projects/{{id}}/versions": Right("read", ("project",)),
    f"GET {API}/projects/{{id}}/history": Right("read", ("project",)),
    f"POST {API}/projects/{{id}}/what-if": Right("read", ("project",), json={}),
    f"GET {API}/projects/{{id}}/documents": Right("read", ("project",)),
    f"POST {API}/projects/{{id}}/documents": Right("rate", ("project",), file=True),
    f"GET {API}/documents/{{id}}": Right("read", ("document",)),
    f"DELETE {API}/documents/{{id}}": Right("rate", ("document",)),
    f"POST {API}/portfolios/{{id}}/screenings": Right("rate", ("portfolio",), json={"layers": []}),
    f"GET {API}/portfolios/{{id}}/screenings": Right("read", ("portfolio",)),
    f"GET {API}/screenings/{{id}}": Right("read", ("screening",)),
    f"GET {API}/screenings/{{id}}/ratings": Right("read", ("screening",)),
    f"GET {API}/screenings/{{id}}/files": Right("read", ("screening",)),
    f"GET {API}/ratings/{{id}}": Right("read", ("rating",)),
    f"GET {API}/verdicts/{{id}}": Right("read", ("verdict",)),
    f"POST {API}/verdicts/{{id}}/overrides": Right("rate", ("verdict",), json=REASON, also=(409,)),
    f"GET {API}/overrides": SIGNED_IN,
    f"POST {API}/overrides/{{id}}/decision": Right(
        "approve", ("override",), json={"sign": False}, seen=True, person=True
    ),
    f"GET {API}/jobs": SIGNED_IN,
    f"GET {API}/jobs/{{id}}": Right("read", ("job",)),
    f"POST {API}/jobs/{{id}}/cancel": Right("rate", ("job",)),
    f"GET {API}/jobs/{{id}}/files": Right("read", ("done_job",)),
    f"GET {API}/files/{{id}}": Right("read", ("file",)),
    f"POST {ROUTES}": Right("rate", file=True),
    f"GET {ROUTES}": SIGNED_IN,
    f"GET {ROUTES}/{{id}}": Right("read", ("comparison",)),
    f"GET {ROUTES}/{{id}}/files": Right("read", ("comparison",)),
    # the API: what belongs to nobody
    f"POST {API}/sites": Right("read", json=SITE, also=(422,)),
    f"GET {API}/countries": Right("read", query={"on": "1900-01-01"}, also=(422,)),
    f"GET {API}/countries/{{iso}}": Right("read", ("LAO",), query={"on": "1900-01-01"}, also=(422,)),
    f"GET {API}/indices": SIGNED_IN,
    f"GET {API}/indices/{{id}}": Right("read", ("eco_environment",)),
    f"GET {API}/indices/{{id}}/scores": Right("read", ("eco_environment",), query={"on": "1900-01-01"}, also=(422,)),
    f"GET {API}/standards": SIGNED_IN,
    f"GET {API}/standards/{{id}}": Right("read", ("gdg_2020",)),
    f"GET {API}/project-types": SIGNED_IN,
    f"GET {API}/measures": SIGNED_IN,
    f"GET {API}/stac": SIGNED_IN,
    f"GET {API}/stac/collections": SIGNED_IN,
    f"GET {API}/stac/collections/{{id}}": Right("read", ("wdpa",)),
    f"GET {API}/stac/collections/{{id}}/items": Right("read", ("wdpa",)),
    f"GET {API}/stac/collections/{{id}}/items/{{item}}": Right("read", ("wdpa", "none"), also=(404,)),
    # features and tiles
    "GET /ogc": SIGNED_IN,
    "GET /ogc/conformance": SIGNED_IN,
    "GET /ogc/api": SIGNED_IN,
    "GET /ogc/collections": SIGNED_IN,
    "GET /ogc/collections/{collection_id}": Right("read", ("projects",)),
    "GET /ogc/collections/{collection_id}/queryables": Right("read", ("projects",)),
    "GET /ogc/collections/{collection_id}/items": Right("read", ("projects",)),
    "GET /ogc/collections/{collection_id}/items/{feature_id}": Right("read", ("projects", "project")),
    "GET /tiles/index.json": SIGNED_IN,
    "GET /tiles/{name}.pmtiles": Right("read", ("base-ne",), also=(404,)),
    "HEAD /tiles/{name}.pmtiles": Right("read", ("base-ne",), also=(404,)),
    "GET /tiles/grids/index.json": SIGNED_IN,
    "GET /tiles/grids/{grid_id}.json": Right("read", ("none",), also=(404,)),
    "GET /tiles/grids/{grid_id}.png": Right("read", ("none",), also=(404, 422)),
    "GET /tiles/own/base.pmtiles": Right("read", also=(404,)),
    # pages
    "GET /": Right("nothing"),
    "GET /sign-in": Right("nothing"),
    "POST /sign-in": Right("nothing", form={"login": "x", "password": "y"}, also=(401,)),
    "POST /sign-out": Right("signed in", form={}),
    "POST /demo": Right("nothing", form={}, also=(404,)),
    "POST /language": Right("nothing", form={"lang": "zh"}),
    "GET /me": SIGNED_IN,
    "POST /me/password": Right("read", form={"old": "x", "new": "y", "again": "y"}, also=(422,)),
    "POST /me/tokens": Right("read", form={"name": "n", "scopes": "read", "days": "7"}),
    "POST /me/tokens/{token_id}/revoke": Right("administer", ("token",), form={}),
    "GET /portfolios": SIGNED_IN,
    "POST /portfolios": Right("rate", form={"name": "New"}),
    "GET /portfolios/{portfolio_id}": Right("read", ("portfolio",)),
    "POST /portfolios/{portfolio_id}": Right("rate", ("portfolio",), form={"name": "Other", "version": "1"}),
    "GET /portfolios/{portfolio_id}/rate": Right("rate", ("portfolio",)),
    "POST /portfolios/{portfolio_id}/rate": Right("rate", ("portfolio",), form={"key": "k", "standards": "gdg_2020"}),
    "GET /portfolios/{portfolio_id}/upload": Right("rate", ("portfolio",)),
    "POST /portfolios/{portfolio_id}/upload": Right("rate", ("portfolio",), file=True),
    "GET /uploads/{upload_id}": Right("read", ("upload",)),
    "POST /uploads/{upload_id}/mapping": Right("rate", ("upload",), form={"version": "1"}, also=(409, 422)),
    "POST /uploads/{upload_id}/fixes": Right("rate", ("upload",), form={"version": "1"}, also=(409,)),
    "POST /uploads/{upload_id}/accept": Right("rate", ("upload",), form={"version": "1"}, also=(409,)),
    "POST /uploads/{upload_id}/discard": Right("rate", ("upload",), form={"version": "1"}, also=(409,)),
    "GET /jobs": SIGNED_IN,
    "GET /jobs/{job_id}": Right("read", ("job",)),
    "GET /jobs/{job_id}/progress": Right("read", ("job",)),
    "POST /jobs/{job_id}/cancel": Right("rate", ("job",), form={}),
    "GET /screenings/{screening_id}": Right("read", ("screening",)),
    "GET /projects/{project_id}": Right("read", ("project",)),
    "POST /projects/{project_id}/what-if": Right("read", ("project",), form={}, also=(422,)),
    "POST /projects/{project_id}/documents": Right("rate", ("project",), file=True, also=(422,)),
    "POST /documents/{document_id}/remove": Right("rate", ("document",), form={}),
    "POST /projects/{project_id}/overrides": Right("rate", ("project",), form=REASON, also=(404, 409, 422)),
    "POST /overrides/{override_id}/decision": Right(
        "approve", ("override",), form={"project": "@project", "version": "1"}, also=(409, 422)
    ),
    "GET /map": SIGNED_IN,
    "GET /map/projects": SIGNED_IN,
    "GET /map/names": SIGNED_IN,
    "POST /map/site": Right("read", form={"lon": "500", "lat": "0", "type": "solar_pv"}, also=(422,)),
    "GET /countries": Right("read", query={"index": "none"}, also=(404,)),
    "GET /countries/{iso}": Right("read", ("LAO",), query={"index": "none"}, also=(404,)),
    "GET /catalogue": SIGNED_IN,
    "GET /catalogue/{name}": Right("read", ("wdpa",)),
    "GET /standards": SIGNED_IN,
    "GET /standards/{name}": Right("read", ("gdg_2020",)),
    "GET /admin": Right("administer"),
    "POST /admin": Right("administer", form={"name": "Other", "version": "1"}),
    "GET /admin/people": Right("administer"),
    "POST /admin/people": Right("administer", form=NEW_PERSON),
    "GET /admin/people/{user_id}": Right("administer", ("person",)),
    "POST /admin/people/{user_id}": Right(
        "administer", ("person",), form={"name": "Other", "role": "viewer", "lang": "en", "version": "1"}
    ),
    "POST /admin/people/{user_id}/password": Right("administer", ("person",), form={"version": "1"}),
    "GET /admin/tokens": Right("administer"),
    "POST /admin/tokens/{token_id}/revoke": Right("administer", ("token",), form={}),
    "GET /admin/audit": Right("administer"),
    "POST /admin/audit": Right("administer", form={}),
    "GET /routes": SIGNED_IN,
    "POST /routes": Right("rate", file=True, also=(422,)),
    "GET /routes/example.geojson": SIGNED_IN,
    "GET /routes/{comparison_id}": Right("read", ("comparison",)),
}
