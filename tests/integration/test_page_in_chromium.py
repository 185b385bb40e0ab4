"""The page in a real Chromium: clicked through, searched, sorted, by keyboard, in the dark, on a phone."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest
from ansible_collections.evpn.fabric.plugins.plugin_utils._page.content import Content, Sight, Sources, content
from ansible_collections.evpn.fabric.plugins.plugin_utils._page.drawing import Node, drawing
from ansible_collections.evpn.fabric.plugins.plugin_utils._page.page import page
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests import browser
from tests.browser import Browser
from tests.reports import AT, DRIFT, RUNS, observed, read, sources

pytestmark = browser.needed

EVIL = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"


def written(directory: pathlib.Path, name: str, made: Content) -> pathlib.Path:
    path = directory / f"{name}.html"
    path.write_text(page(made, AT), encoding="utf-8")
    return path


@pytest.fixture(name="chromium", scope="module")
def _chromium() -> Iterator[Browser]:
    opened = Browser()
    yield opened
    opened.close()


@pytest.fixture(name="shown")
def _shown(chromium: Browser, tmp_path: pathlib.Path) -> Iterator[Browser]:
    """The page of a fabric in trouble; Chromium must have nothing to say against it."""
    chromium.emulate(1280, 900, False, "light")
    chromium.open(written(tmp_path, "report", content(sources())))
    yield chromium
    assert chromium.complaints() == []


def column(shown: Browser, table: str, name: str) -> list[str]:
    """The cells of a column that are in the document."""
    return [cell.text for cell in shown.all(f'[data-table="{table}"] td[data-column="{name}"]')]


def status(shown: Browser, table: str) -> str:
    return shown.find(f'[data-table="{table}"] .tools span').text


def search(shown: Browser, table: str, text: str) -> None:
    field = shown.find(f'[data-table="{table}"] input')
    field.clear()
    field.send_keys(text or " ")


def heading(shown: Browser, table: str, name: str) -> None:
    for button in shown.all(f'[data-table="{table}"] th button'):
        if button.text.startswith(name):
            button.click()
            return
    raise AssertionError(f"{table} has no column {name}")


def test_the_page_loads_nothing_but_itself(shown: Browser) -> None:
    shown.requests()
    shown.driver.refresh()
    assert [url.split("/")[-1] for url in shown.requests()] == ["report.html"]


def test_a_script_or_style_of_anybody_else_does_not_run(chromium: Browser, tmp_path: pathlib.Path) -> None:
    path = written(tmp_path, "report", content(sources()))
    foreign = "<script>document.title='owned'</script><style>h1{display:none}</style><img src='https://192.0.2.1/x.png'>"
    path.write_text(path.read_text().replace("<main", foreign + "<main", 1))
    chromium.open(path)
    assert chromium.driver.title == f"Fabric report, {AT}"
    assert chromium.find("h1").is_displayed()
    blocked = chromium.complaints()
    assert len(blocked) == 3 and all("Content Security Policy" in message for message in blocked)


def test_every_table_is_shown_with_its_rows_or_what_it_means_that_it_has_none(shown: Browser) -> None:
    names = [place.get_attribute("data-table") for place in shown.all("[data-table]")]
    assert names == ["hosts", "sessions", "checks", "vnis", "hosts-vnis", "owners", "losses", "drift", "history", "runs"]
    assert column(shown, "hosts", "Host")[:2] == ["leaf1", "leaf2"]
    assert status(shown, "hosts") == "1 to 7 of 7"
    assert column(shown, "drift", "Reason") == ["mtu 1400 -> 1450", "somebody else's, in a VRF of the fabric"]


def test_an_empty_table_says_what_that_means(chromium: Browser, tmp_path: pathlib.Path) -> None:
    of = read()
    chromium.open(
        written(tmp_path, "nothing", content(Sources(of, {name: Sight(None, "gone") for name in of.hosts}, {}, None, [])))
    )
    assert status(chromium, "drift") == "Run evpn.fabric.drift to look for it."
    assert status(chromium, "checks") == "No check has failed."
    assert chromium.complaints() == []


@pytest.mark.parametrize(
    "table", ["hosts", "sessions", "checks", "vnis", "hosts-vnis", "owners", "losses", "drift", "history", "runs"]
)
def test_every_table_can_be_searched_and_sorted(shown: Browser, table: str) -> None:
    first = shown.find(f'[data-table="{table}"] td').get_attribute("data-column")
    before = column(shown, table, str(first))
    assert before
    search(shown, table, "no such thing anywhere")
    assert column(shown, table, str(first)) == [] and status(shown, table).startswith("No row matches (of ")
    search(shown, table, "")
    heading(shown, table, str(first))
    heading(shown, table, str(first))
    order = shown.find(f'[data-table="{table}"] th').get_attribute("aria-sort")
    assert order == "descending" and sorted(column(shown, table, str(first))) == sorted(before)


def test_a_search_finds_rows_that_have_every_word_in_whatever_column_and_case(shown: Browser) -> None:
    search(shown, "sessions", "EVPN leaf1 active")
    assert column(shown, "sessions", "State") == ["✗ active"] and column(shown, "sessions", "Family") == ["l2vpn_evpn"]
    assert status(shown, "sessions") == "1 to 1 of 1 (of 40)"
    search(shown, "sessions", "✗")
    assert set(column(shown, "sessions", "State")) == {"✗ active"}


def test_numbers_are_sorted_as_numbers_in_names_too(chromium: Browser, tmp_path: pathlib.Path) -> None:
    of = read(leaves=12)
    sights = {name: Sight(observed(of, name)) for name in of.hosts}
    chromium.open(written(tmp_path, "twelve", content(Sources(of, sights, {}, None, []))))
    heading(chromium, "hosts", "Host")
    assert column(chromium, "hosts", "Host")[:3] == ["leaf1", "leaf2", "leaf3"]
    heading(chromium, "hosts", "Host")
    assert column(chromium, "hosts", "Host")[2:5] == ["leaf12", "leaf11", "leaf10"]
    heading(chromium, "hosts", "Networks")
    assert column(chromium, "hosts", "Networks")[:2] == ["0", "0"]


def test_a_click_on_a_host_shows_that_host_in_every_table_and_another_click_all_again(shown: Browser) -> None:
    shown.find('svg [data-host="leaf1"]').click()
    assert set(column(shown, "sessions", "Host")) == {"leaf1"} == set(column(shown, "hosts", "Host"))
    assert column(shown, "vnis", "VNI"), "a table without hosts stays"
    assert len(shown.all("svg line.marked")) == 2
    assert shown.find("#chosen").text.startswith("Tables show leaf1 only.")
    assert shown.find('svg [data-host="leaf1"]').get_attribute("aria-pressed") == "true"
    shown.find("#chosen button").click()
    assert status(shown, "hosts") == "1 to 7 of 7" and shown.find("#chosen").text == ""


def test_a_host_in_a_table_can_be_chosen_there(shown: Browser) -> None:
    search(shown, "runs", "spine1")
    shown.find('[data-table="runs"] td button').click()
    assert column(shown, "hosts", "Host") == ["spine1"]


def test_hosts_are_chosen_by_keyboard_alone(shown: Browser) -> None:
    boxes = shown.all('svg [data-host][tabindex="0"]')
    assert len(boxes) == 1, "the topology is one stop of the Tab key"
    shown.run("arguments[0].focus()", boxes[0])
    focus = "return document.activeElement.dataset.host"
    keys = ActionChains(shown.driver)
    keys.send_keys(Keys.END).perform()
    assert shown.run(focus) == "leaf3"
    ActionChains(shown.driver).send_keys(Keys.ARROW_LEFT).perform()
    assert shown.run(focus) == "leaf2"
    ActionChains(shown.driver).send_keys(Keys.ARROW_UP).perform()
    assert str(shown.run(focus)).startswith("spine")
    ActionChains(shown.driver).send_keys(Keys.ENTER).perform()
    chosen = shown.run(focus)
    assert column(shown, "hosts", "Host") == [chosen]
    ActionChains(shown.driver).send_keys(Keys.ESCAPE).perform()
    assert status(shown, "hosts") == "1 to 7 of 7"


def test_the_tab_key_reaches_search_headings_and_rows_in_their_order(shown: Browser) -> None:
    shown.run("document.querySelector('[data-table=hosts] input').focus()")
    seen = []
    for _time in range(3):
        ActionChains(shown.driver).send_keys(Keys.TAB).perform()
        seen.append(shown.run("const e = document.activeElement; return e.getAttribute('aria-label') || e.textContent"))
    assert seen == ["Hosts", "Host", "Role"]
    ActionChains(shown.driver).send_keys(Keys.SPACE).perform()
    assert shown.find('[data-table="hosts"] th:nth-child(2)').get_attribute("aria-sort") == "ascending"


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_the_page_follows_the_users_choice_of_light_or_dark_and_stays_readable(shown: Browser, scheme: str, dark: bool) -> None:
    shown.emulate(1280, 900, False, scheme)
    paper, *inks = shown.run(
        "const rgb = (s) => s.match(/[0-9.]+/g).slice(0, 3).map(Number);"
        "return [rgb(getComputedStyle(document.body).backgroundColor),"
        " ...['body', 'p', 'nav a', 'td.bad', 'td.good'].map((s) => rgb(getComputedStyle(document.querySelector(s)).color))]"
    )
    assert (luminance(paper) < 0.1) is dark
    for ink in inks:
        light, shade = sorted((luminance(paper), luminance(ink)), reverse=True)
        assert (light + 0.05) / (shade + 0.05) >= 4.5, "WCAG 2.2, success criterion 1.4.3"


def luminance(color: list[float]) -> float:
    """The relative luminance of a color (WCAG 2.2)."""
    linear = [part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in color]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_on_a_phone_nothing_is_wider_than_the_screen_and_all_can_be_tapped(shown: Browser) -> None:
    shown.emulate(360, 740, True, "light")
    assert shown.run("return document.documentElement.scrollWidth") <= 360
    assert all(button.size["height"] >= 24 for button in shown.all('[data-table="hosts"] th button'))
    heading(shown, "hosts", "Role")
    assert column(shown, "hosts", "Role")[0] == "gateway"
    for name in ("Host", "State", "Inventory"):
        cell = shown.find(f'[data-table="hosts"] td[data-column="{name}"]')
        assert cell.rect["x"] >= 0 and cell.rect["x"] + cell.rect["width"] <= 360


def test_a_thousand_hosts_with_a_hundred_vnis_each_are_paged_searched_and_sorted_at_once(
    chromium: Browser, tmp_path: pathlib.Path
) -> None:
    of = read(leaves=1000, networks=100, vrfs=10, spines=4)
    made = content(Sources(of, {name: Sight(observed(of, name)) for name in of.hosts}, {}, DRIFT, RUNS))
    path = written(tmp_path, "thousand", made)
    assert path.stat().st_size < 8 << 20
    chromium.emulate(1280, 900, False, "light")
    chromium.open(path)
    assert status(chromium, "hosts-vnis") == "1 to 50 of 110,000"
    assert len(chromium.all("td")) < 5000, "what is not shown is not in the document"
    search(chromium, "hosts-vnis", "leaf999 net42")
    assert (column(chromium, "hosts-vnis", "Host"), column(chromium, "hosts-vnis", "Name")) == (["leaf999"], ["net42"])
    search(chromium, "hosts-vnis", "")
    seconds = chromium.run(
        "const start = performance.now(); document.querySelectorAll('[data-table=hosts-vnis] th button')[1].click();"
        "return (performance.now() - start) / 1000"
    )
    assert seconds < 2
    buttons = chromium.all('[data-table="hosts-vnis"] .tools button')
    assert not buttons[0].is_enabled()
    buttons[1].click()
    assert status(chromium, "hosts-vnis") == "51 to 100 of 110,000" and buttons[0].is_enabled()
    assert not [line for line in chromium.all("svg line.good")[:20] if line.is_displayed()]
    chromium.find('svg [data-host="leaf7"]').click()
    assert len([line for line in chromium.all("svg line.marked") if line.is_displayed()]) == 4
    assert chromium.complaints() == []


def test_names_that_are_markup_are_shown_as_they_are(chromium: Browser, tmp_path: pathlib.Path) -> None:
    made = content(sources())
    tables = [table._replace(rows=[(EVIL, *row[1:]) for row in table.rows]) for table in made.tables]
    drawn = drawing([[Node(EVIL, "VTEP", "bad", EVIL)]], [])
    chromium.open(written(tmp_path, "evil", made._replace(tables=tables, drawing=drawn, notes={"hosts": [EVIL]})))
    assert chromium.driver.title == f"Fabric report, {AT}"
    assert chromium.all("img") == []
    assert column(chromium, "hosts", "Host")[0] == EVIL and chromium.find(".notes li").text == EVIL
    chromium.find("svg [data-host]").click()
    assert EVIL in chromium.find("#chosen").text
    assert chromium.complaints() == []
