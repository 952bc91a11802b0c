"""axe-core on a page of a real browser: what it finds, in words."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

SOURCE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (tags) => {
  const { violations } = await axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
  return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}"""

SETTLED = """async () => {  // the colours of the other scheme fade in
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  await frame();
  await frame();
  const fading = document.getAnimations().filter((one) => one instanceof CSSTransition);
  await Promise.allSettled(fading.map((one) => one.finished));
  await frame();
}"""


def violations(tab: Page) -> list[str]:
    """By light and by dark; empty where everybody can use what is shown."""
    assert SOURCE.is_file(), "axe-core is missing: npm ci in frontend/"
    tab.emulate_media(reduced_motion="reduce")
    tab.evaluate(SOURCE.read_text())
    found = []
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        tab.evaluate(SETTLED)
        found += [f"{scheme}: {each}" for each in tab.evaluate(RUN, RULES)]
    return found
