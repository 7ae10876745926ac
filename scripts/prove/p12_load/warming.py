"""Uses a server as it would be before anybody does harm: what is kept of that is no leak."""

import asyncio
import io
import random

from PIL import Image

from scripts.prove.http_client import HttpClient
from scripts.prove.p12_load.hostile import (
    Attacker,
    bomb,
    dawdlers,
    large_body,
    largest_allowed,
    odd_bodies,
    upload,
)
from scripts.prove.p12_load.watching import NormalClient
from scripts.server_process import Process

_SIDE = 700
# Of 1.5 MB each, more than the page caches of the store hold (10 and 20 MiB).
_PICTURES = 24


async def warm_up(
    server: Process,
    normal: NormalClient,
    slow: int,
    chance: random.Random,
) -> None:
    """Use everything once, with so many slow connections, and fill the caches.

    Caches keep what they hold, and Python the pages in which something of use is left.
    """
    await _fill_caches(server, normal.token, chance)
    attacker, is_over = Attacker(server.port, "127.0.5.1", normal.token), asyncio.Event()
    dawdling = dawdlers(server.port, normal.token, slow, is_over)
    for body in (upload(largest_allowed()), upload(bomb()), large_body(), *odd_bodies()):
        await attacker.post("/api/forum/create_picture/", body)
    is_over.set()
    await asyncio.gather(*dawdling)
    is_over = asyncio.Event()
    using = asyncio.create_task(normal.use(server.port, is_over))
    await asyncio.sleep(2)
    is_over.set()
    await using


async def _fill_caches(server: Process, token: str, chance: random.Random) -> None:
    """Upload pictures of noise, publish and read them."""
    async with HttpClient(server.port, address="127.0.5.2") as client:
        for _ in range(_PICTURES):
            made = await client.send(
                "POST", "/api/forum/create_picture/", upload(_noise(chance)), token=token
            )
            post = {"content": "A post.", "picture_names": [made.body["filename"]]}
            published = await client.post("/api/forum/create_post/", post, token=token)
            path = f"/api/forum/post_pictures/{published.body['postid']}/0/"
            await client.call("GET", path, token=token)


def _noise(chance: random.Random) -> bytes:
    """A PNG that can't be made smaller."""
    content = io.BytesIO()
    pixels = chance.randbytes(3 * _SIDE * _SIDE)
    Image.frombytes("RGB", (_SIDE, _SIDE), pixels).save(content, "png", compress_level=1)
    return content.getvalue()
