"""Every route and alias, times every caller, against the table of expectations."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import bson

from config.bootstrap import Agora
from handlers.routing import Route
from scripts.prove.p10_access.callers import CALLERS, NONE, RUBBISH, Callers
from scripts.prove.p10_access.expected import EXPECTED, Row
from scripts.prove.p10_access.things import UNKNOWN_ID, Call, Ids, Things

_LET_IN = "let in"
_CALLER = "caller"
#: What signing in and being refused write: sessions, and counts of attempts.
_NOISE = {"sessions", "throttles"}
#: A missing field is 401 there, as documented; it is no word about the caller.
_401_OF_ITS_OWN = {"POST /api/register/", "POST /api/token/refresh/", "POST /api/login/"}
_401_OF_ITS_OWN |= {"POST /api/v1/auth/refresh"}
_ENDS_SESSIONS = {"POST /api/logout/", "POST /api/v1/auth/logout"}


@dataclass
class Cells:
    """What came of the cells."""

    routes: int = 0
    paths: int = 0
    cells: int = 0
    things: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)


def unlisted(routes: Iterable[Route], expected: Mapping[str, Any] = EXPECTED) -> list[str]:
    """What is served without a row, and rows without what they are about."""
    served = {f"{route.method} {route.path}" for route in routes}
    missing = [f"{key} has no row" for key in sorted(served - expected.keys())]
    return missing + [f"{key} is not served" for key in sorted(expected.keys() - served)]


class Matrix:
    """Tries the cells on a running application, whose store it looks into."""

    def __init__(self, agora: Agora, call: Call):
        self._agora = agora
        self._call = call
        self._callers = Callers(agora)
        self._things = Things(agora, self._callers, call)
        self.cells = Cells()

    async def run(self, routes: Iterable[Route]) -> Cells:
        """Try all of them."""
        for kind in CALLERS[2:]:
            await self._callers.make(kind)
        await self._things.prepare()
        for route in routes:
            key = f"{route.method} {route.path}"
            self.cells.routes += 1
            self.cells.paths += len(route.paths)
            for row in EXPECTED.get(key, ()):
                for path in route.paths:
                    await self._row(key, path, row)
        return self.cells

    async def _row(self, key: str, path: str, row: Row) -> None:
        """Everybody who is to be refused, with one look at the store, then who is let in."""
        ids = await self._ids(row)
        before = await self._contents()
        for caller in CALLERS:
            if caller not in row.let_in:
                await self._refused(key, path, row, caller, ids)
        if await self._contents() != before:
            self.cells.wrong.append(f"{key} at {path}: a refused request changed the store")
        for caller in CALLERS:
            if caller in row.let_in:
                await self._let_in(key, path, row, caller)

    async def _ids(self, row: Row) -> Ids:
        if not row.thing or row.thing == _CALLER:
            return {"user": str(self._callers.accounts["user"].id)}
        self.cells.things += 1
        return await self._things.make(row.thing)

    async def _refused(self, key: str, path: str, row: Row, caller: str, ids: Ids) -> None:
        expected = 401 if caller in (NONE, RUBBISH) else row.told
        if expected != 401 and caller not in EXPECTED[key][0].let_in:
            expected = 403
        status = await self._send(key, path, row, caller, ids)
        self.cells.refused += 1
        if status != expected:
            self._blame(key, path, row, caller, status, str(expected))

    async def _let_in(self, key: str, path: str, row: Row, caller: str) -> None:
        ids = await self._ids(row)
        status = await self._send(key, path, row, caller, ids)
        if row.thing:
            is_right = status in (200, 201, 204)
        else:
            own = {401} if key in _401_OF_ITS_OWN else set()
            is_right = status < 500 and status not in {401, 403, 405} - own
            is_right |= status == 503  # Google is not set up
        if not is_right:
            self._blame(key, path, row, caller, status, _LET_IN)

    def _blame(
        self, key: str, path: str, row: Row, caller: str, status: int, expected: str
    ) -> None:
        about = f" on {row.thing} {dict(row.body) or ''}{row.query}" if row.thing else ""
        self.cells.wrong.append(f"{key} at {path}{about}: {caller} got {status}, not {expected}")

    async def _send(self, key: str, path: str, row: Row, caller: str, ids: Ids) -> int:
        self.cells.cells += 1
        method = key.partition(" ")[0]
        if row.thing == _CALLER and caller in self._callers.accounts:
            ids = ids | {"user_id": str(self._callers.accounts[caller].id)}
        token = await self._token(key, caller)
        body = None if method == "GET" else _with_ids(row.body, ids)
        status, _ = await self._call(method, _filled(path + row.query, ids), body, token)
        if key in _ENDS_SESSIONS:
            self._callers.forget(caller)
        return status

    async def _token(self, key: str, caller: str) -> str | None:
        if key == "DELETE /api/user/" and caller not in (NONE, RUBBISH):
            return await self._callers.token_of(await self._callers.make(caller))
        return await self._callers.token(caller)

    async def _contents(self) -> dict[str, str]:
        """A digest of each collection, but for those that every sign-in writes."""
        digests = {}
        for name in await self._agora.storage.collection_names():
            if name not in _NOISE:
                digest = hashlib.sha256()
                async for document in self._agora.storage[name].find({}).sort("_id", 1):
                    digest.update(bson.encode(document))
                digests[name] = digest.hexdigest()
        return digests


def _filled(path: str, ids: Ids) -> str:
    """A path with the ids that are known, and one that nothing has for each other."""
    return re.sub(r"\{([a-z_]+)\}", lambda found: str(ids.get(found[1], UNKNOWN_ID)), path)


def _with_ids(body: Any, ids: Ids) -> Any:
    """A body with an id in the place of each "{name}"."""
    if isinstance(body, str) and body.strip("{}") in ids:
        return ids[body.strip("{}")]
    if isinstance(body, str):
        return re.sub(r"\{([a-z_]+)\}", lambda found: str(ids[found[1]]), body)
    if isinstance(body, list):
        return [_with_ids(each, ids) for each in body]
    if isinstance(body, Mapping):
        return {name: _with_ids(value, ids) for name, value in body.items()}
    return body
