"""`python -m scripts.backup` and `scripts.restore`: one moment, whole, or nothing."""

import asyncio
import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from repositories.embedded import CannotOpenStore
from repositories.pictures import PictureRepository
from repositories.storage import open_storage
from scripts import backup, restore
from tests.scripts.checking import change, checked

SECRET = "s" * 64
SEEDED = ("--scale=20",)


@pytest.fixture
def data_dir(data_dir: Path) -> Path:
    """One of them with a secret."""
    (data_dir / "jwt-secret").write_text(SECRET)
    return data_dir


def backed_up(data_dir: Path, target: Path, *more: str) -> int:
    return backup.main([str(target), f"--data-dir={data_dir}", *more])


def restored(source: Path, data_dir: Path, *more: str) -> int:
    return restore.main([str(source), f"--data-dir={data_dir}", *more])


def documents(data_dir: Path) -> dict[str, list[Any]]:
    """Every document, by collection."""

    async def read(storage: Any) -> dict[str, list[Any]]:
        names = await storage.collection_names()
        return {name: await storage[name].find({}).to_list(None) for name in names}

    return change(data_dir, read)


def test_what_is_restored_is_what_was_backed_up(data_dir, tmp_path, capsys):
    before = documents(data_dir)
    target, elsewhere = tmp_path / "backups" / "monday", tmp_path / "elsewhere"
    assert backed_up(data_dir, target) == 0
    count = sum(map(len, before.values()))
    assert capsys.readouterr().out.startswith(f"{count:,} documents in {len(before)} collections")
    assert [path.name for path in sorted(target.iterdir())] == ["agora.db", "manifest.json"]
    assert [path.name for path in target.parent.iterdir()] == ["monday"]

    assert restored(target, elsewhere) == 0
    assert capsys.readouterr().out.startswith(f"{count:,} documents in {len(before)} collections")
    assert [path.name for path in elsewhere.iterdir()] == ["agora.db"]
    assert documents(elsewhere) == before
    assert checked(elsewhere, capsys) == (0, ["No problems were found."])


def test_the_manifest_counts_documents_and_tells_of_the_secret(data_dir, tmp_path):
    counts = {name: len(found) for name, found in documents(data_dir).items()}
    assert backed_up(data_dir, tmp_path / "backup") == 0
    content = (tmp_path / "backup" / "manifest.json").read_text()
    manifest = json.loads(content)
    assert manifest["collections"] == counts
    assert manifest["jwt_secret"] == "left out"
    assert SECRET not in content


def test_the_secret_comes_along_when_it_is_asked_for(data_dir, tmp_path, capsys):
    target, elsewhere = tmp_path / "backup", tmp_path / "elsewhere"
    assert backed_up(data_dir, target, "--with-secret") == 0
    assert "keep it as safe as the passwords" in capsys.readouterr().out
    assert restored(target, elsewhere) == 0
    secret = elsewhere / "jwt-secret"
    assert secret.read_text() == SECRET
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(target.stat().st_mode) == 0o700


def test_a_directory_without_a_secret_has_none_to_include(data_dir, tmp_path, capsys):
    (data_dir / "jwt-secret").unlink()
    assert backed_up(data_dir, tmp_path / "backup", "--with-secret") == 0
    assert "There is no secret in the data directory" in capsys.readouterr().out


