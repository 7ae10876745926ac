"""The queries of the product, as its repositories make them, on every engine."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from repositories.accounts.codes import CodeRepository
from repositories.accounts.oauth_states import OAuthStateRepository
from repositories.accounts.sessions import SessionRepository
from repositories.accounts.throttles import ThrottleRepository
from repositories.accounts.users import UserRepository
from repositories.errors import Taken
from repositories.forum.likes import LikeRepository
from repositories.forum.posts import PostRepository
from repositories.forum.replies import ReplyRepository
from repositories.forum.sleep_records import SleepRecordRepository
from repositories.indexes import INDEXES, ensure_indexes
from repositories.messaging.outbox import OutboxRepository
from repositories.pictures import PictureRepository
from repositories.seeding import SeedRepository, seed_id
from repositories.shop.orders import OrderFilter, OrderRepository, OrderTotal
from repositories.types import Document

#: In a future that no TTL index reaches, whichever clock the engine goes by.
NOON = datetime(2125, 1, 18, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(minutes=15)
ANN, BOB = ObjectId(), ObjectId()


def account(**fields: Any) -> Document:
    """An account with what every one has."""
    return {"_id": ObjectId(), "type": "parent", "roles": ["user"], "is_active": True, **fields}


async def got(found: Awaitable[Document | None]) -> Document:
    """What was found; it has to be there."""
    document = await found
    assert document is not None
    return document


async def test_the_indexes_of_the_product_are_made_once_and_again(storage):
    for _ in range(2):
        await ensure_indexes(storage)


@pytest.mark.differs(nx=112)
async def test_the_indexes_of_the_product_are_there_by_name(storage):
    await ensure_indexes(storage)
    for collection, models in INDEXES.items():
        made = set(await storage[collection].index_information())
        assert {model.document["name"] for model in models} <= made


async def test_users_are_found_by_each_of_their_names(storage):
    await ensure_indexes(storage)
    users = UserRepository(storage)
    ann = account(_id=ANN, username="Ann", phone_identifier="+49123")
    bob = account(_id=BOB, username="Bob", email="bob@example.com", roles=["user", "admin"])
    assert [(await users.insert(user))["number"] for user in (ann, bob)] == [1, 2]
    assert (await users.find(ANN)) == {**ann, "number": 1}
    assert (await got(users.find_by_phone_identifier("+49123")))["_id"] == ANN
    assert (await got(users.find_by_email("bob@example.com")))["_id"] == BOB
    assert await users.find_by_email("ann@example.com") is None
    async with storage.transaction() as tx:
        assert (await got(users.lock(ANN, tx=tx)))["username"] == "Ann"
        assert await users.lock(ObjectId(), tx=tx) is None


@pytest.mark.differs(nx=111)
async def test_users_are_found_by_role(storage):
    await ensure_indexes(storage)
    users = UserRepository(storage)
    await users.insert(account(_id=BOB, phone_identifier="b", roles=["user", "admin"]))
    assert await users.has_any_with_role(["admin", "superadmin"])
    assert not await users.has_any_with_role(["superadmin"])


@pytest.mark.differs(nx=103)
async def test_a_taken_identifier_is_named(storage):
    await ensure_indexes(storage)
    users = UserRepository(storage)
    await users.insert(account(phone_identifier="+49123", email="ann@example.com"))
    for field, user in (
        ("phone_identifier", account(phone_identifier="+49123")),
        ("email", account(email="ann@example.com")),
    ):
        with pytest.raises(Taken) as taken:
            await users.insert(user)
        assert taken.value.field == field


@pytest.mark.differs(nx=115)
async def test_users_are_changed_and_deleted(storage):
    users = UserRepository(storage)
    ann = await users.insert(account(_id=ANN, username="Ann"))
    changed = await users.update(ANN, {"username": "Anna"}, at=NOON)
    assert changed == {**ann, "username": "Anna", "updated_at": NOON}
    assert await users.update(BOB, {"username": "Bo"}, at=NOON) is None
    async with storage.transaction() as tx:
        before = await users.replace_avatar(ANN, {"avatar_id": 1}, at=LATER, tx=tx)
        assert before == changed
        assert await users.delete(ANN, tx=tx)
        assert not await users.delete(ANN, tx=tx)
    assert await users.find(ANN) is None


@pytest.mark.differs(nx=116)
async def test_a_session_is_found_until_it_is_ended(storage):
    await ensure_indexes(storage)
    sessions, session_id = SessionRepository(storage), ObjectId()
    session = {"_id": session_id, "user_id": ANN, "refresh_hash": b"\x00one", "expires_at": LATER}
    await sessions.insert(session)
    assert await sessions.find(session_id) == session
    assert await sessions.find_by_refresh(b"\x00one") == session
    assert await sessions.find_by_refresh(b"\x00two") is None
    assert await sessions.delete(session_id)
    assert not await sessions.delete(session_id)
    await sessions.insert(session)
    await sessions.delete_of(ANN)
    assert await sessions.find(session_id) is None


@pytest.mark.differs(nx=116)
async def test_of_those_who_rotate_a_refresh_token_one_wins(storage):
    await ensure_indexes(storage)
    sessions, session_id = SessionRepository(storage), ObjectId()
    await sessions.insert({"_id": session_id, "refresh_hash": b"old", "expires_at": LATER})

    async def rotate(new_hash: bytes) -> bool:
        return await sessions.claim_rotation(
            session_id, old_hash=b"old", new_hash=new_hash, expires_at=LATER, at=NOON
        )

    won = await asyncio.gather(*(rotate(b"%d" % number) for number in range(5)))
    assert sum(won) == 1
    assert await sessions.find_by_refresh(b"old") is None
    assert (await got(sessions.find_by_rotated(b"old")))["_id"] == session_id
    assert not await rotate(b"x")


@pytest.mark.differs(nx=115)
async def test_a_state_is_kept_once_at_a_time_and_used_once(storage):
    await ensure_indexes(storage)
    states = OAuthStateRepository(storage)
    await states.put(b"\x00one", expires_at=LATER, at=NOON)
    with pytest.raises(Taken, match="state is taken"):
        await states.put(b"\x00one", expires_at=LATER, at=NOON)
    taken = await asyncio.gather(*(states.take(b"\x00one", at=NOON) for _ in range(5)))
    assert sum(taken) == 1
    await states.put(b"\x00one", expires_at=NOON, at=NOON)
    assert not await states.take(b"\x00one", at=NOON)
    await states.put(b"\x00one", expires_at=LATER, at=NOON)
    assert await states.take(b"\x00one", at=NOON)


@pytest.mark.differs(nx=115)
async def test_a_code_is_replaced_tried_and_used_once(storage):
    await ensure_indexes(storage)
    codes, request_id = CodeRepository(storage), ObjectId()
    code = {
        "request_id": request_id, "sent_at": NOON, "tries": 0, "is_used": False,
        "code_expires_at": LATER, "expires_at": LATER,
    }  # fmt: skip
    async with storage.transaction() as tx:
        await codes.put("+49123", code, not_since=NOON - timedelta(minutes=1), tx=tx)
    with pytest.raises(Taken):
        await codes.put("+49123", code, not_since=NOON - timedelta(minutes=1), tx=None)
    found = await got(codes.find_by_phone("+49123"))
    assert {**code, "phone": "+49123", "_id": found["_id"]} == found
    for tries in (1, 2):
        tried = await got(codes.take_try(request_id, limit=2, at=NOON))
        assert tried["tries"] == tries
    assert await codes.take_try(request_id, limit=2, at=NOON) is None
    assert await codes.take_try(request_id, limit=9, at=LATER) is None
    await codes.give_back_try(request_id)
    won = await asyncio.gather(*(codes.claim(request_id, tx=None) for _ in range(5)))
    assert sum(won) == 1


@pytest.mark.differs(nx=115)
async def test_a_throttle_lets_so_many_through_at_once(storage):
    await ensure_indexes(storage)
    throttles = ThrottleRepository(storage)

    async def take(at: datetime) -> bool:
        return await throttles.take("login:x", limit=3, resets_at=at + timedelta(minutes=15), at=at)

    assert sum(await asyncio.gather(*(take(NOON) for _ in range(10)))) == 3
    assert await throttles.find("login:x") == {"_id": "login:x", "count": 3, "resets_at": LATER}
    await throttles.give_back("login:x")
    assert await take(NOON)
    assert not await take(NOON)
    assert await take(LATER)
    await throttles.clear("login:x")
    assert await throttles.find("login:x") is None


@pytest.mark.differs(nx=116)
async def test_posts_are_paged_newest_first_and_counted(storage):
    await ensure_indexes(storage)
    posts = PostRepository(storage)
    async with storage.transaction() as tx:
        for _ in range(12):
            postid = await posts.next_postid(tx=tx)
            post = {"postid": postid, "author_id": ANN, "likes": 0, "replies": 0}
            await posts.insert(post, tx=tx)
    assert [post["postid"] for post in await posts.feed_before(None, 3)] == [12, 11, 10]
    assert [post["postid"] for post in await posts.feed_before(3, 10)] == [2, 1]
    async with storage.transaction() as tx:
        assert (await got(posts.count_like(5, 1, tx=tx)))["likes"] == 1
        assert (await got(posts.count_reply(5, tx=tx)))["replies"] == 1
        assert await posts.count_like(99, 1, tx=tx) is None
        await posts.uncount(5, likes=1, replies=1, tx=tx)
        assert len(await posts.of_author(ANN, 5, tx=tx)) == 5
        await posts.rename_author(ANN, "Anna", tx=tx)
        assert await posts.delete(12, tx=tx)
        assert not await posts.delete(12, tx=tx)
    fifth = await got(posts.find(5))
    assert fifth["author_name"] == "Anna"
    assert (fifth["likes"], fifth["replies"]) == (0, 0)
    assert await posts.find(12) is None


@pytest.mark.differs(nx=116)
async def test_an_account_likes_a_post_once(storage):
    await ensure_indexes(storage)
    likes = LikeRepository(storage)
    async with storage.transaction() as tx:
        for postid in (1, 2, 4):
            await likes.claim(ANN, postid, tx=tx)
        await likes.claim(BOB, 1, tx=tx)
    with pytest.raises(Taken):
        await likes.claim(ANN, 1, tx=None)
    assert await likes.liked_between(ANN, 2, 9) == {2, 4}
    async with storage.transaction() as tx:
        assert len(await likes.of_user(ANN, 2, tx=tx)) == 2
        assert await likes.take_back(ANN, 2, tx=tx)
        assert not await likes.take_back(ANN, 2, tx=tx)
        await likes.delete_of_post(1, tx=tx)
    assert await likes.liked_between(ANN, 1, 9) == {4}
    assert await likes.liked_between(BOB, 1, 9) == set()


@pytest.mark.differs(nx=116)
async def test_replies_come_by_post_oldest_first(storage):
    await ensure_indexes(storage)
    replies = ReplyRepository(storage)
    async with storage.transaction() as tx:
        for postid in (2, 1, 2, 3):
            await replies.insert({"postid": postid, "author_id": ANN}, tx=tx)
    ordered = [(reply["postid"], reply["reply_id"]) for reply in await replies.between(1, 2)]
    assert ordered == [(1, 2), (2, 1), (2, 3)]
    assert [reply["reply_id"] for reply in await replies.of_post(2)] == [1, 3]
    async with storage.transaction() as tx:
        (third,) = await replies.of_post(3, tx=tx)
        await replies.delete(third, tx=tx)
        await replies.delete_of_post(2, tx=tx)
        assert [reply["reply_id"] for reply in await replies.of_author(ANN, 9, tx=tx)] == [2]


@pytest.mark.differs(nx=116)
async def test_sleep_records_come_by_date_then_number(storage):
    await ensure_indexes(storage)
    records = SleepRecordRepository(storage)
    async with storage.transaction() as tx:
        for date in ("2025-01-02", "2025-01-01", "2025-01-02"):
            await records.insert({"user_id": ANN, "date": date}, tx=tx)
    assert [record["number"] for record in await records.of_user(ANN)] == [2, 1, 3]
    assert not await records.delete(1, user_id=BOB)
    assert await records.delete(1, user_id=ANN)
    async with storage.transaction() as tx:
        await records.delete_of_user(ANN, tx=tx)
    assert await records.of_user(ANN) == []


def message(to: str, number: int) -> dict:
    return {
        "channel": "mail", "kind": "welcome", "to": to, "message_id": f"<{number}@localhost>",
        "send_before": None, "subject": "Hello", "text": "Hello", "html": None,
    }  # fmt: skip


@pytest.mark.differs(nx=115)
async def test_the_outbox_gives_each_line_out_in_order_and_once(storage):
    await ensure_indexes(storage)
    outbox = OutboxRepository(storage)
    ids = [
        await outbox.insert(message(to, number), at=NOON + timedelta(seconds=number))
        for number, to in enumerate(["a@b.c", "a@b.c", "d@e.f"])
    ]
    at, lease_until = NOON + timedelta(minutes=1), NOON + timedelta(minutes=2)
    claimed = await asyncio.gather(
        *(
            outbox.claim_next("mail", owner=f"w{number}", at=at, lease_until=lease_until)
            for number in range(4)
        )
    )
    held = {str(found["_id"]): found for found in claimed if found}
    assert set(held) == {ids[0], ids[2]}
    await outbox.mark_sent(held[ids[0]], at=at, expires_at=LATER)
    await outbox.wake_line("mail", "a@b.c", at=at)
    second = await got(outbox.claim_next("mail", owner="w9", at=at, lease_until=lease_until))
    assert str(second["_id"]) == ids[1]
    assert await outbox.mark_failed(second, error="451", at=at, next_attempt_at=LATER)
    assert await outbox.mark_dead(held[ids[2]], error="550", expires_at=LATER)
    assert not await outbox.mark_dead(held[ids[2]], error="550", expires_at=LATER)
    assert await outbox.revive(ids[2], at=LATER)
    assert [await outbox.count("mail", status) for status in ("sent", "pending", "dead")] == [
        1,
        2,
        0,
    ]
    assert str((await got(outbox.find_oldest_pending("mail")))["_id"]) == ids[1]
    assert [str(one["_id"]) for one in await outbox.latest(2)] == [ids[2], ids[1]]
    assert (await got(outbox.find(ids[0])))["text"] is None


async def test_orders_are_totalled_by_status_and_currency(storage):
    await ensure_indexes(storage)
    orders = OrderRepository(storage)
    for number in range(70):
        await orders.insert(
            {
                "_id": ObjectId(),
                "number": number,
                "order_number": f"ORD-{number:08}",
                "status": "cancelled" if number == 69 else "pending",
                "currency": "USD",
                "total_minor": 2**number if number < 40 else 1,
                "created_at": NOON + timedelta(seconds=number // 65),
            },
            tx=None,
        )
    which = OrderFilter(placed_from=NOON, placed_before=LATER)
    assert sorted(await orders.totals(which), key=lambda total: total.status) == [
        OrderTotal("cancelled", "USD", 1, 1),
        OrderTotal("pending", "USD", 69, 2**40 - 1 + 29),
    ]
    assert await orders.count(which) == 70
    assert await orders.totals(OrderFilter(placed_from=LATER)) == []


@pytest.mark.differs(nx=110)
async def test_a_picture_is_claimed_once_and_deleted_with_its_bytes(storage):
    await ensure_indexes(storage)
    pictures, picture_id = PictureRepository(storage), ObjectId()
    metadata = {"owner_id": ANN, "used_by": None, "content_type": "image/png"}
    async with storage.transaction() as tx:
        await pictures.insert(picture_id, "a.png", b"picture", metadata, tx=tx)
    with pytest.raises(Taken):
        await pictures.insert(ObjectId(), "a.png", b"other", metadata, tx=None)
    uploaded_at = (await got(pictures.find(picture_id)))["uploadDate"]
    assert await pictures.unused_since(uploaded_at + timedelta(seconds=1), 9) == [picture_id]
    assert await pictures.unused_since(uploaded_at, 9) == []
    post_id = ObjectId()
    won = await asyncio.gather(
        *(pictures.claim("a.png", owner_id=ANN, used_by=post_id, tx=None) for _ in range(5))
    )
    assert [picture["metadata"]["used_by"] for picture in won if picture] == [post_id]
    assert not await pictures.claim_for_deletion(picture_id, tx=None)
    assert await pictures.find_data(picture_id) == b"picture"
    download = await pictures.find_download(picture_id)
    assert download is not None
    assert await download.readchunk() == b"picture"
    async with storage.transaction() as tx:
        assert await pictures.of_owner(ANN, 9, tx=tx) == [picture_id]
        await pictures.delete([picture_id, ObjectId()], tx=tx)
    assert await pictures.find(picture_id) is None
    assert await pictures.find_download(picture_id) is None
    assert await pictures.find_data(picture_id) is None
    assert await storage["pictures.chunks"].count_documents({"files_id": picture_id}) == 0


async def test_seeding_twice_makes_once(storage):
    seeds = SeedRepository(storage)
    for added in (2, 0):
        documents = [{"_id": seed_id(name), "name": name} for name in ("one", "two")]
        assert await seeds.insert_missing("posts", documents, numbered="postid") == added
    numbers = await seeds.numbers_of("posts", [seed_id("one"), seed_id("two")], "postid")
    assert numbers == {seed_id("one"): 1, seed_id("two"): 2}
