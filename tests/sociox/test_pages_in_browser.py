"""The pages behind the links in mails, in a real browser with its scripts off.

It is Debian's Chromium, headless, which `.ci/run` installs where it can.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, async_playwright

from tests.factories import stored
from tests.harness import Api
from tests.sociox.people import PASSWORD, join
from tests.sociox.test_account_deletion import deletion_path
from tests.sociox.test_password_reset import forget, sign_in

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium here to open the pages in: apt-get install chromium"
)
# Of every kind that an encoding of forms treats in its own way.
NEW_PASSWORD = " =&%2B+é密\" <b>'\\"


@asynccontextmanager
async def _browser_page() -> AsyncIterator[Page]:
    """An empty page, in which nothing may be refused by the policy; its console tells of that."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM)
        context = await browser.new_context(java_script_enabled=False)
        page, said = await context.new_page(), []
        page.on("console", lambda message: said.append(message.text))
        yield page
        await browser.close()
    assert [text for text in said if "Content Security Policy" in text] == []


async def _heading(page: Page) -> str:
    return await page.locator("h1").inner_text()


async def test_a_password_is_chosen_on_the_page_of_the_link(api: Api):
    person = await join(api, "ann")
    token = (await forget(api)).token
    async with _browser_page() as page:
        referrers: list[str | None] = []
        page.on("request", lambda request: referrers.append(request.headers.get("referer")))
        await page.goto(f"{api.base_url}/reset-password?token={token}")
        assert await _heading(page) == "Choose a new password"
        # The one style is let through by its hash.
        assert await page.locator("button").evaluate("e => getComputedStyle(e).borderRadius") == (
            "6px"
        )
        await page.get_by_label("New password").fill(NEW_PASSWORD)
        await page.get_by_label("The same again").fill("another")
        await page.get_by_role("button", name="Change password").click()
        assert "The two passwords differ" in await page.locator("p").inner_text()
        assert await sign_in(api, PASSWORD) == 200

        await page.get_by_label("New password").fill(NEW_PASSWORD)
        await page.get_by_label("The same again").fill(NEW_PASSWORD)
        await page.get_by_role("button", name="Change password").click()
        assert await _heading(page) == "Your password is changed"
        assert token not in await page.content()
        assert await sign_in(api, NEW_PASSWORD) == 200
        assert (await api.get("/api/v1/auth/profile", token=person.token)).status == 401

        await page.goto(f"{api.base_url}/reset-password?token={token}")
        assert await _heading(page) == "This link no longer works"
        assert set(referrers) == {None}


async def test_an_account_is_deleted_on_the_page_of_the_link(api: Api):
    path = await deletion_path(api, await join(api, "ann"))
    async with _browser_page() as page:
        await page.goto(api.base_url + path)
        assert await _heading(page) == "Delete your account"
        assert len(await stored(api, "users")) == 1
        await page.get_by_role("button", name="Delete my account").click()
        assert await _heading(page) == "Your account is deleted"
        assert await stored(api, "users") == []


async def test_no_other_page_can_show_one_in_a_frame(api: Api):
    path = await deletion_path(api, await join(api, "ann"))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM)
        page, said = await browser.new_page(), []
        page.on("console", lambda message: said.append(message.text))
        await page.goto(f"{api.base_url}/health")
        await page.set_content(f'<iframe src="{api.base_url + path}"></iframe>')
        frame = page.frames[-1]
        assert frame is not page.main_frame
        await frame.wait_for_load_state()
        assert await frame.locator("button").count() == 0
        await browser.close()
    assert any("frame-ancestors 'none'" in text for text in said), said
