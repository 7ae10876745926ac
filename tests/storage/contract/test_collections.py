"""Which collections there are."""


async def test_collections_are_named_once_something_is_in_them(storage):
    assert await storage.collection_names() == []
    assert await storage["pears"].find_one({}) is None
    await storage["things"].insert_one({"_id": 1})
    await storage["pairs"].insert_one({"_id": 1})
    assert await storage.collection_names() == ["pairs", "things"]
