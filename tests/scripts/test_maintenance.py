"""`python -m scripts.maintenance` puts in order what it can, and says what that was."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from repositories.messaging.outbox import OutboxRepository
from repositories.pictures import PictureRepository
from repositories.storage import open_storage
from scripts import maintenance
from tests.scripts.checking import change, checked, like_until

NOW = datetime.now(UTC).replace(microsecond=0)
OLD, YOUNG = NOW - timedelta(days=2), NOW - timedelta(hours=1)
USER, POST = ObjectId("65a8f0000000000000000001"), ObjectId("65a8f0000000000000000002")
IN_ORDER = "Everything is in order."
SEEDED = ("--scale=20",)


def maintained(data_dir: Path, capsys: pytest.CaptureFixture, *more: str) -> list[str]:
    capsys.readouterr()
    assert maintenance.main([f"--data-dir={data_dir}", *more]) == 0
    return capsys.readouterr().out.splitlines()


def tells_then_does(
    data_dir: Path, capsys: pytest.CaptureFixture, told: list[str], *more: str
) -> None:
    """A dry run tells what the next one does, after which nothing is left to do."""
    would = [line.replace(", ", ", to be ") for line in told]
    assert maintained(data_dir, capsys, "--dry-run", *more) == would
    assert maintained(data_dir, capsys, *more) == told
    assert maintained(data_dir, capsys, *more) == [IN_ORDER]


def ids(data_dir: Path, collection: str) -> set[Any]:
    async def read(storage: Any) -> set[Any]:
        return {document["_id"] async for document in storage[collection].find({}, {"_id": 1})}

    return set(change(data_dir, read))


def test_a_store_in_order_stays_as_it_is(data_dir, capsys):
    assert maintained(data_dir, capsys) == [IN_ORDER]


def test_what_has_expired_is_deleted_and_what_has_not_stays(data_dir, capsys):
    soon = NOW + timedelta(hours=1)

    async def fill(storage: Any) -> None:
        tokens = [{"_id": number, "expires_at": OLD} for number in range(700)]
        await storage["rotated_tokens"].insert_many(tokens)
        for number, expires_at in ((1, OLD), (2, soon)):
            await storage["sessions"].insert_one(
                {"_id": number, "refresh_hash": number, "expires_at": expires_at}
            )
            await storage["sms_codes"].insert_one(
                {"_id": number, "phone": number, "request_id": number, "expires_at": expires_at}
            )
        await storage["outbox"].insert_one({"_id": 3, "status": "pending"})

    change(data_dir, fill)
    told = [
        "expired rotated_tokens, deleted: 700",
        "expired sessions, deleted: 1",
        "expired sms_codes, deleted: 1",
    ]
    tells_then_does(data_dir, capsys, told)
    assert ids(data_dir, "sessions") == ids(data_dir, "sms_codes") == {2}
    assert ids(data_dir, "rotated_tokens") == set()
    assert ids(data_dir, "outbox") == {3}


async def keep(storage: Any, picture_id: ObjectId, used_by: Any, uploaded_at: datetime) -> None:
    metadata = {"used_by": used_by, "owner_id": USER}
    name = f"{picture_id}.png"
    await PictureRepository(storage).insert(picture_id, name, b"picture", metadata, tx=None)
    await storage["pictures.files"].update_one(
        {"_id": picture_id}, {"$set": {"uploadDate": uploaded_at}}
    )


def test_pictures_that_nothing_shows_are_deleted(data_dir, capsys):
    shown, forgotten, unused, fresh = (ObjectId() for _ in range(4))

    async def fill(storage: Any) -> None:
        await storage["posts"].insert_one(
            {"_id": POST, "postid": 1001, "likes": 0, "replies": 0, "picture_ids": [shown]}
        )
        await keep(storage, shown, POST, OLD)
        await keep(storage, forgotten, POST, OLD)
        await keep(storage, unused, None, OLD)
        await keep(storage, fresh, None, YOUNG)

    before = ids(data_dir, "pictures.files")
    change(data_dir, fill)
    told = [
        "pictures that nothing shows, deleted: 1",
        "unused pictures, deleted: 1",
    ]
    tells_then_does(data_dir, capsys, told)
    assert ids(data_dir, "pictures.files") - before == {shown, fresh}
    assert checked(data_dir, capsys) == (0, ["No problems were found."])


def test_chunks_of_uploads_that_never_ended_are_deleted_after_a_day(data_dir, capsys):
    begun, cut_off = ObjectId(), ObjectId()
    young, old = ObjectId.from_datetime(YOUNG), ObjectId.from_datetime(OLD)

    async def fill(storage: Any) -> None:
        chunks = storage["pictures.chunks"]
        await chunks.insert_one({"_id": young, "files_id": begun, "n": 0, "data": b"half"})
        await chunks.insert_one({"_id": old, "files_id": cut_off, "n": 0, "data": b"half"})
        await chunks.insert_one({"_id": ObjectId(), "files_id": cut_off, "n": 1, "data": b"more"})

    before = ids(data_dir, "pictures.chunks")
    change(data_dir, fill)
    tells_then_does(data_dir, capsys, ["loose chunks of pictures, deleted: 2"])
    assert ids(data_dir, "pictures.chunks") - before == {young}


def test_likes_and_replies_are_counted_anew(data_dir, capsys):
    async def miscount(storage: Any) -> None:
        await storage["posts"].update_one({"postid": 1}, {"$inc": {"likes": 2, "replies": -1}})
        await storage["posts"].update_one({"postid": 2}, {"$inc": {"likes": 1}})

    change(data_dir, miscount)
    assert checked(data_dir, capsys)[0] == 1
    tells_then_does(data_dir, capsys, ["posts with wrong counts, corrected: 2"])
    assert checked(data_dir, capsys) == (0, ["No problems were found."])


def test_uses_of_promotions_are_counted_anew(data_dir, capsys):
    counted, uncounted = ObjectId(), ObjectId()

    async def miscount(storage: Any) -> ObjectId:
        promotion = await storage["promotions"].find_one({"code": "SAVE10"})
        for number, user_id in enumerate((counted, uncounted)):
            await storage["orders"].insert_one(an_order(number, user_id, promotion["_id"]))
        await storage["promotion_uses"].insert_one(
            {"user_id": counted, "promotion_id": promotion["_id"], "count": 5}
        )
        return promotion["_id"]

    promotion_id = change(data_dir, miscount)
    assert checked(data_dir, capsys)[0] == 1
    told = [
        "promotions with wrong counts, corrected: 1",
        "wrong counts of an account's uses, corrected: 2",
    ]
    tells_then_does(data_dir, capsys, told)
    assert checked(data_dir, capsys) == (0, ["No problems were found."])

    async def counts(storage: Any) -> tuple[int, dict[ObjectId, int]]:
        promotion = await storage["promotions"].find_one({"_id": promotion_id})
        uses = await storage["promotion_uses"].find({}).to_list(None)
        return promotion["uses"], {use["user_id"]: use["count"] for use in uses}

    assert change(data_dir, counts) == (2, {counted: 1, uncounted: 1})


def an_order(number: int, user_id: ObjectId, promotion_id: ObjectId) -> dict[str, Any]:
    """An order of nothing, which used a promotion."""
    sums = dict.fromkeys(
        ("subtotal_minor", "discount_minor", "tax_minor", "total_minor", "shipping_minor"), 0
    )
    return {
        **sums,
        "order_number": f"ORD-{number:08}",
        "number": number,
        "created_at": NOW,
        "status": "pending",
        "user_id": user_id,
        "items": [],
        "promotions": [{"id": promotion_id}],
    }


def test_dead_letters_are_tried_again_when_that_is_asked_for(data_dir, capsys):
    async def fill(storage: Any) -> list[str]:
        outbox, found = OutboxRepository(storage), []
        for number, send_before in enumerate((None, NOW + timedelta(hours=1), OLD)):
            content = {"channel": "mail", "to": f"{number}@example.com", "send_before": send_before}
            found.append(await outbox.insert(content, at=OLD))
            await storage["outbox"].update_one(
                {"_id": ObjectId(found[-1])},
                {"$set": {"status": "dead", "expires_at": NOW + timedelta(days=9), "attempts": 9}},
            )
        return found

    change(data_dir, fill)
    assert maintained(data_dir, capsys) == [IN_ORDER]
    assert maintained(data_dir, capsys, "--retry-dead", "--dry-run") == [
        "dead letters, to be revived: 2",
        "dead letters out of date, to be left: 1",
    ]
    assert maintained(data_dir, capsys, "--retry-dead") == [
        "dead letters, revived: 2",
        "dead letters out of date, left: 1",
    ]

    async def statuses(storage: Any) -> list[tuple[str, int]]:
        found = await storage["outbox"].find({}).sort("to", 1).to_list(None)
        return [(message["status"], message["attempts"]) for message in found]

    assert change(data_dir, statuses) == [("pending", 0), ("pending", 0), ("dead", 9)]


async def test_what_a_running_server_counts_meanwhile_stays_right(data_dir, capsys):
    server = await open_storage("embedded", data_dir)
    miscounted = await server["posts"].update_many({}, {"$inc": {"likes": 1}})
    runs = asyncio.get_running_loop().run_in_executor(
        None, lambda: [maintained(data_dir, capsys) for _ in range(3)]
    )

    counts = await like_until(runs, server)
    first, *later = await runs
    assert first == [f"posts with wrong counts, corrected: {miscounted.modified_count}"]
    assert later == [[IN_ORDER]] * 2
    assert all(counts)
    await server.close()
    assert await asyncio.to_thread(checked, data_dir, capsys) == (0, ["No problems were found."])
