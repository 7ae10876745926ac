"""The queries of roles, permissions and assignments, on every engine."""

from datetime import UTC, datetime

import pytest
from bson import ObjectId

from repositories.access.assignments import AssignmentRepository
from repositories.access.permissions import PermissionRepository
from repositories.access.roles import RoleRepository
from repositories.accounts.users import UserRepository
from repositories.errors import Taken
from repositories.indexes import ensure_indexes
from repositories.types import Document

NOON = datetime(2125, 1, 18, 12, 0, tzinfo=UTC)
LATER = datetime(2125, 1, 18, 13, 0, tzinfo=UTC)
ANN, BOB = ObjectId(), ObjectId()
PACK, SEND = ObjectId(), ObjectId()


def _role(name: str, *permission_ids: ObjectId) -> Document:
    return {
        "_id": ObjectId(),
        "name": name,
        "name_key": name.lower(),
        "permission_ids": list(permission_ids),
    }


async def test_roles_are_found_by_id_and_by_name(storage):
    await ensure_indexes(storage)
    roles, packers, aides = RoleRepository(storage), _role("Packers", PACK), _role("aides")
    for role in (packers, aides):
        await roles.insert(role)
    assert await roles.all() == [aides, packers]
    assert await roles.find(packers["_id"]) == packers
    assert await roles.find(PACK) is None
    assert await roles.find_many([aides["_id"], PACK]) == [aides]
    assert await roles.find_many([]) == []
    async with storage.transaction() as tx:
        assert await roles.find_by_name("packers", tx=tx) == packers
        assert await roles.find_by_name("Packers", tx=tx) is None


@pytest.mark.differs(nx=103)
async def test_a_role_takes_no_name_that_is_taken(storage):
    await ensure_indexes(storage)
    roles, aides = RoleRepository(storage), _role("aides")
    await roles.insert(_role("packers"))
    await roles.insert(aides)
    with pytest.raises(Taken) as taken:
        await roles.insert(_role("Packers"))
    assert taken.value.field == "name_key"
    with pytest.raises(Taken):
        async with storage.transaction() as tx:
            await roles.update(aides["_id"], {"name_key": "packers"}, tx=tx)


@pytest.mark.differs(nx=111)
async def test_grants_are_kept_once_and_taken_back(storage):
    await ensure_indexes(storage)
    roles, packers, senders = RoleRepository(storage), _role("p", PACK), _role("s", PACK, SEND)
    for role in (packers, senders):
        await roles.insert(role)
    async with storage.transaction() as tx:
        for _ in range(2):
            await roles.add_permission(packers["_id"], SEND, tx=tx)
    assert [role["permission_ids"] for role in await roles.all()] == [[PACK, SEND]] * 2
    async with storage.transaction() as tx:
        await roles.remove_permission(packers["_id"], SEND, tx=tx)
        await roles.remove_permission_from_all(PACK, tx=tx)
        await roles.delete(ObjectId(), tx=tx)
    assert [role["permission_ids"] for role in await roles.all()] == [[], [SEND]]


async def test_permissions_are_kept_changed_and_deleted(storage):
    await ensure_indexes(storage)
    permissions = PermissionRepository(storage)
    pack = {"_id": PACK, "name": "pack", "name_key": "pack"}
    await permissions.insert({"_id": SEND, "name": "send", "name_key": "send"})
    await permissions.insert(pack)
    assert [each["name"] for each in await permissions.all()] == ["pack", "send"]
    assert await permissions.find_many([PACK]) == [pack]
    async with storage.transaction() as tx:
        changed = await permissions.update(PACK, {"name": "wrap", "name_key": "wrap"}, tx=tx)
        assert changed == {"_id": PACK, "name": "wrap", "name_key": "wrap"}
        assert await permissions.update(ANN, {"name": "wrap"}, tx=tx) is None
        await permissions.delete(PACK, tx=tx)
    assert await permissions.find(PACK) is None


@pytest.mark.differs(nx=111)
async def test_assignments_are_kept_in_the_accounts(storage):
    await ensure_indexes(storage)
    users, assignments, role_id = UserRepository(storage), AssignmentRepository(storage), ObjectId()
    for user_id, name in ((ANN, "ann"), (BOB, "bob")):
        await users.insert(
            {
                "_id": user_id,
                "phone_identifier": name,
                "type": "parent",
                "roles": ["user"],
                "is_active": True,
            }
        )
    async with storage.transaction() as tx:
        for user_id in (ANN, BOB):
            await assignments.add(user_id, role_id, at=NOON, tx=tx)
        await assignments.add_default(ANN, "superadmin", at=NOON, tx=tx)
        assert await assignments.has_other_active("superadmin", BOB, tx=tx)
        assert not await assignments.has_other_active("superadmin", ANN, tx=tx)
        await assignments.remove_default(ANN, "superadmin", at=NOON, tx=tx)
        await assignments.remove(BOB, role_id, at=NOON, tx=tx)
        await assignments.remove_from_all(role_id, at=LATER, tx=tx)
    shown = [
        (user["roles"], user["role_ids"], user["updated_at"])
        for user in (await users.find(ANN), await users.find(BOB))
        if user is not None
    ]
    assert shown == [(["user"], [], LATER), (["user"], [], NOON)]
