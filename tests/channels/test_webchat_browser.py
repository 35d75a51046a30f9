"""The web chat in a real Chromium."""

from __future__ import annotations

import asyncio
import functools
import http.server
import pathlib
import re
import shutil
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

pytestmark = pytest.mark.browser

REPORTS = pathlib.Path(__file__).resolve().parents[2] / "reports"
SWITCHES = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, as the system has it."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("there is no chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield opened
        opened.close()


@pytest.fixture
def page(browser, server) -> Iterator[Page]:
    """An English buyer's open chat, full page; errors of its scripts fail the test."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(f"{server.url}/chat/frame?shop=stylehub&open=1")
    expect(opened.get_by_role("dialog", name="Shop assistant")).to_be_visible()
    yield opened
    context.close()
    assert errors == []


def say(page, text):
    """Write and send."""
    box = page.get_by_role("textbox", name="Your message")
    box.fill(text)
    box.press("Enter")


def read(page):
    """Return what the log says, bubble by bubble."""
    return page.locator("#log .bubble").all_inner_texts()


def test_chat_talks(page):
    """A message is answered, and the input is empty and ready for the next one."""
    say(page, "hello")
    expect(page.get_by_text("You said: hello")).to_be_visible()

    assert read(page) == ["hello", "You said: hello"]
    expect(page.get_by_role("textbox")).to_be_focused()
    expect(page.get_by_role("textbox")).to_have_value("")


def test_message_is_never_markup(page):
    """What looks like markup is text, in bubbles and in cards, and only web addresses are links."""
    say(
        page,
        "<img src=x onerror=alert(1)> javascript:alert(1) https://shop.example/a?b=1.",
    )
    expect(page.get_by_text("You said:")).to_be_visible()
    say(page, "products")
    expect(page.get_by_role("heading", name="Linen shirt <b>Bali</b>")).to_be_visible()
    say(page, "order")
    expect(page.get_by_role("heading", name="Order SH1024")).to_be_visible()
    addresses = page.locator("#log a").evaluate_all("links => links.map(link => link.href)")

    assert page.locator("#log .bubble img").count() == 0
    assert set(addresses) == {
        "https://shop.example/a?b=1",
        "https://shop.example/linen-shirt",
    }


def test_starter_and_quick_reply(page, server):
    """A starter begins the talk; a quick reply is sent as its payload, shown as its title, and then is gone."""
    page.get_by_role("button", name="Where is my order?").click()
    expect(page.get_by_text("You said: Where is my order?")).to_be_visible()
    say(page, "choose")
    page.get_by_role("group", name="Suggested replies").get_by_role("button", name="Returns").click()
    expect(page.get_by_text("You said: /return_item")).to_be_visible()

    assert server.bot.heard[-1].text == "/return_item"
    assert read(page)[-2:] == ["Returns", "You said: /return_item"]
    expect(page.get_by_role("group", name="Suggested replies")).to_have_count(0)


def test_typing_sign(page, server):
    """While the bot works, a sign says so, and it goes away with the answer."""

    async def dawdle(_):
        await asyncio.sleep(0.5)

    server.bot.scripts["slow"] = dawdle
    say(page, "slow")
    expect(page.get_by_role("status").filter(has_text="Assistant is typing")).to_be_visible()
    expect(page.get_by_text("You said: slow")).to_be_visible()

    expect(page.get_by_text("Assistant is typing")).to_have_count(0)


def test_reload_restores(page):
    """After a reload the conversation is there, cards too."""
    say(page, "products")
    expect(page.get_by_role("heading", name="Batik dress")).to_be_visible()
    page.reload()

    expect(page.get_by_role("heading", name="Batik dress")).to_be_visible()
    assert read(page) == ["products", "Have a look:"]


def test_server_restart_restores(page, server):
    """While the server is away the buyer can write; when it is back all is there and is answered once."""
    say(page, "hello")
    expect(page.get_by_text("You said: hello")).to_be_visible()
    server.stop()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    say(page, "are you there")
    expect(page.get_by_text("Not sent yet")).to_be_visible()
    server.start()
    expect(page.get_by_text("You said: are you there")).to_be_visible()

    assert read(page) == [
        "hello",
        "You said: hello",
        "are you there",
        "You said: are you there",
    ]
    assert [message.text for message in server.bot.heard] == ["are you there"]
    expect(page.get_by_text("Not sent yet")).to_have_count(0)


def test_tabs_share_the_conversation(page):
    """What is said in one tab is seen in another."""
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_role("textbox")).to_be_visible()
    say(page, "hello")

    expect(other.get_by_text("You said: hello")).to_be_visible()
    assert sorted(read(other)) == ["You said: hello", "hello"]


def test_keyboard_alone(browser, server):
    """The chat is opened, used, and closed without a mouse, and the focus is never lost."""
    page = browser.new_context(locale="en-GB").new_page()
    page.goto(f"{server.url}/chat/frame?shop=stylehub")
    opener = page.get_by_role("button", name="Open chat")
    expect(opener).to_be_visible()
    page.keyboard.press("Tab")
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("choose")
    page.keyboard.press("Enter")
    choice = page.get_by_role("button", name="Order status")
    expect(choice).to_be_visible()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(choice).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("You said: /order_status")).to_be_visible()
    expect(page.get_by_role("textbox")).to_be_focused()
    page.keyboard.press("Escape")

    expect(opener).to_be_focused()
    page.context.close()


def test_everything_has_a_role_and_a_name(page):
    """Each control has a name, the log is a live log, no id is used twice, and the page has a language and a title."""
    say(page, "products")
    say(page, "choose")
    expect(page.get_by_role("button", name="Returns")).to_be_visible()
    controls = page.locator("button:visible, a:visible, textarea:visible")
    nameless = controls.evaluate_all(
        "all => all.filter(item => !(item.getAttribute('aria-label') || item.innerText || item.labels?.length)).length"
    )
    small = controls.evaluate_all(
        "all => all.filter(item => item.matches('#log .bubble a') ? false "
        ": item.getBoundingClientRect().height < 40).length"
    )
    ids = page.locator("[id]").evaluate_all("all => all.map(item => item.id)")

    expect(page.get_by_role("log", name="Conversation")).to_have_attribute("aria-live", "polite")
    assert (nameless, small) == (0, 0)
    assert len(ids) == len(set(ids))
    assert (page.locator("html").get_attribute("lang"), page.title()) == (
        "en",
        "Shop assistant",
    )


def test_colours_have_contrast(page):
    """Every text has a contrast of 4.5 to 1 with what is behind it."""
    say(page, "products")
    say(page, "choose")
    expect(page.get_by_role("button", name="Returns")).to_be_visible()
    worst = page.evaluate(
        """() => {
          const light = (rgb) => rgb.map((part) => (part /= 255) <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
            .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
          const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
          const ground = (item) => {
            for (; item; item = item.parentElement) {
              const [r, g, b, a = 1] = numbers(getComputedStyle(item).backgroundColor);
              if (a === 1) return [r, g, b];
            }
            return [255, 255, 255];
          };
          return Math.min(...[...document.querySelectorAll("h1, h2, p, button, a, dt, dd, .who")]
            .filter((item) => item.checkVisibility() && item.innerText.trim())
            .map((item) => {
              const pair = [light(numbers(getComputedStyle(item).color).slice(0, 3)), light(ground(item))].sort((a, b) => b - a);
              return (pair[0] + 0.05) / (pair[1] + 0.05);
            }));
        }"""
    )

    assert worst >= 4.5


def test_right_to_left(page):
    """In a right-to-left language the buyer's words stand on the left."""
    say(page, "hello")
    expect(page.get_by_text("You said: hello")).to_be_visible()
    page.evaluate("document.documentElement.dir = 'rtl'")
    boxes = [page.locator(f".{side} .bubble").first.bounding_box()["x"] for side in ("user", "bot")]

    assert boxes[0] < boxes[1]


def test_motion_is_reduced_on_request(browser, server):
    """Who asks for less motion gets none."""
    context = browser.new_context(reduced_motion="reduce", locale="en-GB")
    page = context.new_page()
    page.goto(f"{server.url}/chat/frame?shop=stylehub&open=1")
    expect(page.get_by_role("dialog")).to_be_visible()

    assert page.locator("#panel").evaluate("item => getComputedStyle(item).animationName") == "none"
    context.close()


def test_embedded_in_another_site(browser, server, tmp_path):
    """One line of HTML puts the chat into a page of another origin."""
    script = f'<script src="{server.url}/chat/widget.js" data-shop="stylehub" data-product="DRESS-01" async></script>'
    (tmp_path / "index.html").write_text(f"<!doctype html><title>Shop</title><h1>Shop</h1>{script}")
    handler = functools.partial(_QuietHandler, directory=str(tmp_path))
    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    page = browser.new_context(locale="id-ID").new_page()
    page.goto(f"http://localhost:{site.server_port}/")
    chat = page.frame_locator("#pasar-chat")
    chat.get_by_role("button", name="Buka obrolan").click()
    chat.get_by_role("textbox").fill("halo")
    chat.get_by_role("textbox").press("Enter")
    expect(chat.get_by_text("You said: halo")).to_be_visible()

    assert server.bot.heard[0].metadata["product"] == "DRESS-01"
    expect(page.locator("#pasar-chat")).to_have_attribute("title", re.compile("Asisten"))
    page.context.close()
    site.shutdown()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_pictures_for_people(browser, server, width, height):
    """The shop and the chat fit their windows, without a sideways scroll; pictures of them go to reports/."""
    REPORTS.mkdir(exist_ok=True)
    page = browser.new_context(locale="en-GB", viewport={"width": width, "height": height}).new_page()
    page.goto(f"{server.url}/chat/?shop=stylehub&product=DRESS-01")
    chat = page.frame_locator("#pasar-chat")
    expect(chat.get_by_role("button", name="Open chat")).to_be_visible()
    expect(page.get_by_role("heading", name="Batik wrap dress")).to_be_visible()
    page.screenshot(path=REPORTS / f"webchat-shop-{width}.png")
    chat.get_by_role("button", name="Open chat").click()
    page.screenshot(path=REPORTS / f"webchat-open-{width}.png", animations="disabled")
    for text in ("hello", "products", "order", "choose"):
        chat.get_by_role("textbox").fill(text)
        chat.get_by_role("textbox").press("Enter")
    expect(chat.get_by_role("button", name="Returns")).to_be_visible()
    page.screenshot(path=REPORTS / f"webchat-talk-{width}.png", animations="disabled")
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")

    assert wide is False
    page.context.close()


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""
