"""`python -m scripts.check` finds what is damaged and what does not fit together."""

import asyncio

import apsw
from bson import ObjectId

from repositories.accounts.erasures import ErasureRepository
from repositories.forum.posts import PostRepository
from repositories.pictures import PictureRepository
from repositories.storage import open_storage
from scripts import check
from tests.scripts.checking import change, checked, like_until

ID = ObjectId("65a8f0000000000000000001")
OTHER_ID = ObjectId("65a8f0000000000000000002")
SEEDED = ("--scale=20",)


def test_a_store_without_problems(data_dir, capsys):
    assert checked(data_dir, capsys) == (0, ["No problems were found."])


def test_a_directory_without_a_store_is_refused_and_none_is_made(tmp_path, capsys):
    assert check.main([f"--data-dir={tmp_path}"]) == 2
    assert capsys.readouterr().err == (
        f"There is no store in {tmp_path}. Name the server's --data-dir.\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_program_is_refused(tmp_path, capsys):
    (tmp_path / "agora.db").write_text("my diary")
    assert check.main([f"--data-dir={tmp_path}"]) == 2
    assert "is not a store of Agora" in capsys.readouterr().err


def test_a_damaged_page(data_dir, capsys):
    path = data_dir / "agora.db"
    content = bytearray(path.read_bytes())
    content[-4096:] = b"\xaa" * 4096
    path.write_bytes(content)
    code, problems = checked(data_dir, capsys)
    assert code == 1
    assert problems
    assert all(
        problem.startswith("The file is damaged: ") or "\xaa" not in problem for problem in problems
    )


def test_a_store_that_no_longer_opens_is_still_looked_into(data_dir, capsys):
    path = data_dir / "agora.db"
    path.write_bytes(path.read_bytes()[:-8192])
    code, problems = checked(data_dir, capsys)
    assert code == 1
    assert all(problem.startswith("The file ") for problem in problems)


def test_an_index_that_lacks_a_document(data_dir, capsys):
    connection = apsw.Connection(str(data_dir / "agora.db"))
    ((number, name),) = connection.execute(
        "SELECT number, name FROM indexes WHERE name = 'postid' AND collection = "
        "(SELECT number FROM collections WHERE name = 'posts')"
    ).fetchall()
    connection.execute(f"DELETE FROM i_{number} WHERE key = (SELECT min(key) FROM i_{number})")
    ((posts,),) = connection.execute(f"SELECT count(*) + 1 FROM i_{number}").fetchall()
    connection.close()
    code, problems = checked(data_dir, capsys)
    assert code == 1
    assert problems[0].startswith(f"posts: the index {name} lacks the document ObjectId(")
    assert problems[1] == (f"posts: the index {name} has 21 rows; its documents make {posts}.")


def test_a_picture_without_its_bytes(data_dir, capsys):
    async def lose_chunk(storage):
        await PictureRepository(storage).insert(ID, "a.png", b"picture", {"used_by": None}, tx=None)
        await storage["pictures.chunks"].delete_many({"files_id": ID})

    change(data_dir, lose_chunk)
    assert checked(data_dir, capsys) == (
        1,
        [
            f"pictures: the file {ID!r} has 0 bytes in 0 chunks; it should have 7 in 1.",
        ],
    )


def test_counts_that_are_wrong(data_dir, capsys):
    async def miscount(storage):
        post = await PostRepository(storage).find(1)
        await storage["posts"].update_one({"postid": 1}, {"$inc": {"likes": 2, "replies": -1}})
        return post

    post = change(data_dir, miscount)
    likes, replies = post["likes"], post["replies"]
    assert checked(data_dir, capsys) == (
        1,
        [
            f"posts: post 1 says that it has {likes + 2} likes; there are {likes}.",
            f"posts: post 1 says that it has {replies - 1} replies; there are {replies}.",
        ],
    )


def test_likes_and_replies_of_no_post(data_dir, capsys):
    async def leave_behind(storage):
        for user_id in (ID, OTHER_ID):
            await storage["likes"].insert_one({"user_id": user_id, "postid": 999})
        await storage["replies"].insert_one({"reply_id": 999, "postid": 999})

    change(data_dir, leave_behind)
    assert checked(data_dir, capsys) == (
        1,
        [
            "posts: 2 likes are to post 999, which is not there.",
            "posts: 1 replies are to post 999, which is not there.",
        ],
    )


def test_pictures_and_what_shows_them(data_dir, capsys):
    kept, forgotten, lost, taken = (ObjectId(f"65a8f000000000000000000{n}") for n in "6789")

    async def mix_up(storage):
        pictures = PictureRepository(storage)
        post = await storage["posts"].find_one_and_update(
            {"picture_ids": []}, {"$set": {"picture_ids": [kept, lost, taken]}}
        )
        for picture_id, used_by in ((kept, post["_id"]), (forgotten, ID), (taken, OTHER_ID)):
            metadata = {"used_by": used_by}
            await pictures.insert(picture_id, f"{picture_id}.png", b"picture", metadata, tx=None)
        return post["_id"]

    post_id = change(data_dir, mix_up)
    code, problems = checked(data_dir, capsys)
    assert code == 1
    assert sorted(problems) == sorted(
        [
            f"pictures: picture {lost}, which {post_id} shows, is not there.",
            f"pictures: picture {taken}, which {post_id} shows, is kept for {OTHER_ID}.",
            f"pictures: picture {taken} is kept for {OTHER_ID}, which does not show it.",
            f"pictures: picture {forgotten} is kept for {ID}, which does not show it.",
        ]
    )


async def test_what_a_running_server_changes_meanwhile_is_no_problem(data_dir, capsys):
    server = await open_storage("embedded", data_dir)
    checks = asyncio.get_running_loop().run_in_executor(
        None, lambda: [checked(data_dir, capsys) for _ in range(3)]
    )

    counts = await like_until(checks, server)
    assert await checks == [(0, ["No problems were found."])] * 3
    assert all(counts)
    await server.close()


def test_a_child_whose_parent_is_gone(data_dir, capsys):
    async def lose_parent(storage):
        await storage["users"].update_one({"number": 1}, {"$set": {"parent_id": ID}})

    change(data_dir, lose_parent)
    assert checked(data_dir, capsys) == (
        1,
        [f"users: account 1 is a child of the account {ID}, which is not there."],
    )

    async def go_on(storage):
        await ErasureRepository(storage).insert(ID, tx=None)

    change(data_dir, go_on)
    assert checked(data_dir, capsys) == (0, ["No problems were found."])
