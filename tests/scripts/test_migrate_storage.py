"""`python -m scripts.migrate_storage` copies everything, can be cut off, and compares."""

import asyncio
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bson import Int64, ObjectId

from repositories.embedded.errors import StoreUnavailable
from repositories.indexes import INDEXES
from repositories.migration import Migration
from repositories.pictures import PictureRepository
from repositories.storage import open_storage
from scripts import migrate_storage, seed
from tests.scripts.checking import change, checked
from tests.storage.contract import nx

LATER = datetime(2125, 1, 18, 10, 0, tzinfo=UTC)
PICTURE = ObjectId("65a8f0000000000000000007")


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the documents' examples, some more posts and a large picture."""
    seeded = tmp_path_factory.mktemp("seeded")
    assert seed.main([f"--data-dir={seeded}", "--scale=20", "--bcrypt-cost=4"]) == 0

    async def show_picture(storage: Any) -> None:
        post = await storage["posts"].find_one_and_update(
            {"postid": 1}, {"$push": {"picture_ids": PICTURE}}
        )
        metadata = {"used_by": post["_id"], "owner_id": post["author_id"]}
        content = bytes(range(256)) * 3000
        await PictureRepository(storage).insert(PICTURE, "p.png", content, metadata, tx=None)

    change(seeded, show_picture)
    return seeded


@pytest.fixture
def source(seeded: Path, tmp_path: Path) -> Path:
    """One of these of a test's own."""
    return Path(shutil.copytree(seeded, tmp_path / "source"))


@pytest.fixture(scope="module")
def nx_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that speaks MongoDB's wire protocol."""
    with nx.running_server(tmp_path_factory.mktemp("nx")) as port:
        yield f"mongodb://127.0.0.1:{port}"


def migrated(source: Path | str, target: Path | str, *more: str) -> int:
    return migrate_storage.main([str(source), str(target), *more])


def documents(data_dir: Path) -> dict[str, Any]:
    """Every document that there is, by collection and id."""

    async def read(storage: Any) -> dict[str, Any]:
        found = {
            name: {str(each["_id"]): each async for each in storage[name].find({})}
            for name in await storage.collection_names()
        }
        return {name: each for name, each in found.items() if each}

    return dict(change(data_dir, read))


def checksums(output: str) -> list[str]:
    return [line for line in output.splitlines() if ", checksum " in line]


def test_an_embedded_store_is_copied_whole(source, tmp_path, capsys):
    target = tmp_path / "target"
    before = documents(source)
    assert migrated(source, target) == 0
    output = capsys.readouterr().out
    assert len(checksums(output)) == len(before) - 1  # chunks are a part of their files
    assert f"are in {target}, the same as in FROM" in output
    assert documents(target) == before
    assert len(before["pictures.chunks"]) >= 3
    assert checked(target, capsys) == (0, ["No problems were found."])

    async def indexes(storage: Any) -> dict[str, set[str]]:
        return {name: set(await storage[name].index_information()) for name in INDEXES}

    found = change(target, indexes)
    for collection, models in INDEXES.items():
        assert {model.document["name"] for model in models} <= found[collection]


def test_there_and_back_over_the_wire_gives_the_same_checksums(nx_url, tmp_path, capsys):
    source, back = tmp_path / "source", tmp_path / "back"
    at = datetime(2025, 1, 18, 10, 0, tzinfo=UTC)

    async def fill(storage: Any) -> None:
        # What the known differences 110, 114 and 117 leave of a store.
        posts = [
            {"_id": ObjectId(), "postid": number, "author_id": ObjectId(), "content": "世界"}
            for number in range(501)  # one more than a batch
        ]
        await storage["posts"].insert_many([{**post, "at": at, "tags": []} for post in posts])
        await storage["likes"].insert_one({"user_id": ObjectId(), "postid": 1, "n": None})
        await storage["sessions"].insert_one({"refresh_hash": b"\0\1", "expires_at": LATER})
        await storage["numbers"].insert_one({"_id": "posts", "last": 501})

    change(source, fill)
    there = f"{nx_url}/agora_there_and_back"
    assert migrated(source, there, "--allow-standalone") == 0
    of_source = checksums(capsys.readouterr().out)
    assert len(of_source) == 4
    asyncio.run(drop_imitated_files(there))
    assert migrated(there, back, "--allow-standalone") == 0
    assert checksums(capsys.readouterr().out) == of_source
    assert documents(back) == documents(source)


async def drop_imitated_files(url: str) -> None:
    """Drop what the server makes of GridFS's indexes, which it can't read (difference 110)."""
    storage: Any = await open_storage(url, Path(), allow_standalone=True)
    for name in ("pictures_files", "pictures_chunks"):
        await storage[name].drop()
    await storage.close()


class CutOff(Exception):
    """What ends a copy in its midst."""


async def half_a_picture(migration: Migration, chunks: str, file: Any) -> None:
    found = migration._source[chunks].find({"files_id": file["_id"]})
    await migration._target[chunks].insert_one((await found.to_list(1))[0])
    raise CutOff


async def stop(*_: Any) -> None:
    raise CutOff


