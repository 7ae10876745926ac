"""What every journey is watched for."""

from typing import Any

import pytest

from tests.conformance import check_answer
from tests.harness import Api, Reply


@pytest.fixture(autouse=True)
def _answers_are_those_of_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold every answer against the document of the API (docs/decisions/0018)."""
    call = Api.call

    async def checked(self: Api, method: str, path: str, *args: Any, **options: Any) -> Reply:
        reply = await call(self, method, path, *args, **options)
        kind = reply.headers.get("Content-Type", "")
        check_answer(method, path, reply.status, kind, reply.body)
        return reply

    monkeypatch.setattr(Api, "call", checked)
