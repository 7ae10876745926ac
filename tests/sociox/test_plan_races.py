"""What is done to a plan at once happens one after the other."""

import asyncio

from tests.factories import stored
from tests.harness import Api
from tests.sociox.people import error, join_as
from tests.sociox.plan_examples import FEATURES, OF_ADMINS, PLANS, change, create, plan

MANY = 12


async def test_all_merges_at_once_take_effect(api: Api):
    token = (await join_as(api, "admin")).token
    before = await create(api, token)
    replies = await asyncio.gather(
        *(
            change(
                api,
                FEATURES,
                before["id"],
                {"features": {"additional": {f"extra{number}": number}}},
                token,
            )
            for number in range(MANY)
        )
    )
    assert [reply.status for reply in replies] == [200] * MANY
    after = (await api.get(f"{PLANS}/{before['id']}")).body["data"]["features"]
    extras = {f"extra{number}": number for number in range(MANY)}
    assert after["additional"] == {**before["features"]["additional"], **extras}


async def test_merges_at_once_never_add_up_to_more_than_the_total(api: Api):
    token = (await join_as(api, "admin")).token
    accounts = {"total": 12, "perPlatform": {"facebook": 10}}
    before = await create(api, token, features={"socialAccounts": accounts})
    replies = await asyncio.gather(
        *(
            change(
                api,
                FEATURES,
                before["id"],
                {"features": {"socialAccounts": {"perPlatform": {f"other{number}": 1}}}},
                token,
            )
            for number in range(MANY)
        )
    )
    assert sorted(reply.status for reply in replies) == [200] * 2 + [400] * (MANY - 2)
    after = (await api.get(f"{PLANS}/{before['id']}")).body["data"]["features"]["socialAccounts"]
    assert (after["total"], sum(after["perPlatform"].values())) == (12, 12)


async def test_a_name_is_taken_once_whoever_comes_at_once(api: Api):
    token = (await join_as(api, "admin")).token
    others = [await create(api, token, name=f"other{number}") for number in range(4)]
    replies = await asyncio.gather(
        *(api.post(PLANS, plan(), token=token) for _ in range(MANY)),
        *(change(api, PLANS, other["id"], {"name": "premium"}, token) for other in others),
    )
    taken = [reply for reply in replies if reply.status >= 300]
    assert len(taken) == len(replies) - 1
    assert {error(reply)[:2] for reply in taken} == {(400, "plan_name_taken")}
    assert len(await stored(api, "plans", {"name": "premium"})) == 1


async def test_a_plan_is_deleted_once(api: Api):
    token = (await join_as(api, "admin")).token
    plan_id = (await create(api, token))["id"]
    replies = await asyncio.gather(
        *(change(api, OF_ADMINS, plan_id, None, token, "DELETE") for _ in range(MANY))
    )
    assert sorted(reply.status for reply in replies) == [200] + [404] * (MANY - 1)
    deletions = await stored(api, "audit_entries", {"action": "plan.delete"})
    assert len(deletions) == 1


async def test_there_are_no_more_plans_than_a_list_can_hold(api: Api, monkeypatch):
    monkeypatch.setattr("services.sociox.plans.MAX_PLANS", 3)
    token = (await join_as(api, "admin")).token
    replies = await asyncio.gather(
        *(api.post(PLANS, plan(name=f"plan{number}"), token=token) for number in range(MANY))
    )
    assert sorted(reply.status for reply in replies) == [201] * 3 + [400] * (MANY - 3)
    assert error(await api.post(PLANS, plan(), token=token)) == (
        400,
        "too_many_plans",
        "There are 3 plans, which is the most; delete one first",
    )
    kept = (await api.get(PLANS, token=token)).body["data"]
    assert (await change(api, OF_ADMINS, kept[0]["id"], None, token, "DELETE")).status == 200
    assert (await api.post(PLANS, plan(), token=token)).status == 201
