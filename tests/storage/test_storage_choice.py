"""`--storage`: which engine it picks, and what it refuses, with what to do about it."""

import errno
import socket
from datetime import UTC, datetime

import pytest

from repositories import storage as storage_module
from repositories.storage import EmbeddedStorage, StorageRefused, open_storage
from scripts import check
from tests import harness


async def test_embedded_keeps_a_file_in_the_data_directory(tmp_path):
    for found in (None, {"_id": 1}):
        storage = await open_storage("embedded", tmp_path / "data")
        assert isinstance(storage, EmbeddedStorage)
        assert storage.has_transactions
        assert await storage["things"].find_one() == found
        if found is None:
            await storage["things"].insert_one({"_id": 1})
        await storage.close()
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["agora.db"]


async def test_memory_keeps_nothing_and_writes_nothing_there(tmp_path):
    for _ in range(2):
        storage = await open_storage("memory", tmp_path)
        assert storage.has_transactions
        assert await storage["things"].find_one() is None
        await storage["things"].insert_one({"_id": 1})
        await storage.close()
    assert list(tmp_path.iterdir()) == []


async def test_a_file_that_is_no_store_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "agora.db").write_text("my diary")
    with pytest.raises(StorageRefused) as refusal:
        await open_storage("embedded", tmp_path)
    assert str(refusal.value) == (
        f"{tmp_path}/agora.db is not a store of Agora, nor any SQLite database. Move it away, or "
        "name another --data-dir."
    )


async def test_mongodb_without_a_replica_set_is_refused_with_how_to_make_one(nx_url, tmp_path):
    with pytest.raises(StorageRefused) as refusal:
        await open_storage(nx_url, tmp_path)
    assert str(refusal.value) == (
        "This MongoDB is a standalone server, and Agora needs transactions, which need a replica "
        "set. One server is enough for one: start mongod with --replSet rs0, run rs.initiate() "
        "once in mongosh, and add ?replicaSet=rs0 to --storage. --allow-standalone accepts the "
        "server as it is, without transactions."
    )


async def test_allow_standalone_accepts_it_and_says_what_is_lost(nx_url, tmp_path, caplog):
    storage = await open_storage(nx_url, tmp_path, allow_standalone=True)
    assert not storage.has_transactions
    assert [record.message for record in caplog.records if record.name == "agora.storage"] == [
        "MongoDB without a replica set may lose what it acknowledged last when it is killed, and "
        "has no transactions: what takes several documents (an order with its stock and its key, "
        "a post with its pictures, deleting an account, a code with its SMS) may be half done "
        "after a crash. The promises P1, P2, P4, P5, P6 and P11 of docs/reliability.md do not hold."
    ]
    await storage["things"].insert_one({"_id": 1})
    await storage.close()
    again = await open_storage(nx_url, tmp_path, allow_standalone=True)
    assert await again["things"].find_one() == {"_id": 1}
    await again.close()


async def test_a_mongodb_that_does_not_answer_is_refused_soon(tmp_path, monkeypatch):
    monkeypatch.setattr(storage_module, "_CONNECT_SECONDS", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # and does not listen
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        url = f"mongodb://agora:a-password@{host}/test"
        with pytest.raises(StorageRefused) as refusal:
            await open_storage(url, tmp_path)
    assert str(refusal.value) == (
        "MongoDB can't be used at --storage. Start it, or correct the URL. "
        f"({host}: [Errno {errno.ECONNREFUSED}] Connection refused)"
    )


@pytest.mark.parametrize("url", ["mongodb://", "mongodb://a:b:c@x/", "mongodb://x:port/"])
async def test_a_url_that_is_none_is_refused(url, tmp_path):
    with pytest.raises(StorageRefused, match=r"^--storage: "):
        await open_storage(url, tmp_path)


def test_on_mongodb_only_the_documents_are_checked(nx_url, capsys):
    assert check.main([f"--storage={nx_url}", "--allow-standalone=true"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Only what the documents say is checked; the storage itself is MongoDB's.",
        "No problems were found.",
    ]


async def test_the_forum_runs_on_a_standalone_server(nx_url, tmp_path):
    storage = await open_storage(nx_url, tmp_path, allow_standalone=True)
    api = await harness.start(storage)
    # The server's TTL indexes go by the real time.
    api.clock.now = datetime.now(UTC)
    try:
        await _use_the_forum(api)
    finally:
        await api.close()


async def _use_the_forum(api: harness.Api) -> None:
    # No pictures: the server has its own idea of GridFS (known difference 110).
    ann, bob = await api.sign_in("13800138000"), await api.sign_in("13900139000")
    postid = await api.create_post(ann, "On a standalone server.")
    for token in (ann, bob):
        reply = await api.post("/api/forum/like_post/", {"postid": postid}, token=token)
        assert reply.status == 200, reply
    assert reply.body == {"likes": 2, "isliked": True}
    answer = {"postid": postid, "reply_content": "It works."}
    reply = await api.post("/api/forum/reply_post/", answer, token=bob)
    assert (reply.status, reply.body["reply_count"]) == (200, 1)
    reply = await api.post("/api/forum/posts/", token=bob)
    assert reply.status == 200
    (post,) = reply.body["posts"]
    shown = {name: post[name] for name in ("postid", "username", "content", "likes", "replies")}
    assert shown == {
        "postid": postid,
        "username": "138****8000",
        "content": "On a standalone server.",
        "likes": 2,
        "replies": 1,
    }
    reply = await api.post("/api/logout/", token=ann)
    assert reply.status == 200
    assert (await api.post("/api/forum/posts/", token=ann)).status == 401
