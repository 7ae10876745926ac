"""Uploading pictures and reading them (FORUM sections 7 and 9, FORUM-OLD section 7)."""

import asyncio
import base64
import re

import pytest
from bson import ObjectId

from repositories.pictures import PictureRepository
from services.pictures.images import POST_PICTURE
from tests.factories import as_base64, stored, upload
from tests.harness import Api, Reply
from tests.pictures import PNG, picture

NOT_FOUND = {"error": "Picture not found"}
# 255 KiB a chunk: three of them, the last one short.
LARGE = picture("PNG") + bytes(600_001)


async def _upload(api: Api, token: str | None, image_type: object, image_data: object) -> Reply:
    body = {"image_type": image_type, "image_data": image_data}
    return await api.post("/api/forum/create_picture/", body, token=token)


async def _read(api: Api, token: str, postid: object, index: object) -> Reply:
    body = {"postid": postid, "picture_index": index}
    return await api.post("/api/forum/get_picture/", body, token=token)


async def _posted(api: Api, token: str, *pictures: bytes) -> int:
    names = [await upload(api, token, data) for data in pictures]
    return await api.create_post(token, picture_names=names)


@pytest.mark.parametrize(
    ("kind", "extension"), [("JPEG", "jpg"), ("PNG", "png"), ("GIF", "gif"), ("WEBP", "webp")]
)
@pytest.mark.parametrize("declared", ["jpg", "jpeg", "PNG", "gif", "webp"])
async def test_the_real_format_names_the_file(api: Api, declared: str, kind: str, extension: str):
    token = await api.sign_in()
    reply = await _upload(api, token, declared, as_base64(picture(kind)))
    assert reply.status == 201
    assert reply.body.keys() == {"filename"}
    pattern = r"[0-9a-f]{40}-2025-01-18T10:00:00Z\." + extension
    assert re.fullmatch(pattern, reply.body["filename"])


@pytest.mark.parametrize(
    ("image_type", "image_data", "message"),
    [
        (None, as_base64(PNG), "Image type is required"),
        ("", as_base64(PNG), "Image type is required"),
        ("", "", "Image type is required"),
        ("png", None, "Image data is required"),
        ("png", "", "Image data is required"),
        ("svg", as_base64(PNG), "Image type must be jpg, jpeg, png, gif or webp"),
        ("image/png", as_base64(PNG), "Image type must be jpg, jpeg, png, gif or webp"),
        ("bmp", as_base64(picture("BMP")), "Image type must be jpg, jpeg, png, gif or webp"),
        ("png", "no base64!", "Invalid base64 data"),
        ("png", as_base64(PNG)[:-1], "Invalid base64 data"),
        ("png", "data:" + "a" * 100_000, "Invalid base64 data"),
        ("png", " \n", "Invalid image data"),
        ("png", as_base64(b"<svg/>"), "Invalid image data"),
        ("png", as_base64(picture("BMP")), "Invalid image data"),
        ("png", as_base64(PNG + bytes(POST_PICTURE.max_bytes)), "Image size exceeds 5MB"),
    ],
)
async def test_what_is_refused_is_not_kept(
    api: Api, image_type: object, image_data: object, message: str
):
    reply = await _upload(api, await api.sign_in(), image_type, image_data)
    assert (reply.status, reply.body) == (400, {"error": message})
    assert await stored(api, "pictures.files") == []
    assert await stored(api, "pictures.chunks") == []


async def test_a_picture_of_the_full_size_comes_back_whole(api: Api):
    token = await api.sign_in()
    data = PNG + bytes(POST_PICTURE.max_bytes - len(PNG))
    postid = await _posted(api, token, data)
    reply = await _read(api, token, postid, 0)
    assert base64.b64decode(reply.body["image"]) == data


async def test_names_differ_for_the_same_bytes_in_the_same_second(api: Api):
    token = await api.sign_in()
    names = await asyncio.gather(*(upload(api, token) for _ in range(10)))
    assert len(set(names)) == 10


async def test_an_upload_needs_a_token(api: Api):
    reply = await _upload(api, None, "png", as_base64(PNG))
    assert (reply.status, reply.body) == (401, {"error": "Access token is required"})
    assert await stored(api, "pictures.files") == []


async def test_pictures_are_counted_from_0_in_the_order_of_their_names(api: Api):
    token = await api.sign_in()
    pictures = [picture("GIF"), LARGE, picture("WEBP")]
    postid = await _posted(api, token, *pictures)
    for index, data in enumerate(pictures):
        reply = await _read(api, token, postid, index)
        assert (reply.status, reply.body.keys()) == (200, {"image"})
        assert base64.b64decode(reply.body["image"], validate=True) == data


@pytest.mark.parametrize("index", [-1, 1, -(2**63), 2**63 - 1])
async def test_an_index_without_a_picture_is_404(api: Api, index: int):
    token = await api.sign_in()
    reply = await _read(api, token, await _posted(api, token, PNG), index)
    assert (reply.status, reply.body) == (404, NOT_FOUND)


