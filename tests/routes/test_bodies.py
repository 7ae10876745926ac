"""What is read of a body: strict JSON, typed values, nothing else (CONTRACT section 2)."""

import types
import typing
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from handlers.bodies import Body, MalformedBody, decode_object
from handlers.routes import ROUTES
from handlers.routing import Route
from tests.factories import stored, upload
from tests.handlers.support import filled, message_of, token_for
from tests.harness import Api, Reply

WITH_BODY = [route for route in ROUTES if route.body is not None]
SAMPLES: dict[type, list[Any]] = {
    str: ["text"],
    int: [7],
    bool: [True],
    float: [1.5],
    list: [["x"], [], [{"$ne": None}]],
    dict: [{"$gt": ""}, {"$ne": None}, {}],
}
# One route of each family, and of each way in which bodies are read.
ONE_OF_EACH = {
    (route.handler.__module__.split(".")[1], route.handler.reads_decimals): route
    for route in WITH_BODY
}.values()
COLLECTIONS = ("users", "sessions", "posts", "replies", "likes", "sleep_records", "pictures.files")


def _ids(value: object) -> str:
    return f"{value.method} {value.path}" if isinstance(value, Route) else str(value)


def _good(body: type[Body]) -> dict[str, Any]:
    """A body of the right types for a route."""
    values: dict[str, Any] = {
        "password": "secret1",
        "content": "text",
        "date": "2024-12-03",
        "sleep_status": "text",
        "phone_number": "13800138000",
    }
    defaults: dict[type, Any] = {str: "text", dict: {}}
    return {
        name: values.get(name, defaults.get(min(_types_of(body, name), key=str), 1))
        for name in body.__struct_encode_fields__[: -len(body.__struct_defaults__) or None]
    }


def _types_of(body: type[Body], name: str) -> set[type]:
    """The JSON types that a field takes."""

    def flat(hint: Any) -> set[type]:
        origin = typing.get_origin(hint)
        if origin in (typing.Union, types.UnionType):
            return set().union(*(flat(part) for part in typing.get_args(hint)))
        return {origin or hint}

    field = body.__struct_fields__[body.__struct_encode_fields__.index(name)]
    return flat(typing.get_type_hints(body)[field])


async def _send(api: Api, route: Route, body: object, token: str) -> Reply:
    return await api.call(route.method, filled(route.path), body, token=token)


def _of_other_types(body: type[Body], name: str) -> list[Any]:
    """Values that a field does not take."""
    taken = _types_of(body, name)
    # A whole number is a number wherever a fraction is.
    fitting = taken | ({int} if float in taken else set())
    wrong = [value for kind, values in SAMPLES.items() if kind not in fitting for value in values]
    if int in taken:
        wrong += [2**63, -(2**63) - 1, 10**30, 1e300]
    assert len(wrong) >= 6
    return wrong


@pytest.mark.parametrize("route", WITH_BODY, ids=_ids)
async def test_a_field_of_another_type_is_400_and_changes_nothing(api: Api, route: Route):
    assert route.body is not None
    token = await token_for(api, route)
    before = {collection: await stored(api, collection) for collection in COLLECTIONS}
    for name in route.body.__struct_encode_fields__:
        for value in _of_other_types(route.body, name):
            reply = await _send(api, route, {**_good(route.body), name: value}, token)
            assert reply.status == 400, (name, value, reply)
            # Either the type that is expected, or the rule of the family that names the field.
            assert "Expected" in str(reply.body) or name in str(reply.body), (name, reply.body)
    assert {collection: await stored(api, collection) for collection in COLLECTIONS} == before


MALFORMED = {
    "no JSON": b"username=x",
    "half an object": b'{"postid": 1',
    "two objects": b"{}{}",
    "a list": b"[]",
    "a text": b'"text"',
    "a number": b"5",
    "null": b"null",
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "a deep value": b'{"postid":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "NaN": b'{"postid": NaN}',
    "Infinity": b'{"postid": Infinity}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"postid": 1}'.encode("utf-16"),
    "Latin-1": b'{"content": "\xe9"}',
    "an overlong encoding": b'{"content": "\xc0\xaf"}',
    "an encoded surrogate": b'{"content": "\xed\xa0\x80"}',
    "a lone surrogate": rb'{"content": "\ud800"}',
    "a bad escape": rb'{"content": "\x"}',
    "a bare control character": b'{"content": "a\x00b"}',
    "single quotes": b"{'postid': 1}",
    "a comment": b"{} // text",
    "a trailing comma": b'{"postid": 1,}',
    "white space only": b" ",
}


async def _check_refused(api: Api, route: Route, malformed: str) -> None:
    reply = await _send(api, route, MALFORMED[malformed], await token_for(api, route))
    assert reply.status == 400, (route, reply)
    message = message_of(route.path, reply)
    assert message.startswith("The body must be a JSON object in UTF-8: "), (route, reply)


@pytest.mark.parametrize("malformed", MALFORMED)
async def test_what_is_no_json_object_in_utf_8_is_400(api: Api, malformed: str):
    for route in ONE_OF_EACH:
        await _check_refused(api, route, malformed)


