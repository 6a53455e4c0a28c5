"""The description of the API holds: every operation is described, and nothing that it allows breaks the server."""

from __future__ import annotations

import inspect
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from greensilk.client import Client

if TYPE_CHECKING:
    from furnished import Full

API = "/api/v1"
PERSONS_ONLY = {"change_password", "create_person", "create_token", "decide_override"}  # not for tokens
METHODS = ("get", "post", "patch", "delete", "put")
# Measured or evaluated for seconds each time: tested apart.
SLOW = {"rate_site", "countries", "country", "index_scores"}
EXAMPLES = 4


def operations(described: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Operation id -> its description, of the API."""
    return {
        one["operationId"]: one | {"path": path, "method": method}
        for path, ways in described["paths"].items()
        for method, one in ways.items()
        if method in METHODS and path.startswith(API)
    }


def test_every_operation_says_what_it_is_for_and_has_an_error_answer(full: Full) -> None:
    described = full.ask(None, "GET", "/openapi.json").json()
    ids = [one["operationId"] for ways in described["paths"].values() for key, one in ways.items() if key in METHODS]
    assert len(ids) == len(set(ids))
    assert not any(path.startswith(("/portfolios", "/admin", "/sign-in")) for path in described["paths"])
    for name, one in operations(described).items():
        assert one["summary"] and one["description"] and one["tags"], name
        assert {"401", "403", "default"} <= one["responses"].keys(), name
        body = one.get("requestBody", {}).get("content", {})
        if "application/json" in body:
            schema = described["components"]["schemas"][body["application/json"]["schema"]["$ref"].split("/")[-1]]
            optional = not schema.get("required")
            assert optional or all("examples" in schema["properties"][field] for field in schema["required"]), name
    assert "HTTPValidationError" not in str(described)


def test_the_client_has_a_method_for_every_operation(full: Full) -> None:
    wanted = operations(full.ask(None, "GET", "/openapi.json").json()).keys() - PERSONS_ONLY
    had = {name for name, _ in inspect.getmembers(Client, inspect.isfunction) if not name.startswith("_")}
    assert wanted - had == set()
    assert had - wanted == {"screen", "wait_for"}


@pytest.mark.parametrize("role", ["analyst", "administrator"])
def test_nothing_that_the_description_allows_breaks_the_server(full: Full, role: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import schemathesis
        from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

    def not_broken(ctx: Any, response: Any, case: Any) -> None:
        assert response.status_code < 500, response.text

    schema = schemathesis.openapi.from_asgi("/openapi.json", app=full.site.client.app)
    token = full.keys[f"a-{role}"].token
    checks = [not_broken, status_code_conformance, response_schema_conformance]
    asked = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if not operation.path.startswith((API, "/ogc")) or operation.definition.raw["operationId"] in SLOW:
            continue
        for case in examples_of(operation):
            response = case.call(headers={"Authorization": f"Bearer {token}", **(case.headers or {})})
            case.validate_response(response, checks=checks)
            asked += 1
    assert asked > 100


def examples_of(operation: Any) -> list[Any]:
    """Some cases of an operation, the same at every run."""
    found: list[Any] = []

    @settings(
        max_examples=EXAMPLES, database=None, deadline=None, derandomize=True, phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def collect(case: Any) -> None:
        found.append(case)

    from hypothesis import given

    given(case=operation.as_strategy())(collect)()
    return found
