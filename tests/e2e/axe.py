"""axe-core on a page of a real browser: what it finds, in words."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

SOURCE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
LOOKS = 8
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (tags) => {
  const { violations } = await axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
  return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}"""


def violations(tab: Page) -> list[str]:
    """By light and by dark; empty where everybody can use what is shown."""
    assert SOURCE.is_file(), "axe-core is missing: npm ci in frontend/"
    tab.emulate_media(reduced_motion="reduce")
    tab.evaluate(SOURCE.read_text())
    found = []
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {each}" for each in _lasting(tab)]
    return found


def _lasting(tab: Page) -> list[str]:
    """What is found is looked at again: the colours of another scheme take their time on a busy machine."""
    found: list[str] = []
    for _ in range(LOOKS):
        tab.wait_for_timeout(250)
        if not (found := tab.evaluate(RUN, RULES)):
            break
    return found
