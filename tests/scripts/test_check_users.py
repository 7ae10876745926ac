"""`python -m scripts.check` on the lists of users."""

from repositories import number_sets
from tests.scripts.checking import change, checked

FINE = (0, ["No problems were found."])
SEEDED = ("--users=120",)


def test_lists_that_are_as_the_accounts_are(data_dir, capsys):
    assert checked(data_dir, capsys) == FINE


def test_accounts_that_lists_miss_or_show_wrongly(data_dir, capsys):
    async def damage(storage):
        found = await storage["users"].find({"first_name": {"$exists": True}}).to_list(None)
        first, second, gone = sorted(found, key=lambda user: user["number"])[:3]
        await storage["user_keys"].delete_one({"_id": f"{first['email']}\n{first['number']}"})
        await storage["users"].update_one({"_id": second["_id"]}, {"$set": {"type": "child"}})
        await storage["users"].delete_one({"_id": gone["_id"]})
        every = await storage["user_lists"].find_one({"_id": "prefix:\n0"})
        bits = number_sets.decode(every) ^ 1 << first["number"]
        await storage["user_lists"].update_one(
            {"_id": "prefix:\n0"}, {"$set": number_sets.encode(bits)}
        )
        return first, second, gone

    first, second, gone = change(data_dir, damage)
    code, lines = checked(data_dir, capsys)
    assert code == 1
    name = f"account {first['number']}"
    assert lines[:3] == [
        f"user_keys: {name} is not under {first['email']!r}.",
        f"user_lists: {name} is not under 'prefix:'.",
        f"user_lists: account {second['number']} is not under 'is:child'.",
    ]
    assert f"user_keys: account {gone['number']} is under {gone['email']!r}." in lines
    assert f"user_lists: account {gone['number']} is under 'prefix:'." in lines
    assert all(f"account {gone['number']} is under " in line for line in lines[3:])
