"""Deleting an account with more children than one transaction takes (CONTRACT section 5)."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.storage import open_storage
from tests import harness
from tests.factories import stored
from tests.harness import Api, Reply
from tests.sociox.people import ADMIN, PASSWORD, Person, join, join_as
from tests.sociox.test_account_deletion import confirm, deletion_token
from tests.wire import eventually

LOGIN = "/api/v1/auth/login"
REFRESH = "/api/token/refresh/"


@pytest.fixture(autouse=True)
def _three_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.accounts.erasure._ERASED_TOGETHER", 3)


async def _join_parent(api: Api, children: int, **fields: object) -> tuple[Person, list[Person]]:
    """An account with children, each of whom has a post."""
    parent = await join(api, "parent", **fields)
    of_parent = {"type": "child", "parent_id": ObjectId(parent.id)}
    found = [await join(api, f"child{number}", **of_parent) for number in range(children)]
    for child in found:
        await api.create_post(child.token)
    return parent, found


async def _by_oneself(api: Api, parent: Person) -> Reply:
    return await api.call("DELETE", "/api/user/", token=parent.token)


async def _by_link(api: Api, parent: Person) -> Reply:
    return await confirm(api, await deletion_token(api, parent))


async def _by_an_admin(api: Api, parent: Person) -> Reply:
    admin = await join_as(api, "superadmin")
    return await api.call("DELETE", f"{ADMIN}/users/{parent.id}", token=admin.token)


async def _as_an_admin(api: Api, parent: Person) -> Reply:
    superadmin = await join_as(api, "superadmin")
    path = f"{ADMIN}/delete-admin/{parent.id}"
    return await api.call("DELETE", path, token=superadmin.token)


async def _left(api: Api) -> list[str]:
    """The names of the children whose accounts are still there."""
    return [user["first_name"] for user in await stored(api, "users", {"type": "child"})]


@pytest.mark.parametrize("delete", [_by_oneself, _by_link, _by_an_admin, _as_an_admin])
async def test_who_leaves_shuts_all_children_out_at_once(
    api: Api, delete: Callable[[Api, Person], Awaitable[Reply]]
):
    fields = {"roles": ["user", "admin"]} if delete is _as_an_admin else {}
    parent, children = await _join_parent(api, 7, **fields)
    credentials = {"email": children[-1].email, "password": PASSWORD}
    signed_in = await api.post(LOGIN, credentials)
    refresh = signed_in.body["data"]["refresh_token"]

    assert (await delete(api, parent)).status == 200
    assert await _left(api) == [f"Child{number}" for number in range(3, 7)]
    for child in children:
        reply = await api.get("/api/users/details", token=child.token)
        assert reply.status == 401, child.email
    assert (await api.post(LOGIN, credentials)).status == 403
    assert (await api.post(REFRESH, {"refresh": refresh})).status == 401

    await api.agora.housekeeping.do_all()
    for name in ("posts", "erasures", "mailed_links"):
        assert await stored(api, name) == [], name
    assert await _left(api) == []
    for person in (parent, *children):
        await join(api, person.email.partition("@")[0])


async def test_the_rest_is_erased_by_itself_and_soon(api: Api):
    parent, _ = await _join_parent(api, 7)
    api.agora.housekeeping.start()
    assert (await _by_oneself(api, parent)).status == 200

    async def is_done() -> bool:
        return await stored(api, "erasures") == []

    await eventually(is_done)
    assert await stored(api, "users") == []
    await api.agora.housekeeping.stop()


async def test_another_start_goes_on_where_a_deletion_was_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    api = await harness.start(await open_storage("embedded", tmp_path))
    parent, _ = await _join_parent(api, 8)
    assert (await _by_oneself(api, parent)).status == 200
    delete, deleted = UserRepository.delete, 0

    async def cut_off(users: UserRepository, user_id: ObjectId, *, tx: object) -> bool:
        nonlocal deleted
        deleted += 1
        if deleted == 5:
            raise OSError("the power is gone")
        return await delete(users, user_id, tx=tx)

    monkeypatch.setattr(UserRepository, "delete", cut_off)
    await api.agora.housekeeping.do_all()
    said = f"housekeeping: erasures of {parent.id} failed"
    assert [record.message for record in caplog.records] == [said]
    # Whole batches or nothing: the second was to be the two last.
    assert await _left(api) == ["Child6", "Child7"]
    assert len(await stored(api, "posts")) == 2

    await api.close()
    monkeypatch.undo()
    restarted = await harness.start(await open_storage("embedded", tmp_path))
    await restarted.agora.housekeeping.do_all()
    for name in ("users", "posts", "sessions", "erasures"):
        assert await stored(restarted, name) == [], name
    await restarted.close()


async def test_a_family_that_can_not_be_erased_keeps_no_other(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    first, of_first = await _join_parent(api, 4)
    assert (await _by_oneself(api, first)).status == 200
    second = await join(api, "second")
    for number in range(4):
        await join(api, f"other{number}", type="child", parent_id=ObjectId(second.id))
    assert (await _by_oneself(api, second)).status == 200
    delete = UserRepository.delete

    async def fail(users: UserRepository, user_id: ObjectId, *, tx: object) -> bool:
        if str(user_id) == of_first[-1].id:
            raise OSError("a document can't be read")
        return await delete(users, user_id, tx=tx)

    monkeypatch.setattr(UserRepository, "delete", fail)
    await api.agora.housekeeping.do_all()
    assert await _left(api) == ["Child3"]
    monkeypatch.undo()
    await api.agora.housekeeping.do_all()
    assert (await _left(api), await stored(api, "erasures")) == ([], [])


async def test_two_processes_that_go_on_at_once_erase_each_child_once(api: Api):
    parent, _ = await _join_parent(api, 9)
    staying = await join(api, "staying")
    assert (await _by_oneself(api, parent)).status == 200
    erasure = api.agora.services.accounts.erasure
    await asyncio.gather(*(erasure.go_on() for _ in range(4)))
    assert [str(user["_id"]) for user in await stored(api, "users")] == [staying.id]
    assert await stored(api, "erasures") == []


async def test_as_many_children_as_are_erased_together_leave_no_work(api: Api):
    parent, _ = await _join_parent(api, 3)
    assert (await _by_oneself(api, parent)).status == 200
    assert await stored(api, "users") == []
    assert await stored(api, "erasures") == []
