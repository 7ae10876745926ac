"""`python -m scripts.export_user` hands over all that is kept about one person, and no more."""

import importlib
import json
import pkgutil
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from bson import ObjectId

import repositories
from scripts import export_user, seed
from tests.factories import stored, upload
from tests.harness import Api
from tests.lms import tables
from tests.lms.exams import Room, exam_room
from tests.pictures import PNG
from tests.scripts.checking import change
from tests.shop.people import Person
from tests.shop.shopping import add_product, add_promotion, order, put_in_cart
from tests.sociox.subscribing import add_plan

# Collections that no export has, and why.
NOT_PERSONAL = {
    "the catalog and what else is the same for everybody": {
        *("products", "categories", "brands", "promotions", "plans", "roles", "permissions"),
        *("courses", "steps", "materials", "forms", "requirement_tables", "course_lists"),
    },
    "made of other collections, to find and count by": {
        *("postings", "product_texts", "user_keys", "user_lists", "numbers"),
    },
    "codes, tokens and keys, which are gone soon": {
        *("sms_codes", "mailed_links", "oauth_states", "throttles", "rotated_tokens"),
        "idempotency_keys",
    },
    "of accounts that are gone, for as long as their children are erased": {"erasures"},
    "the pictures, which are in the export as files": {"pictures.chunks"},
}


