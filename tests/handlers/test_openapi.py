"""The document of the API: all that is served is in it, and it says the truth about it."""

import inspect
import json
from typing import Any

import jsonschema_rs
import pytest

from handlers.base import BaseHandler
from handlers.openapi.document import document_of
from handlers.openapi.examples import Example, read_examples
from handlers.pagination import PageQuery
from handlers.parameters import Query
from handlers.routes import ROUTES
from handlers.routing import PUBLIC, Found, Route
from tests.conformance import check_answer, document, validator_of
from tests.harness import Api

BY_NAME = {(route.method, route.path): route for route in ROUTES}
EXAMPLES = sorted(read_examples().items())
DOCUMENTS = ("FORUM", "SOCIOX", "LMS", "SHOP")
SHOWN_WITHOUT_BODY = {
    # "Update admin permission" has neither a body nor a URL of its own (CONTRACT section 5).
    ("PUT", "/api/v1/admin/get-admin-details/{admin_id}"),
    ("PUT", "/api/v1/admin/update-admin-permissions/{admin_id}"),
    ("PUT", "/forms/{form_id}"),
    ("PUT", "/requirement-tables/{table_id}"),
    ("POST", "/requirement-tables/submissions/{submission_id}/approve"),
    # The id of the line is in the path where the document has an example.
    ("PATCH", "/api/v1/cart/items"),
}


def _operation(method: str, path: str) -> dict[str, Any]:
    operation: dict[str, Any] = document()["paths"][path][method.lower()]
    return operation


def _references(node: Any) -> set[str]:
    if isinstance(node, list):
        return {each for part in node for each in _references(part)}
    if not isinstance(node, dict):
        return set()
    found = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
    return found.union(*(_references(value) for value in node.values()))


