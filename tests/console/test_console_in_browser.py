"""The console in a real browser: an administrator looks, and does something about it."""

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from playwright.async_api import Page, Route, async_playwright, expect

from repositories.messaging.outbox import OutboxRepository
from tests.harness import Api
from tests.shop.shopping import add_product, customers_with, order
from tests.sociox.people import PASSWORD, join_as

# The browser is slow on a machine that others use too.
expect.set_options(timeout=30_000)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium here to open the page in: apt-get install chromium"
)
PHONE: Any = {"width": 360, "height": 740}


@asynccontextmanager
async def _page(api: Api, *, expected: str = "^$", **options: Any) -> AsyncIterator[Page]:
    """The console; nothing may come from another host, or fail but as `expected`."""
    said: list[str] = []
    asked: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM)
        page = await browser.new_page(**options)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda problem: said.append(str(problem)))
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(f"{api.base_url}/console")
        yield page
        await browser.close()
    assert [text for text in said if not re.search(expected, text)] == []
    assert [url for url in asked if not url.startswith((api.base_url, "data:"))] == []


async def _sign_in(page: Page, email: str) -> None:
    await page.get_by_label("Email").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()


async def _give_up(api: Api, to: str) -> None:
    """A mail that was refused."""
    at, outbox = api.clock(), OutboxRepository(api.agora.storage)
    await api.agora.services.outbox.enqueue_mail("greeting", to=to, subject="Hello", text="Hello")
    lease_until = at + timedelta(minutes=2)
    message = await outbox.claim_next("mail", owner="w", at=at, lease_until=lease_until)
    assert message is not None
    await outbox.mark_dead(message, error="550 unknown", expires_at=at + timedelta(days=30))


def _tile(page: Page, title: str) -> Any:
    return page.locator("#tiles > div").filter(has_text=title).locator("dd")


async def test_an_administrator_sees_the_figures_and_retries_dead_letters(api: Api):
    admin = await join_as(api, "superadmin")
    await add_product(api)
    for token in await customers_with(api, 2):
        ordered = await order(api, token)
    price = ordered.body["data"]["total"]["amount"]
    await _give_up(api, "ann@example.com")
    await _give_up(api, "bob@example.com")
    async with _page(api) as page:
        await _sign_in(page, admin.email)
        await expect(page.get_by_text("As of 10:00:00 UTC")).to_be_visible()
        await expect(_tile(page, "Accounts")).to_have_text("33 active")
        await expect(_tile(page, "Revenue today")).to_have_text(f"${2 * price / 100:,.2f}")

        orders = page.get_by_role("img", name=re.compile("^Orders a day: 2 in all, 2 today"))
        assert await orders.locator(".bar-part").count() == 1
        await orders.focus()
        await page.keyboard.press("ArrowLeft")
        await expect(page.locator(".tip:visible")).to_have_text("Sat, 18 Jan 2025Kept2Cancelled0")

        await page.get_by_text("Table", exact=True).last.click()
        revenue = page.get_by_role("region", name="Revenue a day, USD, table").locator("tbody tr")
        await expect(revenue.first).to_have_text(f"Sat, 18 Jan 2025${2 * price / 100:,.2f}")
        assert await revenue.count() == 30

        await expect(page.get_by_text("550 unknown")).to_have_count(2)
        retry = page.get_by_role("button", name="Retry: to ann@example.com")
        await retry.focus()
        api.clock.advance(seconds=10)
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await expect(page.get_by_text("As of 10:00:10 UTC")).to_be_visible()
        await expect(retry).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator("#retried")).to_have_text("1 on the way again.")
        await expect(page.get_by_text("550 unknown")).to_have_count(1)
        await page.get_by_role("button", name="Retry all").click()
        await expect(page.get_by_role("heading", name="Nothing was given up")).to_be_visible()

        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_label("Password")).to_be_visible()
        await expect(page.locator("#console")).to_be_hidden()
    assert await api.agora.storage["sessions"].count_documents({"user_id": ObjectId(admin.id)}) == 1


async def test_it_fits_a_phone_and_each_of_its_tabs_outlives_the_access_token(api: Api):
    admin = await join_as(api, "superadmin")
    await _give_up(api, f"{'long' * 15}@example.com")
    async with _page(api, expected="401", viewport=PHONE, color_scheme="dark") as page:
        await _sign_in(page, admin.email)
        await expect(page.get_by_text("As of 10:00:00 UTC")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        assert await page.evaluate("getComputedStyle(document.body).color") == "rgb(230, 234, 239)"
        async with page.expect_popup() as opened:
            await page.evaluate("window.open('/console')")
        duplicate = await opened.value
        await expect(duplicate.get_by_text("As of 10:00:00 UTC")).to_be_visible()
        api.clock.advance(minutes=20)
        for tab in (page, duplicate):
            await tab.reload()
            await expect(tab.get_by_text("As of 10:20:00 UTC")).to_be_visible()
        api.clock.advance(minutes=20)
        await page.reload()
        await expect(page.get_by_text("As of 10:40:00 UTC")).to_be_visible()


async def test_what_is_in_the_way_is_told(api: Api):
    limited = await join_as(api, "admin with manage_users")
    admin = await join_as(api, "superadmin")
    async with _page(api, expected="401|403|ERR_FAILED|ERR_CONNECTION") as page:
        trouble = page.get_by_role("alert")
        await page.get_by_label("Email").fill("nobody@example.com")
        await page.get_by_label("Password").fill("wrong-password")
        await page.get_by_role("button", name="Sign in").click()
        await expect(trouble).to_have_text("Invalid credentials")
        await _sign_in(page, limited.email)
        await expect(trouble).to_have_text(
            f"{limited.email} may not see the console: it is for administrators without limits."
        )
        await _sign_in(page, admin.email)
        await expect(page.get_by_text("As of 10:00:00 UTC")).to_be_visible()

        async def cut(route: Route) -> None:
            await route.abort()

        await page.route("**/console/data", cut)
        await page.reload()
        await expect(trouble).to_contain_text("The server can't be reached")


async def test_axes_have_round_steps_that_hold_every_value(api: Api):
    async with _page(api) as page:
        shown = await page.evaluate("""async () => {
            const { niceTicks, powersOfTen } = await import("/console/charts.js");
            return [niceTicks(0), niceTicks(3), niceTicks(3, { least: 1 }), niceTicks(81),
                    powersOfTen([]), powersOfTen([0.4, 1516])];
        }""")
    assert shown == [
        [0, 1],
        [0, 1, 2, 3],
        [0, 1, 2, 3],
        [0, 50, 100],
        [1, 10],
        [0.1, 1, 10, 100, 1000, 10000],
    ]


async def test_the_console_has_no_other_files(api: Api):
    reply = await api.get("/console/..%2Fconsole.py")
    assert (reply.status, reply.body["error"]["message"]) == (404, "The console has no such file")


async def test_the_page_may_run_nothing_but_its_own_scripts(api: Api):
    page = await api.get("/console")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
