"""What mails say: texts in six languages, one file each (`<language>.toml`), laid out by `layout.html`.

A text is paragraphs. One that is `**…**` is strong; one that is `[label]({link})` is a link; `{name}` stands for a
value and `{name:format}` for one that is written as the language does (`values`). `[sentences]` are pieces that
values name by their key. `texts` reads them, `render` fills them.
"""

from __future__ import annotations

from backend.outbox.templates.render import Content, render
from backend.outbox.templates.texts import template_names

__all__ = ["Content", "render", "template_names"]