@pytest.mark.parametrize(
    ("step", "cut"),
    [
        ("_copy_chunks", half_a_picture),
        ("_missing", stop),
        ("make_indexes", stop),
    ],
)
def test_a_copy_that_was_cut_off_goes_on(source, tmp_path, capsys, monkeypatch, step, cut):
    target, before = tmp_path / "target", documents(source)
    with monkeypatch.context() as patched:
        patched.setattr(Migration, step, cut)
        with pytest.raises(CutOff):
            migrated(source, target)

    assert migrated(source, target) == 2
    assert "TO has half a copy of FROM. Go on with --resume." in capsys.readouterr().err
    other = shutil.copytree(source, tmp_path / "other")
    assert migrated(other, target, "--resume") == 2
    assert f"TO has half a copy of {source}" in capsys.readouterr().err
    assert migrated(target, tmp_path / "third") == 2
    assert "FROM is half a copy itself" in capsys.readouterr().err
    assert migrated(source, target, "--resume") == 0
    assert documents(target) == before


def test_a_storage_that_gives_out_meanwhile_is_told_and_the_copy_goes_on(
    source, tmp_path, capsys, monkeypatch
):
    target, before = tmp_path / "target", documents(source)

    async def give_out(*_: Any) -> None:
        raise StoreUnavailable("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(Migration, "_missing", give_out)
        assert migrated(source, target) == 1
    told = "The disk is full. What was copied stays: go on with --resume.\n"
    assert capsys.readouterr().err.endswith(told)
    assert migrated(source, target, "--resume") == 0
    assert documents(target) == before


def test_a_target_that_can_not_make_the_indexes_stays_unfinished(tmp_path, capsys):
    source, target = tmp_path / "source", tmp_path / "target"

    async def twice(storage: Any) -> None:
        await storage["posts"].insert_many([{"postid": 1}, {"postid": 1}])

    change(source, twice)
    assert migrated(source, target) == 1
    said = capsys.readouterr().err
    assert "can't make the indexes of posts" in said
    assert said.endswith("TO has every document, and is unfinished: go on with --resume.\n")
    assert migrated(source, target) == 2


def test_a_document_that_changed_since_it_was_copied_is_noticed(source, tmp_path, capsys):
    target = tmp_path / "target"
    assert migrated(source, target) == 0

    async def begin_again(storage: Any) -> None:
        await storage["migration"].insert_one({"_id": 1, "source": str(source)})
        await storage["posts"].update_one({"postid": 1}, {"$set": {"content": "Changed."}})
        await storage["pictures.chunks"].update_one(
            {"files_id": PICTURE, "n": 1}, {"$set": {"data": b"other"}}
        )

    change(target, begin_again)
    capsys.readouterr()
    assert migrated(source, target, "--resume") == 1
    told = capsys.readouterr().err
    assert "posts differs: FROM has" in told
    assert "pictures.files differs: FROM has" in told


def test_a_target_that_is_not_empty_is_refused(source, seeded, tmp_path, capsys):
    other = Path(shutil.copytree(seeded, tmp_path / "other"))
    before = documents(other)
    assert migrated(source, other) == 2
    assert "TO is not empty" in capsys.readouterr().err
    assert migrated(source, other, "--resume") == 2
    assert "TO is not empty" in capsys.readouterr().err
    assert documents(other) == before
    assert migrated(source, tmp_path / "new", "--resume") == 2
    assert "There is nothing to resume in TO" in capsys.readouterr().err


def test_a_dry_run_tells_what_there_is_and_makes_nothing(source, tmp_path, capsys):
    assert migrated(source, tmp_path / "target", "--dry-run") == 0
    output = capsys.readouterr().out
    posts = len(documents(source)["posts"])
    assert f"posts: {posts} documents\n" in output
    assert f"documents would be copied to {tmp_path / 'target'}." in output
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("nowhere", "target", "There is no store in nowhere"),
        ("mongodb://127.0.0.1:9/agora", "mongodb://me:pw@127.0.0.1:9/agora", "are the same"),
    ],
)
def test_what_can_not_be_copied(tmp_path, capsys, source, target, message):
    assert migrated(source, target) == 2
    assert message in capsys.readouterr().err


async def test_a_store_that_a_server_uses_is_not_copied(source, tmp_path, capsys):
    server = await open_storage("embedded", source)
    assert await asyncio.to_thread(migrated, source, tmp_path / "target") == 2
    await server.close()
    assert "is in use. Stop the server" in capsys.readouterr().err


def test_numbers_keep_their_type(tmp_path):
    async def fill(storage: Any) -> None:
        await storage["things"].insert_one({"_id": 1, "n": Int64(5), "x": 5.0, "b": True})

    change(tmp_path / "source", fill)
    assert migrated(tmp_path / "source", tmp_path / "target") == 0
    thing = documents(tmp_path / "target")["things"]["1"]
    assert [type(thing[name]) for name in ("n", "x", "b")] == [Int64, float, bool]


def test_what_expires_meanwhile_is_copied_and_not_compared(tmp_path, capsys, monkeypatch):
    source, target = tmp_path / "source", tmp_path / "target"

    async def fill(storage: Any) -> None:
        for number, expires_at in enumerate((datetime.now(UTC), LATER)):
            session = {"_id": number, "refresh_hash": number, "expires_at": expires_at}
            await storage["sessions"].insert_one(session)

    async def expire(self: Migration, collection: str, progress: Any) -> Any:
        await self._source[collection].delete_one({"_id": 0})
        return await compared(self, collection, progress)

    change(source, fill)
    compared = Migration.compared
    monkeypatch.setattr(Migration, "compared", expire)
    assert migrated(source, target) == 0
    assert checksums(capsys.readouterr().out)[0].startswith("sessions: 1 documents, ")
    assert set(documents(target)["sessions"]) == {"0", "1"}