@pytest.mark.parametrize("malformed", ["no JSON", "a list", "an encoded surrogate"])
async def test_what_is_no_json_object_in_utf_8_is_400_everywhere(api: Api, malformed: str):
    for route in WITH_BODY:
        await _check_refused(api, route, malformed)


@pytest.mark.parametrize("value", [b"[]", b"{}", b'"x"', b"1"])
def test_a_body_of_more_values_than_anybody_means_is_refused(value: bytes):
    """Making a list of each of 340,000 brackets holds the event loop for 0.1 to 0.2 s."""
    with pytest.raises(MalformedBody, match="it has more than 50000 values"):
        decode_object(b'{"a": [' + b",".join([value] * 50_001) + b"]}")
    few = decode_object(b'{"a": [' + b",".join([value] * 24_000) + b"]}")
    assert len(few["a"]) == 24_000


def test_where_numbers_are_what_was_written_fewer_are_read():
    with pytest.raises(MalformedBody, match="it has more than 10000 values"):
        decode_object(b'{"a": [' + b",".join([b"0.1"] * 10_001) + b"]}", exact=True)
    few = decode_object(b'{"a": [' + b",".join([b"0.1"] * 9_000) + b"]}", exact=True)
    assert few["a"] == [Decimal("0.1")] * 9_000


async def test_a_huge_number_is_400(api: Api):
    token = await api.sign_in()
    for number in (b"9" * 4000, b"9" * 500_000, b"1e999", b"-1e999", b"0." + b"1" * 5000):
        body = b'{"postid": ' + number + b"}"
        reply = await api.post("/api/forum/like_post/", body, token=token)
        assert reply.status == 400
        assert reply.body.keys() == {"error"}


def test_a_number_is_what_was_written_where_that_matters():
    written = b'{"a": 29.99, "b": 1e2, "c": [0.1000000000000000055511151231257827], "d": 7}'
    body = decode_object(written, exact=True)
    assert str(body) == str(
        {
            "a": Decimal("29.99"),
            "b": Decimal("1E+2"),
            "c": [Decimal("0.1000000000000000055511151231257827")],
            "d": 7,
        }
    )


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        (b"NaN", "JSON is malformed"),
        (b"-Infinity", "JSON is malformed"),
        (b"1e99999999999999999999", "a number is out of range"),
        (b"0." + b"1" * 63, "a number has more than 64 characters"),
        (b"9" * 5000, "Integer value out of range"),
    ],
)
def test_what_is_no_number_or_endless_is_refused_there_too(number: bytes, problem: str):
    with pytest.raises(MalformedBody, match=problem):
        decode_object(b'{"a": ' + number + b"}", exact=True)


@pytest.mark.parametrize("route", WITH_BODY, ids=_ids)
async def test_an_empty_body_is_an_empty_object(api: Api, route: Route):
    empty = await _send(api, route, b"", await api.sign_in())
    an_object = await _send(api, route, {}, await api.sign_in())
    assert (empty.status, empty.body) == (an_object.status, an_object.body)


@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain", "", "application/octet-stream", "nonsense", "a/b;c"]
)
async def test_a_body_is_json_whatever_the_content_type_says(api: Api, kind: str):
    token = await api.sign_in()
    body = {"content": "text"}
    reply = await api.post(
        "/api/forum/create_post/", body, token=token, headers={"Content-Type": kind}
    )
    assert reply.status == 201


async def test_unknown_fields_are_ignored_and_the_last_of_two_counts(api: Api):
    token = await api.sign_in()
    body = b'{"content": "first", "postid": 99, "$set": {"likes": 5}, "content": "second"}'
    assert (await api.post("/api/forum/create_post/", body, token=token)).status == 201
    *_, post = await stored(api, "posts")
    assert post["postid"] != 99
    assert (post["content"], post["likes"]) == ("second", 0)


async def test_names_and_texts_that_look_like_operators_stay_text(api: Api):
    token = await api.sign_in("$where")
    await api.create_post(token, '{"$gt": ""}')
    *_, post = await stored(api, "posts")
    assert post["content"] == '{"$gt": ""}'
    reply = await api.post("/api/login/", {"phone_number": "$ne", "password": "secret1"})
    assert reply.status == 400


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
async def test_a_get_ignores_a_body(api: Api, kind: str):
    token = await api.sign_in()
    for content in (b"{", b"a=1&" * 500, b"--x\r\n\r\n--x--", b"\xff" * 1000):
        reply = await api.call(
            "GET", "/api/user/", content, token=token, headers={"Content-Type": kind}
        )
        assert reply.status == 200


async def test_picture_names_are_a_list_of_texts(api: Api):
    token = await api.sign_in()
    name = await upload(api, token)
    for names in ([5], [None], [[name]], [{"$ne": name}], {"0": name}, name, ["x" * 201]):
        body = {"content": "text", "picture_names": names}
        reply = await api.post("/api/forum/create_post/", body, token=token)
        assert reply.status == 400
        assert reply.body["error"].startswith("picture_names")


def test_every_body_type_gives_its_required_fields_first():
    """`read_body` tells required fields by their place."""
    for route in WITH_BODY:
        assert route.body is not None
        kinds = [field.required for field in msgspec.structs.fields(route.body)]
        assert kinds == sorted(kinds, reverse=True), route.body
