"""Every route says what it is, in the table and at its handler (STYLE.md)."""

import pytest

from handlers.base import Answer, BaseHandler
from handlers.bodies import Body
from handlers.routes import ROUTES
from handlers.routing import Access, Route

ALL = pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")


@ALL
def test_a_handler_says_in_one_line_what_it_does(route: Route):
    said = (route.handler.__doc__ or "").strip()
    assert said
    first, *more = said.splitlines()
    assert first.endswith(".")
    assert not more or not more[0].strip()


@ALL
def test_a_handler_names_the_source_of_each_method(route: Route):
    method = getattr(route.handler, route.method.lower())
    assert method is not getattr(BaseHandler, route.method.lower(), None)
    assert (method.__doc__ or "").strip()


@ALL
def test_a_route_states_its_access(route: Route):
    assert isinstance(route.access, Access)


@ALL
def test_bodies_and_answers_are_written_field_by_field(route: Route):
    assert route.body is None or issubclass(route.body, Body)
    if isinstance(route.answer, type):
        assert issubclass(route.answer, Answer)
        assert (route.answer.__doc__ or "").strip()


@ALL
def test_a_body_names_only_its_own_fields_as_missing(route: Route):
    if route.body is not None:
        assert route.body.missing.keys() <= set(route.body.__struct_fields__)