def collections_of_repositories() -> set[str]:
    """Every collection that a module of the repositories names."""
    found = set()
    for module in pkgutil.walk_packages(repositories.__path__, "repositories."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if name.endswith("COLLECTION") and isinstance(value, str):
                found.add(value)
    return found


async def test_no_collection_is_forgotten(api: Api):
    exported = {
        collection
        for exporter in api.agora.services.accounts.export.exporters
        for collection in exporter.collections
    }
    others = set().union(*NOT_PERSONAL.values())
    assert exported & others == set()
    assert collections_of_repositories() - exported - others == set()


async def exported(api: Api, user_id: str, path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The sections and the pictures of an export, and that its secrets are its own."""
    export = api.agora.services.accounts.export
    with ZipFile(path, "w") as archive:
        counts = await export_user.write(export, await export.get_by_id(user_id), archive)
    with ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    sections = {name[:-5]: json.loads(files[name]) for name in files if name.endswith(".json")}
    assert counts == {name: len(section) for name, section in sections.items()}
    pictures = {name: data for name, data in files.items() if not name.endswith(".json")}
    return sections, pictures


async def live(api: Api, room: Room) -> None:
    """Have the participant do something in every family; another one does some of it too."""
    who = room.sitter
    filename = await upload(api, who.token)
    postid = await api.create_post(who.token, "Mine.", picture_names=[filename])
    for token in (who.token, room.by.token):
        liked = await api.post("/api/forum/like_post/", {"postid": postid}, token=token)
        reply = {"postid": postid, "reply_content": "Yes."}
        replied = await api.post("/api/forum/reply_post/", reply, token=token)
        record = {"date": "2025-01-17", "sleep_status": "asleep", "note": ""}
        kept = await api.post("/api/sleep-records/", record, token=token)
        assert (liked.status, replied.status, kept.status) == (200, 200, 201)
    await shop(api, who)
    plan_id = await add_plan(api)
    body = {"planId": plan_id, "billingCycle": "monthly"}
    subscribed = await api.post("/api/v1/users/subscribe", body, token=who.token)
    assert subscribed.status < 300, subscribed
    await room.grade(await room.submitted())
    table = await tables.add_table(api, room.by, room.step_id)
    await tables.mine(api, who, table["id"])


async def shop(api: Api, who: Person) -> None:
    """Order something, and put more into the cart."""
    await add_product(api)
    await add_promotion(api)
    assert (await put_in_cart(api, who.token)).status == 200
    fields: dict[str, Any] = {"promotion_codes": ["SAVE10"], "payment_method_id": "pm_secret"}
    assert (await order(api, who.token, **fields)).status == 201
    assert (await put_in_cart(api, who.token)).status == 200


async def test_everything_about_a_person_is_in_it(api: Api, tmp_path):
    room = await exam_room(api)
    me = ObjectId(room.sitter.id)
    changes = {"email": "me@example.com", "email_verified": True}
    await api.agora.storage["users"].update_one({"_id": me}, {"$set": changes})
    await live(api, room)
    await api.agora.storage["users"].update_one(
        {"_id": ObjectId(room.by.id)}, {"$set": {"parent_id": me, "type": "child"}}
    )
    sections, pictures = await exported(api, room.sitter.id, tmp_path / "me.zip")
    counts = {name: len(section) for name, section in sections.items()}
    mails = counts.pop("mails")
    assert mails == len(await stored(api, "outbox", {"to": "me@example.com"})) > 0
    assert counts == {
        **dict.fromkeys(("account", "children", "sessions", "posts", "replies", "likes"), 1),
        **dict.fromkeys(("sleep_records", "pictures", "cart", "orders", "promotion_uses"), 1),
        **dict.fromkeys(("subscriptions", "ledger", "courses", "course_progress"), 1),
        **dict.fromkeys(("exam_submissions", "exam_papers", "requirement_submissions"), 1),
        **dict.fromkeys(("exam_extensions", "sms", "done_as_staff", "done_by_staff"), 0),
    }
    (account,), (child,), (picture,) = (
        sections[name] for name in ("account", "children", "pictures")
    )
    assert (account["_id"], account["email"]) == (room.sitter.id, "me@example.com")
    assert child["_id"] == room.by.id
    assert pictures == {f"pictures/{picture['filename']}": PNG}
    (answer,) = sections["exam_papers"][0]["theory_answers"]
    assert answer["answer_text"].startswith("Chanting")


async def test_no_secret_is_in_it_and_nothing_of_others(api: Api, tmp_path):
    room = await exam_room(api)
    await live(api, room)
    await exported(api, room.sitter.id, tmp_path / "me.zip")
    with ZipFile(tmp_path / "me.zip") as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    for secret in ("password_hash", "refresh_hash", "is_correct", "pm_secret", room.sitter.token):
        assert secret.encode() not in content
    others = await exported(api, room.by.id, tmp_path / "other.zip")
    assert others[0]["orders"] == others[0]["exam_papers"] == others[0]["posts"] == []
    assert len(others[0]["likes"]) == len(others[0]["sleep_records"]) == 1
    assert others[1] == {}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the documents' examples."""
    data_dir = tmp_path_factory.mktemp("data")
    assert seed.main([f"--data-dir={data_dir}", "--bcrypt-cost=4"]) == 0
    return data_dir


def test_an_account_is_found_by_each_of_its_names(data_dir, tmp_path, capsys):
    async def name(storage: Any) -> Any:
        changes = {"$set": {"email": "user1@example.com"}}
        return await storage["users"].find_one_and_update({"phone_identifier": "user1"}, changes)

    user = change(data_dir, name)
    names = {"--id": str(user["_id"]), "--email": " User1@Example.com", "--phone": "user1"}
    for option, value in names.items():
        out = tmp_path / f"{option}.zip"
        capsys.readouterr()
        assert export_user.main([str(out), option, value, f"--data-dir={data_dir}"]) == 0
        assert f"has all about {user['_id']}: 1 account, " in capsys.readouterr().out
        with ZipFile(out) as archive:
            (account,) = json.loads(archive.read("account.json"))
        assert account["phone_identifier"] == "user1"


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--id", "65a8f0000000000000000009", "User not found"),
        ("--id", "nobody", "User not found"),
        ("--phone", "nobody", "User not found"),
        ("--email", "nobody@example.com", "User not found"),
    ],
)
def test_nobody_is_no_export(data_dir, tmp_path, capsys, option, value, message):
    assert export_user.main([str(tmp_path / "x.zip"), option, value, f"--data-dir={data_dir}"]) == 1
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_not_written_over(data_dir, tmp_path, capsys):
    out = tmp_path / "x.zip"
    out.write_bytes(b"mine")
    assert export_user.main([str(out), "--phone", "user1", f"--data-dir={data_dir}"]) == 2
    assert "is there already" in capsys.readouterr().err
    assert out.read_bytes() == b"mine"
