"""Sleep records (FORUM sections 13 to 15, CONTRACT section 4)."""

import asyncio

import pytest

from tests.factories import stored
from tests.harness import Api, Reply

PATH = "/api/sleep-records/"
NIGHT = {"date": "2024-12-03", "sleep_status": "按时睡觉", "note": "感觉很好"}
DELETED = {"message": "Record deleted successfully."}
UNKNOWN = {"error": "Record does not exist."}
REQUIRED = ["This field is required."]
NO_DATE = ["Date must be a day of the calendar as YYYY-MM-DD."]


async def _add(api: Api, token: str | None, **changes: object) -> Reply:
    return await api.post(PATH, {**NIGHT, **changes}, token=token)


async def _list(api: Api, token: str) -> list[dict]:
    reply = await api.get(PATH, token=token)
    assert reply.status == 200
    return list(reply.body)


async def test_a_record_is_answered_as_documented(api: Api):
    token = await api.sign_in()
    reply = await _add(api, token)
    record = {"id": 1, **NIGHT, "created_at": "2025-01-18T10:00:00Z"}
    assert (reply.status, reply.body) == (201, record)
    assert await _list(api, token) == [record]


async def test_records_are_listed_by_date_then_id(api: Api):
    token = await api.sign_in()
    for date in ("2024-12-03", "2024-01-31", "2024-12-03", "1999-12-31", "2024-12-02"):
        await _add(api, token, date=date)
    assert [(record["date"], record["id"]) for record in await _list(api, token)] == [
        ("1999-12-31", 4),
        ("2024-01-31", 2),
        ("2024-12-02", 5),
        ("2024-12-03", 1),
        ("2024-12-03", 3),
    ]


async def test_each_sees_their_own(api: Api):
    one, other = await api.sign_in("one"), await api.sign_in("other")
    await _add(api, one)
    assert await _list(api, other) == []


@pytest.mark.parametrize("nothing", [{}, {"note": None}, {"note": ""}])
async def test_a_note_is_optional(api: Api, nothing: dict):
    token = await api.sign_in()
    body = {"date": "2024-12-03", "sleep_status": "熬夜", **nothing}
    reply = await api.post(PATH, body, token=token)
    assert (reply.status, reply.body["note"]) == (201, "")


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"date": REQUIRED, "sleep_status": REQUIRED}),
        ({"date": None, "sleep_status": ""}, {"date": REQUIRED, "sleep_status": REQUIRED}),
        ({"date": "2024-12-03"}, {"sleep_status": REQUIRED}),
        ({"sleep_status": "熬夜"}, {"date": REQUIRED}),
        ({**NIGHT, "sleep_status": " \u3000"}, {"sleep_status": REQUIRED}),
        ({**NIGHT, "date": 20241203}, {"date": ["Expected str, got int"]}),
        ({**NIGHT, "sleep_status": ["x"]}, {"sleep_status": ["Expected str, got array"]}),
        ({**NIGHT, "note": {"$gt": ""}}, {"note": ["Expected str, got object"]}),
        (
            {"date": "x", "sleep_status": "s" * 101, "note": "n" * 2001},
            {
                "date": NO_DATE,
                "sleep_status": ["Ensure this field has at most 100 characters."],
                "note": ["Ensure this field has at most 2000 characters."],
            },
        ),
    ],
)
async def test_what_is_wrong_is_told_field_by_field(api: Api, body: dict, errors: dict):
    token = await api.sign_in()
    reply = await api.post(PATH, body, token=token)
    assert (reply.status, reply.body) == (400, {"errors": errors})
    assert await stored(api, "sleep_records") == []