def _parameter(operation: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (each for each in operation["parameters"] if each["name"] == name)
    return dict(found)


async def test_it_is_served_with_an_etag(api: Api):
    reply = await api.get("/openapi.json")
    assert reply.status == 200
    assert reply.body == json.loads(json.dumps(document()))
    again = await api.get("/openapi.json", headers={"If-None-Match": reply.headers["Etag"]})
    assert (again.status, again.content) == (304, b"")


async def test_what_kept_it_from_being_made_once_is_not_for_good(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: object) -> None:
        raise OSError("Too many open files")

    with monkeypatch.context() as once:
        once.setattr("handlers.openapi.document.read_examples", fail)
        assert (await api.get("/openapi.json")).status == 500
    assert (await api.get("/openapi.json")).status == 200


def test_every_route_is_in_it_at_all_its_paths_and_nothing_else():
    served = {(route.method, path) for route in ROUTES for path in route.paths}
    paths = document()["paths"]
    told = set()
    for path, item in paths.items():
        if "$ref" in item:
            name = item["$ref"].removeprefix("#/paths/").replace("~1", "/")
            item = paths[name]
        told |= {(method.upper(), path) for method in item}
    assert told == served


def test_operations_have_names_of_their_own():
    names = [
        operation["operationId"]
        for item in document()["paths"].values()
        if "$ref" not in item
        for operation in item.values()
    ]
    assert len(set(names)) == len(names) == len(ROUTES)


def test_every_reference_leads_somewhere():
    for reference in _references(document()):
        node: Any = document()
        for name in reference.removeprefix("#/").split("/"):
            node = node[name.replace("~1", "/")]
        assert node


def test_every_schema_is_one_of_json_schema_2020_12():
    for schema in document()["components"]["schemas"].values():
        jsonschema_rs.meta.validate(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
        )


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_an_operation_says_what_its_route_does(route: Route):
    operation = _operation(route.method, route.path)
    assert operation["summary"]
    assert operation["description"]
    assert operation["security"] == ([] if route.access is PUBLIC else [{"bearer": []}])
    assert str(route.status) in operation["responses"]
    assert ("requestBody" in operation) == (route.body is not None)
    in_path = {each["name"] for each in operation.get("parameters", []) if each["in"] == "path"}
    assert in_path == {part[1:-1] for part in route.path.split("/") if part.startswith("{")}


def test_an_operation_says_who_may_call_it_and_where_else_it_is():
    assert _operation("POST", "/api/v1/auth/logout")["description"] == (
        'SHOP "POST /api/v1/auth/logout".\n\n'
        "Who may call it: signed in.\n\n"
        "Also at `/api/auth/logout`."
    )


def test_a_page_has_its_query_and_its_meta():
    operation = _operation("GET", "/api/v1/catalog/products")
    assert _parameter(operation, "page")["schema"] == {
        "type": "integer",
        "minimum": 1,
        "default": 1,
    }
    assert _parameter(operation, "keyword") == {
        "name": "keyword",
        "in": "query",
        "required": False,
        "schema": {"type": "string"},
    }
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer["required"] == ["data", "meta"]
    assert answer["properties"]["data"]["items"] == {"$ref": "#/components/schemas/ProductView"}


def test_a_refusal_has_its_status_its_code_and_its_familys_envelope():
    refusals = _operation("POST", "/api/v1/orders/{order_id}/cancel")["responses"]
    assert refusals["409"]["$ref"] == "#/components/responses/ErrorAnswer409"
    assert refusals["409"]["description"].startswith("`status_not_allowed`: ")
    # SOCIOX answers what does not exist with 400 (CONTRACT section 2).
    refusals = _operation("GET", "/api/v1/admin/users/{user_id}/details")["responses"]
    assert "404" not in refusals
    assert refusals["400"]["description"].startswith("`not_found`: ")
    refusals = _operation("POST", "/api/forum/like_post/")["responses"]
    assert refusals["404"]["$ref"] == "#/components/responses/ForumError404"


def test_an_answer_with_a_tag_can_be_304():
    operation = _operation("GET", "/courses/{course_id}")
    assert _parameter(operation, "If-None-Match")["in"] == "header"
    tag = {"ETag": {"$ref": "#/components/headers/ETag"}}
    assert operation["responses"]["200"]["headers"] == tag
    assert operation["responses"]["304"]["headers"] == tag
    assert "304" not in _operation("PUT", "/courses/{course_id}")["responses"]


def test_amounts_are_numbers_and_times_have_their_format():
    schemas = document()["components"]["schemas"]
    price = schemas["sociox.plan_views.Price"]
    assert price["properties"]["amount"] == {"type": "number"}
    assert price["required"] == ["amount", "currency"]
    created_at = schemas["OrderView"]["properties"]["created_at"]
    assert created_at == {"type": "string", "format": "date-time"}


def test_a_body_of_the_documents_has_their_example():
    without = set()
    for name, route in BY_NAME.items():
        source = inspect.getdoc(getattr(route.handler, route.method.lower())) or ""
        example = dict(EXAMPLES).get(name, Example())
        if route.body is not None and source.startswith(DOCUMENTS) and example.request is None:
            without.add(name)
    assert without == SHOWN_WITHOUT_BODY


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=lambda part: str(part)[:60])
def test_an_example_of_the_documents_is_what_the_schemas_say(
    name: tuple[str, str], example: Example
):
    operation = _operation(*name)
    if example.request is not None:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        validator_of(schema).validate(example.request)
    if example.answer is not None:
        response = operation["responses"][str(BY_NAME[name].status)]
        schema = response["content"]["application/json"]["schema"]
        validator_of(schema).validate(example.answer)


def test_what_an_answer_must_not_have_is_told():
    json, html = ({"Content-Type": kind} for kind in ("application/json", "text/html"))
    with pytest.raises(AssertionError, match="GET /health answered 418, which its Route does not"):
        check_answer("GET", "/health", 418, json, {"status": "ok"})
    body = {"status": "ok", "password": "secret"}
    with pytest.raises(AssertionError, match=r"which breaks its schema: .*'password'"):
        check_answer("GET", "/health", 200, json, body)
    with pytest.raises(AssertionError, match="with text/html, not application/json"):
        check_answer("GET", "/health/", 200, html, None)
    with pytest.raises(AssertionError, match="GET /courses answered 401 without WWW-Authenticate"):
        check_answer("GET", "/courses", 401, json, {"detail": "Sign in first"})


class OtherQuery(Query, frozen=True, kw_only=True):
    """A query that no route declares."""

    colour: str | None = None


def test_a_query_that_is_not_declared_can_not_be_read():
    handler = object.__new__(BaseHandler)
    handler.found = Found(Route("GET", "/x", BaseHandler, PUBLIC, query=PageQuery), None)
    with pytest.raises(TypeError, match="reads a query that its route does not declare"):
        handler.read_query(OtherQuery)


def test_a_document_is_the_same_every_time():
    assert document_of(ROUTES) == document_of(ROUTES)
