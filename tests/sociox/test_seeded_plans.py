"""`python -m scripts.seed` holds the document's own plans."""

from repositories.seeding import SeedRepository
from scripts.seeding import plans
from tests.harness import Api
from tests.sociox.people import join_as
from tests.sociox.plan_examples import BASIC, OF_ADMINS, PLANS, PREMIUM, change, create


async def test_the_documents_plans_are_made_once_and_literally(api: Api):
    storage = api.agora.storage
    repository = SeedRepository(storage)
    assert [await plans.seed(repository, storage) for _ in range(2)] == [2, 0]
    for terms in (BASIC, PREMIUM):
        (shown,) = (await api.get(f"{PLANS}/category/{terms['category']}")).body["data"]
        assert {name: shown[name] for name in terms} == terms
        assert (shown["status"], shown["customFeatures"]) == ("active", [])


async def test_what_staff_did_to_them_stays(api: Api):
    token = (await join_as(api, "admin")).token
    storage = api.agora.storage
    repository = SeedRepository(storage)
    own = await create(api, token, name="basic")
    assert await plans.seed(repository, storage) == 1
    (premium,) = (await api.get(f"{PLANS}?name=premium", token=token)).body["data"]
    await change(api, OF_ADMINS, premium["id"], None, token, "DELETE")
    assert await plans.seed(repository, storage) == 0
    assert (await api.get(PLANS, token=token)).body["data"] == [own]