@pytest.mark.parametrize(
    "date",
    [
        "2024-02-30",
        "2023-02-29",
        "2024-13-01",
        "2024-00-01",
        "0000-01-01",
        "20241203",
        "2024-1-1",
        "2024-W49-2",
        "24-12-03",
        "2024/12/03",
        "03-12-2024",
        "2024-12-03T00:00:00Z",
        " 2024-12-03",
        "2024-12-03\n",
        "２０２４-12-03",
        "-2024-12-03",
        "12024-12-03",
    ],
)
async def test_only_days_of_the_calendar_written_one_way(api: Api, date: str):
    reply = await _add(api, await api.sign_in(), date=date)
    assert (reply.status, reply.body) == (400, {"errors": {"date": NO_DATE}})


@pytest.mark.parametrize("date", ["2024-02-29", "0001-01-01", "9999-12-31"])
async def test_every_day_of_the_calendar_is_taken(api: Api, date: str):
    reply = await _add(api, await api.sign_in(), date=date)
    assert (reply.status, reply.body["date"]) == (201, date)


async def test_the_longest_texts_are_taken(api: Api):
    reply = await _add(api, await api.sign_in(), sleep_status="按" * 100, note="无" * 2000)
    assert (reply.status, len(reply.body["note"])) == (201, 2000)


@pytest.mark.parametrize("place", ["body", "query"])
async def test_a_record_is_deleted_by_body_or_query(api: Api, place: str):
    token = await api.sign_in()
    await _add(api, token)
    await _add(api, token, note="stays")
    path, body = (PATH, {"id": 1}) if place == "body" else (f"{PATH}?id=1", None)
    reply = await api.call("DELETE", path, body, token=token)
    assert (reply.status, reply.body) == (200, DELETED)
    assert [record["note"] for record in await _list(api, token)] == ["stays"]
    reply = await api.call("DELETE", path, body, token=token)
    assert (reply.status, reply.body) == (404, UNKNOWN)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (PATH, None),
        (PATH, {}),
        (PATH, {"id": None}),
        (PATH, {"id": ""}),
        (f"{PATH}?id=", None),
        (f"{PATH}?other=1", None),
    ],
)
async def test_a_missing_id_is_400(api: Api, path: str, body: dict | None):
    reply = await api.call("DELETE", path, body, token=await api.sign_in())
    assert (reply.status, reply.body) == (400, {"error": "id is required."})


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (PATH, {"id": "1"}),
        (PATH, {"id": 1.5}),
        (PATH, {"id": True}),
        (PATH, {"id": [1]}),
        (PATH, {"id": {"$gt": 0}}),
        (PATH, {"id": 2**63}),
        (f"{PATH}?id=x", None),
        (f"{PATH}?id=1.0", None),
        (f"{PATH}?id=%C2%B2", None),
        (f"{PATH}?id=%EF%BC%91", None),
        (f"{PATH}?id[$gt]=0&id=x", None),
    ],
)
async def test_an_id_of_another_type_is_400(api: Api, path: str, body: dict | None):
    token = await api.sign_in()
    await _add(api, token)
    reply = await api.call("DELETE", path, body, token=token)
    assert reply.status == 400
    assert reply.body["error"].startswith("id: Expected int")
    assert len(await _list(api, token)) == 1


async def test_anothers_record_does_not_exist(api: Api):
    one, other = await api.sign_in("one"), await api.sign_in("other")
    await _add(api, one)
    reply = await api.call("DELETE", PATH, {"id": 1}, token=other)
    assert (reply.status, reply.body) == (404, UNKNOWN)
    assert len(await _list(api, one)) == 1


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("token", [None, "rubbish"])
async def test_without_a_good_token_it_is_the_documented_401(
    api: Api, method: str, token: str | None
):
    reply = await api.call(method, PATH, NIGHT, token=token)
    assert (reply.status, reply.body) == (401, {"error": "User is not authenticated"})


async def test_of_many_deletions_at_once_one_is_the_one(api: Api):
    token = await api.sign_in()
    await _add(api, token)
    replies = await asyncio.gather(
        *(api.call("DELETE", PATH, {"id": 1}, token=token) for _ in range(10))
    )
    assert sorted(reply.status for reply in replies) == [200] + [404] * 9
