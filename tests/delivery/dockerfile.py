"""Reads a Dockerfile: stages with their instructions."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

INSTRUCTION = re.compile(
    r"(ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|RUN|USER|WORKDIR) (.+)", re.DOTALL
)


@dataclass
class Stage:
    """What stands between two FROM."""

    base: str
    name: str
    lines: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        return [text for found, text in self.lines if found == instruction]

    def copied(self) -> list[tuple[list[str], str]]:
        """Sources and destination of every COPY out of the repository."""
        words = [text.split() for text in self.all("COPY") if not text.startswith("--from=")]
        return [(one[:-1], one[-1]) for one in words]

    def form(self, instruction: str) -> list[str]:
        """The words of the last CMD or ENTRYPOINT; raises ValueError where it is not in exec form."""
        words: list[str] = json.loads(self.all(instruction)[-1])
        return words


def stages(path: Path) -> list[Stage]:
    """Raises ValueError at what is no instruction."""
    text = re.sub(r"^\s*#.*\n", "", path.read_text(), flags=re.MULTILINE)
    found: list[Stage] = []
    for line in filter(str.strip, re.sub(r"\\\n\s*", " ", text).splitlines()):
        match = INSTRUCTION.fullmatch(line)
        if match is None:
            raise ValueError(f"{line!r} is no instruction")
        if match[1] == "FROM":
            base, _, name = match[2].partition(" AS ")
            found.append(Stage(base, name))
        else:
            found[-1].lines.append((match[1], match[2]))
    return found
