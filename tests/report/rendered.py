"""Markdown as GitHub shows it: rendered by its own library, with raw HTML left in, and taken apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

import cmarkgfm  # type: ignore[import-untyped]  # it ships no types
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]  # likewise

_VOID = {"br"}
_QUOTED = {"code", "pre"}


@dataclass(slots=True)
class Page:
    """What became of a page of Markdown.

    Attributes:
        quoted: The texts inside code, each span and block by itself.
        prose: All other text.
        tags: The names of all elements, in order.
        links: What elements point to or load.
        oddities: Comments, declarations, instructions and tags that do not match.
    """

    quoted: list[str] = field(default_factory=list)
    prose: str = ""
    tags: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    oddities: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.tags.append(tag)
        self.page.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        if tag == "code":
            self.page.quoted.append("")
        if tag == "details" and "details" in self.open:
            self.page.oddities.append("nested details")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID and (not self.open or self.open.pop() != tag):
            self.page.oddities.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if _QUOTED & set(self.open):
            self.page.quoted[-1] += data
        else:
            self.page.prose += data

    def handle_comment(self, data: str) -> None:
        self.page.oddities.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.page.oddities.append(decl)

    def handle_pi(self, data: str) -> None:
        self.page.oddities.append(data)

    def unknown_decl(self, data: str) -> None:
        self.page.oddities.append(data)


def to_html(markdown: str) -> str:
    """Render with all of GitHub's extensions."""
    html: str = cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE)
    return html


def rendered(markdown: str) -> Page:
    """Render, and take apart."""
    reader = _Reader()
    reader.feed(to_html(markdown))
    reader.close()
    reader.page.oddities.extend(f"<{tag}> not closed" for tag in reader.open)
    return reader.page