async def test_sixteen_writers_do_not_tear_a_backup(data_dir, tmp_path, capsys):
    server = await open_storage("embedded", data_dir)
    pictures, acknowledged = PictureRepository(server), []

    async def write(writer: int) -> None:
        while not copied.done():
            number = ObjectId()
            async with server.transaction() as tx:
                await server["pairs"].insert_one({"_id": number, "writer": writer}, session=tx)
                await server["pairs_too"].insert_one({"_id": number}, session=tx)
                metadata = {"used_by": None, "owner_id": number}
                await pictures.insert(number, f"{number}.png", b"p" * 300_000, metadata, tx=tx)
            acknowledged.append(number)

            if len(acknowledged) == 50:
                enough.set()

    copied: asyncio.Future = asyncio.get_running_loop().create_future()
    enough = asyncio.Event()
    writers = [asyncio.create_task(write(number)) for number in range(16)]
    await enough.wait()
    before_start, began = set(acknowledged), len(acknowledged)
    code = await asyncio.to_thread(backed_up, data_dir, tmp_path / "backup")
    copied.set_result(None)
    await asyncio.gather(*writers)
    await server.close()
    assert code == 0
    assert len(acknowledged) > began

    # Others run their own loops here, so in a thread.
    elsewhere = tmp_path / "elsewhere"
    assert await asyncio.to_thread(restored, tmp_path / "backup", elsewhere) == 0
    found = await asyncio.to_thread(documents, elsewhere)
    pairs = {pair["_id"] for pair in found["pairs"]}
    assert before_start <= pairs
    assert pairs == {pair["_id"] for pair in found["pairs_too"]}
    of_writers = [each for each in found["pictures.files"] if each["metadata"]["used_by"] is None]
    assert pairs == {picture["_id"] for picture in of_writers}
    capsys.readouterr()
    assert await asyncio.to_thread(checked, elsewhere, capsys) == (0, ["No problems were found."])


def test_a_backup_that_was_cut_off_is_refused(data_dir, tmp_path, capsys):
    target = tmp_path / "backup"
    assert backed_up(data_dir, target) == 0
    (target / "manifest.json").unlink()
    target.rename(tmp_path / "backup.unfinished")
    assert restored(tmp_path / "backup.unfinished", tmp_path / "elsewhere") == 1
    assert "or one that was cut off: it has no manifest.json" in capsys.readouterr().err
    assert not (tmp_path / "elsewhere").exists()
    assert backed_up(data_dir, target) == 2
    assert f"{target}.unfinished is there" in capsys.readouterr().err


def flip_a_byte(backup: Path) -> None:
    content = bytearray((backup / "agora.db").read_bytes())
    content[len(content) // 2] ^= 1
    (backup / "agora.db").write_bytes(content)


def lose_the_store(backup: Path) -> None:
    (backup / "agora.db").unlink()


def claim(**changes: Any) -> Any:
    def change(backup: Path) -> None:
        manifest = json.loads((backup / "manifest.json").read_text())
        (backup / "manifest.json").write_text(json.dumps({**manifest, **changes}))

    change.__name__ = "claim_" + "_".join(changes)
    return change


def spoil_the_manifest(backup: Path) -> None:
    (backup / "manifest.json").write_text('{"format": 1')


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (flip_a_byte, "agora.db is damaged: it is not what was backed up"),
        (lose_the_store, "agora.db is missing"),
        (claim(collections={"posts": 3}), "It has other documents than its manifest says"),
        (claim(format=2), "has format 2, and this Agora knows format 1"),
        (claim(files={}), "does not name the files of a backup"),
        (claim(files={"../x": {"bytes": 1, "sha256": ""}}), "does not name the files of a backup"),
        (spoil_the_manifest, "manifest.json is damaged"),
    ],
)
def test_a_damaged_backup_changes_nothing(data_dir, tmp_path, capsys, spoil, message):
    target = tmp_path / "backup"
    assert backed_up(data_dir, target) == 0
    spoil(target)
    before = documents(data_dir)
    assert restored(target, data_dir, "--force") == 1
    assert message in capsys.readouterr().err
    assert documents(data_dir) == before
    assert sorted(path.name for path in data_dir.iterdir()) == ["agora.db", "jwt-secret"]


def test_a_store_that_is_there_is_only_replaced_by_force(data_dir, tmp_path, capsys):
    target = tmp_path / "backup"
    assert backed_up(data_dir, target) == 0
    as_backed_up = documents(data_dir)
    change(data_dir, lambda storage: storage["posts"].delete_many({"postid": {"$gt": 3}}))
    since_then = documents(data_dir)
    assert since_then != as_backed_up
    assert restored(target, data_dir) == 2
    assert "There is a store in" in capsys.readouterr().err
    assert restored(target, data_dir, "--force", "--dry-run") == 0
    assert "would be in" in capsys.readouterr().out
    assert documents(data_dir) == since_then

    assert restored(target, data_dir, "--force") == 0
    assert documents(data_dir) == as_backed_up
    assert (data_dir / "jwt-secret").read_text() == SECRET


