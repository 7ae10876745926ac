"""What a request that is refused leaves behind: nothing."""

import gc

import pytest
from tornado.httputil import HTTPServerRequest

from tests.harness import Api


def _requests_in_memory() -> int:
    gc.collect()
    # By type: to ask a proxy of something that is gone what it is raises.
    return sum(type(each) is HTTPServerRequest for each in gc.get_objects())


@pytest.mark.parametrize("path", ["/nowhere", "/courses/%ED%A0%80", "/health"])
async def test_a_request_that_is_refused_does_not_stay_in_memory(api: Api, path: str):
    before = _requests_in_memory()
    for _ in range(10):
        reply = await api.post(path, {"text": "x" * 1000})
        assert reply.status in (404, 405)
    assert _requests_in_memory() - before < 5