@pytest.mark.parametrize("postid", [0, -1, 99])
async def test_an_unknown_post_has_no_picture(api: Api, postid: int):
    token = await api.sign_in()
    await _posted(api, token, PNG)
    reply = await _read(api, token, postid, 0)
    assert (reply.status, reply.body) == (404, NOT_FOUND)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Postid is required"),
        ({"picture_index": 0}, "Postid is required"),
        ({"postid": 1}, "Picture index is required"),
        ({"postid": 1, "picture_index": None}, "Picture index is required"),
        ({"postid": 1, "picture_index": ""}, "Picture index is required"),
    ],
)
async def test_a_missing_field_is_400(api: Api, body: dict, message: str):
    reply = await api.post("/api/forum/get_picture/", body, token=await api.sign_in())
    assert (reply.status, reply.body) == (400, {"error": message})


async def test_the_older_clients_path_answers_the_same_json(api: Api):
    token = await api.sign_in()
    postid = await _posted(api, token, LARGE)
    path = f"/api/forum/post_pictures/{postid}/0/"
    for caller in ({"token": token}, {"body": {"Authorization": f"Bearer {token}"}}):
        reply = await api.post(path, **caller)
        assert reply.content == (await _read(api, token, postid, 0)).content


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (picture("JPEG"), "image/jpeg"),
        (LARGE, "image/png"),
        (picture("GIF"), "image/gif"),
        (picture("WEBP"), "image/webp"),
    ],
)
async def test_a_get_answers_the_picture_itself(api: Api, data: bytes, content_type: str):
    token = await api.sign_in()
    path = f"/api/forum/post_pictures/{await _posted(api, token, data)}/0"
    reply = await api.get(path, token=token)
    assert (reply.status, reply.content) == (200, data)
    assert reply.headers["Content-Type"] == content_type
    assert reply.headers["Content-Length"] == str(len(data))
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    head = await api.call("HEAD", path, token=token)
    assert (head.status, head.content) == (200, b"")
    for name in ("Content-Type", "Content-Length", "Etag"):
        assert head.headers[name] == reply.headers[name]


async def test_who_has_the_picture_already_gets_304(api: Api):
    token = await api.sign_in()
    postid = await _posted(api, token, PNG, PNG)
    path = f"/api/forum/post_pictures/{postid}/0/"
    etag = (await api.get(path, token=token)).headers["Etag"]
    for known in (etag, f'"x", {etag}', f"W/{etag}", "*"):
        reply = await api.get(path, token=token, headers={"If-None-Match": known})
        assert (reply.status, reply.content) == (304, b"")
        assert reply.headers["Etag"] == etag
    other = f"/api/forum/post_pictures/{postid}/1/"
    reply = await api.get(other, token=token, headers={"If-None-Match": etag})
    assert (reply.status, reply.content) == (200, PNG)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "place", ["1/-1", "1/1", "1/x", "x/0", "99/0", "0/0", "1/%30x", "1/" + "9" * 30, "1/²", "1/１"]
)
async def test_a_path_without_a_picture_is_404(api: Api, method: str, place: str):
    token = await api.sign_in()
    await _posted(api, token, PNG)
    reply = await api.call(method, f"/api/forum/post_pictures/{place}/", b"", token=token)
    assert (reply.status, reply.body) == (404, NOT_FOUND)


async def test_a_picture_that_goes_while_it_is_asked_for_is_404(api: Api):
    token = await api.sign_in()
    postid = await _posted(api, token, PNG)
    (file,) = await stored(api, "pictures.files")
    await api.agora.storage.bucket("pictures").delete(file["_id"])
    assert (await _read(api, token, postid, 0)).body == NOT_FOUND
    reply = await api.get(f"/api/forum/post_pictures/{postid}/0/", token=token)
    assert (reply.status, reply.body) == (404, NOT_FOUND)


async def test_uploads_that_no_post_takes_are_deleted_after_a_day(api: Api):
    token = await api.sign_in()
    await _posted(api, token, LARGE)
    await upload(api, token, LARGE)
    (unused,) = [f for f in await stored(api, "pictures.files") if not f["metadata"]["used_by"]]
    api.clock.now = unused["uploadDate"]
    api.clock.advance(days=1)
    assert await api.agora.services.pictures.delete_unused() == 0
    api.clock.advance(seconds=1)
    assert await api.agora.services.pictures.delete_unused() == 1
    assert len(await stored(api, "pictures.files")) == 1
    assert len(await stored(api, "pictures.chunks")) == 3


async def test_an_upload_that_can_not_be_deleted_keeps_no_other(
    api: Api, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("services.pictures.pictures._SLICE", 1)
    token = await api.sign_in()
    for _ in range(3):
        await upload(api, token)
    files = await stored(api, "pictures.files")
    api.clock.now = files[-1]["uploadDate"]
    api.clock.advance(days=1, seconds=1)
    damaged, delete = files[0]["_id"], PictureRepository.delete

    async def fail(pictures: PictureRepository, picture_ids: list[ObjectId], *, tx: object) -> None:
        if damaged in picture_ids:
            raise OSError("a chunk can't be read")
        await delete(pictures, picture_ids, tx=tx)

    monkeypatch.setattr(PictureRepository, "delete", fail)
    assert await api.agora.services.pictures.delete_unused() == 2
    (left,) = await stored(api, "pictures.files")
    assert (left["_id"], left["metadata"]["used_by"]) == (damaged, None)
    assert [record.message for record in caplog.records] == [
        f"housekeeping: pictures of {damaged} failed"
    ]
