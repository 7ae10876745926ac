"""What schemathesis makes of the document is sent to every operation: nothing breaks or lies."""

import asyncio
import itertools
import json
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from handlers.routes import ROUTES
from tests import harness
from tests.conformance import document
from tests.factories import change_user
from tests.harness import Api

_PATHS = {route.path for route in ROUTES}
# Those that ask whether the answer is one that the document has. Whether every body that a
# schema allows is taken is not asked: what business rules refuse is no schema's to say.
_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# With as few examples as fit into a run of all tests; `python -m scripts.prove P15` sends more.
_EXAMPLES = 2


def _operations() -> list[Any]:
    """The operations by their own paths; aliases lead to the same handlers."""
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(document())))
    operations = []
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operations.append(found.ok())
    return [operation for operation in operations if operation.path in _PATHS]


class Server:
    """The application in a thread of its own: the cases are sent by a client that blocks."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._names = map("tester{}".format, itertools.count())
        # With Google set up, or its routes could only answer 503.
        self.api = self.run(harness.start(google_client_id="id", google_client_secret="secret"))
        self.token()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """What comes of something that is done in the server's thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def token(self) -> str:
        """The token of a new superadmin, whom an operation may delete or sign out."""

        async def sign_in(api: Api, name: str) -> str:
            token = await api.sign_in(name)
            await change_user(api, name, roles=["user", "superadmin"])
            return token

        token: str = self.run(sign_in(self.api, next(self._names)))
        return token

    def stop(self) -> None:
        """End the application and the thread."""
        self.run(self.api.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.stop()


def _tried(server: Server, operation: Any, token: str, mode: GenerationMode) -> Callable[[], None]:
    @settings(max_examples=_EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        response = case.call(base_url=server.api.base_url, headers=headers)
        case.validate_response(response, checks=_CHECKS)

    return run


@pytest.mark.parametrize("operation", _operations(), ids=lambda operation: operation.label)
def test_what_the_document_allows_is_answered_as_it_says(server: Server, operation: Any):
    _tried(server, operation, server.token(), GenerationMode.POSITIVE)()


@pytest.mark.parametrize(
    "operation",
    [operation for operation in _operations() if operation.body or operation.query],
    ids=lambda operation: operation.label,
)
def test_what_the_document_forbids_is_refused_as_it_says(server: Server, operation: Any):
    _tried(server, operation, server.token(), GenerationMode.NEGATIVE)()
