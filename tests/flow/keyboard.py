"""A person who uses nothing but the keyboard."""

from playwright.sync_api import Locator, Page, expect


def tab_to(page: Page, wanted: Locator, most: int = 60) -> None:
    """Press Tab until `wanted` has the focus, and see that a person can see that it has."""
    expect(wanted).to_be_visible()
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            assert wanted.evaluate(
                "element => [element, element.closest('label')].some("
                "  shown => shown && getComputedStyle(shown).outlineStyle === 'solid')"
            )
            return
    raise AssertionError(f"{most} times Tab did not reach {wanted}")


def press(page: Page, wanted: Locator, key: str = "Enter", most: int = 60) -> None:
    """Go to `wanted` and press the key there."""
    tab_to(page, wanted, most)
    page.keyboard.press(key)
