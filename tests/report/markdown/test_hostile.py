"""Hostile texts in every place of a plan, rendered as GitHub would: they are text in code, and nothing else."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.model.cause import Cause
from assistant_sync.model.provenance import Commit
from assistant_sync.model.selection import Selection
from assistant_sync.report.markdown.plan import plan_markdown
from tests.builders import (
    added,
    changed,
    make_adopt,
    make_create,
    make_delete,
    make_id,
    make_orphan,
    make_plan,
    make_refuse,
    make_update,
    make_violation,
    make_warning,
    removed,
)
from tests.report import examples
from tests.report.rendered import rendered

if TYPE_CHECKING:
    from assistant_sync.model.plan import Plan

# Each holds the word "zqx", which no text of ours has.
CORPUS = [
    *(f"{'`' * length}zqx{'`' * length}" for length in (1, 2, 3, 4, 7, 63, 64, 65, 80, 81, 255, 256, 300)),
    *(f"zqx\n{'`' * length}\nzqx **out**\n" for length in (3, 4, 64, 65, 100, 255, 256, 1_000)),
    *(f"zqx\n{indent}{'~' * 300}\nzqx @octocat\n" for indent in ("", "   ", "    ", "\t")),
    "zqx\n```diff\n+ zqx\n```\n```suggestion\nzqx\n```",
    "```math\nzqx\n```",
    "```mermaid\ngraph TD; zqx-->b\n```",
    "<script>alert('zqx')</script>",
    "<img src=x onerror=zqx>",
    "<a href='javascript:zqx'>zqx</a>",
    "</code></pre></details><h1>zqx</h1>",
    "</summary></details><details open><summary>zqx</summary>",
    "<details><summary>zqx</summary>\n\n<details><summary>zqx</summary>\n\ndeep\n\n</details></details>",
    "<!-- zqx -->",
    "<!-- assistant-sync: plan acme/production --> zqx",
    "zqx --> <!--assistant-sync: plan",
    "<!DOCTYPE html><?php zqx ?><![CDATA[zqx]]>",
    "&lt;b&gt;zqx&lt;/b&gt; &#64;zqx &amp;",
    "| zqx | b |\n| --- | --- |\n| c | d |",
    "zqx | b \\| c \\\\| d ||",
    "`zqx | b` | `c",
    "\\`zqx\\` \\",
    "# zqx\n## zqx\nzqx\n===\nzqx\n---",
    "- [ ] zqx\n- [x] zqx\n1. zqx",
    "> [!NOTE]\n> zqx\n\n> [!CAUTION]\n> zqx",
    "[zqx](https://evil.example) ![zqx](https://evil.example/x.png) [zqx][r]\n\n[r]: https://evil.example",
    "<https://evil.example/zqx> https://evil.example/zqx www.evil.example zqx@evil.example mailto:zqx@evil.example",
    "@zqx @octocat @org/zqx cc @octocat.",
    "#1 #123 GH-123 zqx/repo#1 zqx#2 owner/zqx@3f9c2e1d7b8a4c5e6f70819293a4b5c6d7e8f901",
    "3f9c2e1d7b8a4c5e6f70819293a4b5c6d7e8f901 3f9c2e1 zqx",
    "**zqx** __zqx__ *zqx* _zqx_ ~~zqx~~ ~zqx~",
    "$zqx^2$ $$\\sum zqx$$ $`zqx`$",
    ":zqx: :smile: :+1: :octocat:",
    "[^1] zqx\n\n[^1]: zqx",
    "+ zqx\n- zqx\n  zqx\n@@ -1 +1 @@\n\\ No newline at end of file\ndiff --git a/zqx b/zqx\n--- zqx\n+++ zqx",
    "{+zqx+} [-zqx-]",
    "@@ -1,3 +1,3 @@ zqx",
    "zqx \x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07link\x1b]8;;\x07 \x9b2J",
    "zqx \u202e\u2066evil\u2069\u202c \u200b\u200d\ufeff\u00ad",
    "zqx \U000e0041\U000e0042 \ue000 \ud800 \ufff9",
    "zqx\r\nzqx\rzqx\u2028zqx\u2029zqx\x0bzqx\x0czqx\x85zqx",
    "zqx\x00\x01\x1f\x7f",
    "    zqx indented\n\tzqx tab",
    "\n\n\nzqx\n\n\n",
    "zqx  \nzqx\\\nzqx<br>zqx",
    " zqx ",
    "` zqx",
    "zqx `",
    "zqx" + "x" * 1_000_000,
    "`" * 1_000_000 + "zqx",
    "zqx" + "<details>" * 20_000,
    "zqx" + "\n```" * 50_000,
    "zqx" + "a\u0301\u0323" * 5_000,
    "zqx\n" * 50_000,
    "zqx\n<details>\n\n```\n</details>\n\n</details>",
    "<table><tr><td>zqx</td></tr></table>",
    "<style>*{display:none}</style><iframe src=//evil.example></iframe><svg onload=zqx>",
    "javascript:zqx data:text/html,zqx ftp://zqx xmpp:zqx@evil.example/x",
    "\ufe0fzqx 1\ufe0f\u20e3 👩\u200d👩\u200d👧 zqx",
    '{"zqx": ["</code>", "```", "@octocat"]}',
    "zqx' \" ` $(zqx) ${zqx} {{ zqx }} {% zqx %}",
]

TAGS = {"h2", "h3", "p", "strong", "code", "pre", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "br"} | {
    "blockquote",
    "details",
    "summary",
}
WORD = re.compile(r"[^\W\d_]+")


def hostile(text: str) -> Plan:
    """A plan that has a text wherever it can hold one, and ten changes."""
    common: dict[str, Any] = {"name": text, "graph_id": text, "source": text, "reason": text}
    fields = [
        changed(("context", text), "a", "b"),
        changed("context.to", "a", text),
        changed("context.around", f"{text}\n1\n2\n{text}", f"{text}\n1\n3\n{text}"),
        changed("context.inside", f"see {text} and old", f"see {text} and new"),
        changed("context.list", [text], [text, {text: text}]),
        changed("context.kind", text, [text]),
        added("metadata.note", text),
        removed("metadata.map", {"a": {text: text}}),
    ]
    updates = [make_update(f"{text}{number}", field, **common) for number, field in enumerate(fields)]
    delete = make_delete(text, removed("context.x", text), **common)
    create = make_create(f"{text}+", added("context.y", text), deferred=text, **common)
    return make_plan(
        *updates,
        delete,
        create,
        make_refuse(f"{text}!", **common),
        make_orphan(f"{text}?", **common),
        make_adopt(f"{text}@", **common),
        project=text,
        target=text,
        url=text,
        digest=text,
        base=text,
        commit=Commit(text, dirty=True),
        selection=Selection((text, text)),
        warnings=(make_warning(text, text), make_warning(text)),
        guards=(make_violation(text, text),),
        causes={make_id(f"{text}{number}"): (Cause.BEHIND, Cause.OUTSIDE) for number in range(3)},
    )


@cache
def our_words() -> frozenset[str]:
    """All words that stand outside code where nothing is hostile."""
    plans = [examples.all_kinds(), examples.refused(), examples.stale_branch(), examples.many(), hostile("calm")]
    plans += [hostile("calm " * 500), hostile("calm\r\n"), hostile("caf\u00e9\ncafe\u0301")]
    words = set()
    for plan in plans:
        for limit in (6_000, 10_000, 65_536):
            words |= set(WORD.findall(rendered(plan_markdown(plan, limit=limit)).prose))
    return frozenset(words | {"blank", "blanks", "too", "different", "compare", "by", "line", "null", "empty", "value"})


def assert_inert(text: str, sections: int | None = None) -> None:
    body = plan_markdown(hostile(text))
    page = rendered(body)

    body.encode()
    assert len(body) <= 65_536
    assert set(page.tags) <= TAGS
    assert page.oddities == []
    assert page.links == []
    assert not set(WORD.findall(page.prose)) - our_words()
    assert not re.search(
        r"[@#$|\[\]{}<>~_\\/\x00-\x09\x0b-\x1f\x7f]|[0-9a-f]{7}|:\w+:|://", page.prose.replace("[!CAUTION]", "")
    )
    assert page.tags.count("details") == page.tags.count("summary") <= 12
    assert sections is None or page.tags.count("details") == sections
    assert not re.search(r"<!--\s*assistant-sync", body, re.IGNORECASE)
    assert not {char for code in page.quoted for char in code if char in "\x1b\u202e\u200b\u2066\x00\r\t\x85\u2028"}


def test_the_corpus_is_large_and_each_text_differs_from_ours() -> None:
    assert len(CORPUS) >= 60
    assert len(set(CORPUS)) == len(CORPUS)
    assert all("zqx" in text for text in CORPUS)
    assert "zqx" not in our_words()


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
def test_a_hostile_text_is_text_inside_code_and_nothing_else(text: str) -> None:
    assert_inert(text, sections=12 if len(text) < 200 else None)
    page = rendered(plan_markdown(hostile(text)))
    if len(text) < 1_000:
        assert any("zqx" in code for code in page.quoted)


@given(
    st.text(
        st.characters(exclude_categories=[]) | st.sampled_from("`~|\\\n\r\t <>!-*_[](){}@#&;$:+/.\x1b\u202e"),
        max_size=80,
    )
)
def test_any_text_is_text_inside_code_and_nothing_else(text: str) -> None:
    assert_inert(text)


@given(
    st.lists(
        st.sampled_from([*"`~|<>\n -+", "```", "~~~", "</details>", "<!--", "-->", "{+", "[-", "\\", "zqx"]),
        max_size=30,
    )
)
def test_any_pieces_of_markup_are_text_inside_code_and_nothing_else(pieces: list[str]) -> None:
    assert_inert("".join(pieces))