def test_a_damaged_store_is_replaced_by_force(data_dir, tmp_path, capsys):
    target = tmp_path / "backup"
    assert backed_up(data_dir, target) == 0
    before = documents(data_dir)
    path = data_dir / "agora.db"
    path.write_bytes(path.read_bytes()[:5000] + b"\xaa" * 20_000)
    assert restored(target, data_dir, "--force") == 0
    assert documents(data_dir) == before


def test_a_wal_that_lost_its_file_is_not_read_into_what_is_restored(data_dir, tmp_path, capsys):
    target = tmp_path / "backup"
    assert backed_up(data_dir, target) == 0
    before = documents(data_dir)

    async def write_more(storage: Any) -> bytes:
        await storage["posts"].delete_many({"postid": {"$gt": 3}})
        return (data_dir / "agora.db-wal").read_bytes()

    wal = change(data_dir, write_more)
    (data_dir / "agora.db").unlink()
    (data_dir / "agora.db-wal").write_bytes(wal)
    assert restored(target, data_dir) == 0
    assert documents(data_dir) == before
    assert checked(data_dir, capsys)[0] == 0


async def test_a_store_that_a_server_uses_is_not_replaced(data_dir, tmp_path, capsys):
    target = tmp_path / "backup"
    assert await asyncio.to_thread(backed_up, data_dir, target) == 0
    server = await open_storage("embedded", data_dir)
    await server["posts"].insert_one({"_id": 1, "postid": 1001})
    # Of another process, as a server is: within one, SQLite sees its own locks too.
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "scripts.restore", str(target), f"--data-dir={data_dir}", "--force",
        cwd=Path(__file__).parents[2],
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, told = await process.communicate()
    assert process.returncode == 2
    assert "is in use. Stop the server" in told.decode()
    await server["posts"].insert_one({"_id": 2, "postid": 1002})
    await server.close()
    after = await asyncio.to_thread(documents, data_dir)
    assert {1, 2} <= {post["_id"] for post in after["posts"]}


def test_a_server_that_was_started_meanwhile_keeps_its_store_and_its_secret(
    data_dir, tmp_path, capsys, monkeypatch
):
    target, other = tmp_path / "backup", "o" * 64
    assert backed_up(data_dir, target, "--with-secret") == 0
    (data_dir / "jwt-secret").write_text(other)
    before = documents(data_dir)

    def in_use(copy: Path, data_dir: Path) -> None:
        raise CannotOpenStore(f"{data_dir} is in use.")

    monkeypatch.setattr(restore, "put_in_place", in_use)
    assert restored(target, data_dir, "--force") == 2
    assert "is in use" in capsys.readouterr().err
    assert (data_dir / "jwt-secret").read_text() == other
    assert documents(data_dir) == before
    assert sorted(path.name for path in data_dir.iterdir()) == ["agora.db", "jwt-secret"]


def test_a_damaged_store_is_not_backed_up(data_dir, tmp_path, capsys):
    path = data_dir / "agora.db"
    content = bytearray(path.read_bytes())
    content[-4096:] = b"\xaa" * 4096
    path.write_bytes(content)
    assert backed_up(data_dir, tmp_path / "backup") != 0
    assert "amaged" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (("--data-dir=nowhere",), "There is no store in nowhere"),
        (("--storage=mongodb://localhost/agora",), "mongodump --oplog takes one moment"),
    ],
)
def test_what_can_not_be_backed_up(tmp_path, capsys, settings, message):
    assert backup.main([str(tmp_path / "backup"), *settings]) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_backup_is_never_written_over(data_dir, tmp_path, capsys):
    assert backed_up(data_dir, tmp_path / "backup") == 0
    assert backed_up(data_dir, tmp_path / "backup") == 2
    assert "is there already" in capsys.readouterr().err
