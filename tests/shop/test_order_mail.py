"""The mail that confirms an order (issue: "After the order"; CONTRACT section 3, throttles)."""

from tests.factories import stored
from tests.harness import Api
from tests.shop.shopping import add_product, order, put_in_cart, sign_in_by_email

EMAIL = "ann@example.com"
CONFIRMATION = (
    "Thank you for your order ORD-61803399.\n\n"
    "2 x Professional Laptop (SKU-prod-1): 1999.98 USD\n\n"
    "Subtotal: 1999.98 USD\nDiscount: 0.00 USD\nTax: 175.00 USD\nShipping: 0.00 USD\n"
    "Total: 2174.98 USD\n"
)


async def _customer(api: Api, *, email_verified: bool) -> str:
    await add_product(api, stock=100)
    token = await sign_in_by_email(api, EMAIL)
    await api.agora.storage["users"].update_one(
        {"email": EMAIL}, {"$set": {"email_verified": email_verified}}
    )
    return token


async def _place(api: Api, token: str, count: int = 1) -> None:
    for _ in range(count):
        await put_in_cart(api, token, quantity=2)
        assert (await order(api, token)).status == 201


async def test_an_order_is_confirmed_by_mail(api: Api):
    await _place(api, await _customer(api, email_verified=True))
    (mail,) = await api.agora.services.outbox.recent(10)
    assert (mail.kind, mail.to) == ("order_confirmation", EMAIL)
    assert mail.subject == "Your order ORD-61803399"
    assert mail.text == (
        f"{CONFIRMATION}\nIt goes to:\nJohn Doe\nTech Corp\n123 Main St\nApt 4B\n"
        "10001 New York NY US\n"
    )


async def test_every_order_is_confirmed_to_an_address_that_is_the_customers(api: Api):
    await _place(api, await _customer(api, email_verified=True), count=7)
    assert len(await api.agora.services.outbox.recent(10)) == 7


async def test_nothing_the_customer_wrote_goes_to_an_address_that_may_be_anothers(api: Api):
    await _place(api, await _customer(api, email_verified=False))
    (mail,) = await api.agora.services.outbox.recent(10)
    assert (mail.to, mail.text) == (EMAIL, CONFIRMATION)


async def test_an_address_that_may_be_anothers_gets_five_mails_an_hour(api: Api):
    token = await _customer(api, email_verified=False)
    await _place(api, token, count=7)
    assert len(await api.agora.services.outbox.recent(10)) == 5
    api.clock.advance(hours=1)
    (user,) = await stored(api, "users")
    await _place(api, (await api.agora.services.accounts.sessions.open(user["_id"])).access)
    assert len(await api.agora.services.outbox.recent(10)) == 6


async def test_a_refused_order_does_not_count(api: Api):
    token = await _customer(api, email_verified=False)
    for _ in range(7):
        assert (await order(api, token)).status == 400
    await _place(api, token)
    assert len(await api.agora.services.outbox.recent(10)) == 1


async def test_a_repeated_request_does_not_count(api: Api):
    token = await _customer(api, email_verified=False)
    await put_in_cart(api, token)
    for _ in range(7):
        assert (await order(api, token, "key")).status == 201
    await _place(api, token)
    assert len(await api.agora.services.outbox.recent(10)) == 2
