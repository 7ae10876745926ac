"""The home page and the explorer of the API, in a real browser."""

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.harness import Api

# The explorer is slow on a machine that others use too.
expect.set_options(timeout=30_000)
PHONE: Any = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium here to open the pages in: apt-get install chromium"
)


@asynccontextmanager
async def _browser_page(api: Api, **looks: Any) -> AsyncIterator[Page]:
    """An empty page; nothing may be refused by its policy, or come from another host."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM)
        page, said, asked = await browser.new_page(**looks), [], []
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda request: asked.append(request.url))
        yield page
        await browser.close()
    assert [text for text in said if "Content Security Policy" in text] == []
    assert [url for url in asked if not url.startswith((api.base_url, "data:"))] == []


async def _sign_in(page: Page, button: str, kind: str, identifier: str) -> None:
    await _fill_in(page, kind, identifier)
    await page.get_by_role("button", name=button, exact=True).click()
    await expect(page.locator("#told")).to_have_text(f"Signed in as {identifier}")


async def _fill_in(page: Page, kind: str, identifier: str) -> None:
    await page.get_by_label("Account").select_option(kind)
    await page.locator("#identifier").fill(identifier)
    await page.get_by_label("Password", exact=True).fill("secret1")


async def _execute(page: Page, operation_id: str) -> str:
    """What an operation is answered with, tried on the page."""
    operation = page.locator(f"[id$='-{operation_id}']")
    await operation.locator(".opblock-summary-control").click()
    await operation.get_by_role("button", name="Execute").click()
    return await operation.locator(
        ".live-responses-table tbody .response-col_description"
    ).inner_text()


async def test_who_comes_from_the_home_page_registers_and_tries_a_route(api: Api):
    async with _browser_page(api) as page:
        await page.goto(api.base_url)
        assert await page.locator("h1").inner_text() == "Agora"
        await page.get_by_role("link", name="Try the API").click()
        await expect(page.locator(".opblock-tag").first).to_be_visible()
        assert await page.locator(".opblock-tag").count() == 6
        await page.locator("h3[data-tag=accounts]").click()
        await _sign_in(page, "Register", "email", "ann@example.com")
        assert "ann@example.com" in await _execute(page, "get_api_v1_auth_profile")


async def test_a_forum_account_registers_and_tries_a_route(api: Api):
    async with _browser_page(api) as page:
        await page.goto(f"{api.base_url}/docs#/forum")
        await _fill_in(page, "phone", "+13800138000")
        await page.get_by_role("button", name="Sign in", exact=True).click()
        # What is wrong with a sign-in is told.
        await expect(page.locator("#told")).to_have_text("Invalid username or password")
        await _sign_in(page, "Register", "phone", "+13800138000")
        assert "+13800138000" in await _execute(page, "get_api_user")


async def test_an_admin_signs_in_and_tries_a_route_on_a_phone_in_the_dark(api: Api):
    registration = api.agora.services.accounts.registration
    await registration.as_administrator("boss@example.com", "secret1", is_superadmin=True)
    async with _browser_page(api, **PHONE) as page:
        await page.goto(api.base_url)
        await _is_dark_and_fits(page)
        await page.get_by_role("link", name="Family").click()
        await page.get_by_label("Account").select_option("admin")
        await expect(page.locator("#register")).to_be_hidden()
        await _sign_in(page, "Sign in", "admin", "boss@example.com")
        assert "boss@example.com" in await _execute(page, "get_api_v1_admin_get_all_admins")
        await _is_dark_and_fits(page)


async def _is_dark_and_fits(page: Page) -> None:
    """The paper is dark, and nothing has to be scrolled sideways to."""
    paper = await page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    assert all(int(part) < 64 for part in re.findall(r"\d+", paper))
    assert await page.locator("html").evaluate("html => html.scrollWidth") == 360


async def test_the_explorer_has_no_other_files(api: Api):
    reply = await api.get("/docs/..%2Fexplorer.py")
    assert (reply.status, reply.body["error"]["message"]) == (404, "The explorer has no such file")
