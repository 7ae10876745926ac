"""The home page and the explorer of the API, in a real browser."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.harness import Api

# The explorer is slow on a machine that others use too.
expect.set_options(timeout=30_000)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium here to open the pages in: apt-get install chromium"
)


@asynccontextmanager
async def _browser_page(api: Api) -> AsyncIterator[Page]:
    """An empty page; nothing may be refused by its policy, or come from another host."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM)
        page, said, asked = await browser.new_page(), [], []
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda request: asked.append(request.url))
        yield page
        await browser.close()
    assert [text for text in said if "Content Security Policy" in text] == []
    assert [url for url in asked if not url.startswith((api.base_url, "data:"))] == []


async def _sign_in(page: Page, button: str, kind: str, identifier: str) -> None:
    await page.get_by_label("Account").select_option(kind)
    await page.locator("#identifier").fill(identifier)
    await page.get_by_label("Password", exact=True).fill("secret1")
    await page.get_by_role("button", name=button, exact=True).click()
    await expect(page.locator("#told")).to_have_text(f"Signed in as {identifier}")


async def _execute(page: Page, operation_id: str) -> str:
    """What an operation is answered with, tried on the page."""
    operation = page.locator(f"[id$='-{operation_id}']")
    await operation.locator(".opblock-summary-control").click()
    await operation.get_by_role("button", name="Execute").click()
    return await operation.locator(
        ".live-responses-table tbody .response-col_description"
    ).inner_text()


async def test_the_home_page_leads_to_the_explorer(api: Api):
    async with _browser_page(api) as page:
        await page.goto(api.base_url)
        assert await page.locator("h1").inner_text() == "Agora"
        await page.get_by_role("link", name="Try the API").click()
        await expect(page.locator(".opblock-tag").first).to_be_visible()
        assert await page.locator(".opblock-tag").count() == 6


async def test_somebody_registers_and_tries_a_route(api: Api):
    async with _browser_page(api) as page:
        await page.goto(f"{api.base_url}/docs#/accounts")
        await _sign_in(page, "Register", "email", "ann@example.com")
        assert "ann@example.com" in await _execute(page, "get_api_v1_auth_profile")


async def test_a_forum_account_registers_and_tries_a_route(api: Api):
    async with _browser_page(api) as page:
        await page.goto(f"{api.base_url}/docs#/forum")
        await _sign_in(page, "Register", "phone", "+13800138000")
        assert "+13800138000" in await _execute(page, "get_api_user")


async def test_what_is_wrong_with_a_sign_in_is_told(api: Api):
    async with _browser_page(api) as page:
        await page.goto(f"{api.base_url}/docs")
        await page.get_by_label("Account").select_option("admin")
        await page.locator("#identifier").fill("ann@example.com")
        await page.get_by_label("Password", exact=True).fill("wrong-password")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.locator("#told")).to_have_text("Invalid credentials")
        assert not await page.get_by_role("button", name="Register").is_visible()


async def test_the_explorer_has_no_other_files(api: Api):
    reply = await api.get("/docs/..%2Fexplorer.py")
    assert (reply.status, reply.body["error"]["message"]) == (404, "The explorer has no such file")
