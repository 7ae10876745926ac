"""Servers that share a storage agree at once on who is shut out (issue 4, "Bars")."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from repositories.storage import open_storage
from tests import harness
from tests.harness import Api
from tests.sociox.people import ADMIN, PASSWORD, join, join_as


@pytest.fixture
def servers(io_loop: IOLoop, tmp_path: Path) -> Iterator[list[Api]]:
    """Two servers over one data directory, each with a store of its own."""

    async def start() -> list[Api]:
        return [await harness.start(await open_storage("embedded", tmp_path)) for _ in range(2)]

    running = io_loop.run_sync(start)
    yield running
    for api in running:
        io_loop.run_sync(api.close)


async def test_the_next_request_is_refused_by_the_other_server_too(servers: list[Api]):
    here, there = servers
    admin, user = await join_as(here, "admin"), await join_as(here, "user")
    profile = "/api/v1/auth/profile"
    login = {"email": user.email, "password": PASSWORD}
    for _ in range(10):
        token = (await there.post("/api/v1/auth/login", login)).body["token"]
        assert (await there.get(profile, token=token)).status == 200
        shut_out = await here.get(f"{ADMIN}/users/{user.id}/deactivate", token=admin.token)
        assert shut_out.status == 200
        assert (await there.get(profile, token=token)).status == 401
        assert (await there.post("/api/v1/auth/login", login)).status == 403
        let_in = await there.get(f"{ADMIN}/users/{user.id}/reactivate", token=admin.token)
        assert let_in.status == 200


async def test_superadmins_who_deactivate_each_other_by_two_servers_leave_one(
    servers: list[Api],
):
    first, second = [await join(servers[0], name, roles=["user", "superadmin"]) for name in "ab"]
    replies = await asyncio.gather(
        servers[0].post(f"{ADMIN}/users/{second.id}/deactivate", token=first.token),
        servers[1].post(f"{ADMIN}/users/{first.id}/deactivate", token=second.token),
    )
    statuses = sorted(reply.status for reply in replies)
    assert statuses[0] == 200
    assert statuses[1] in (401, 403)
