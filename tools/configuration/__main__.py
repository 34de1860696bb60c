"""Writes docs/configuration.md."""

from tools.configuration.page import PAGE, page

PAGE.write_text(page())
