"""A live assistant, or one of its versions, as the YAML of a manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from assistant_sync.model.shown import ShownManifest


def show_text(shown: ShownManifest) -> Text:
    """Render the manifest; its YAML is inert already."""
    return Text((shown.yaml or "").removesuffix("\n"), no_wrap=True, overflow="ignore")
