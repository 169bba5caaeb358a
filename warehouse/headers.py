"""The comment lines a SQL file starts with: entries, one a line, and the body after them."""


def split(text: str) -> tuple[list[str], str]:
    """Header entries and body; a comment line indented by two blanks or more goes on with the entry before it."""
    lines = text.splitlines()
    count = next((i for i, line in enumerate(lines) if not line.startswith("--")), len(lines))
    entries: list[str] = []
    for line in lines[:count]:
        said = line.removeprefix("--")
        if entries and said.startswith("  "):
            entries[-1] += f"\n{said.strip()}"
        elif said.strip():
            entries.append(said.strip())
    return entries, "\n".join(lines[count:])
