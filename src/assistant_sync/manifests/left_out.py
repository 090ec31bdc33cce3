"""Which diagnostics belong to which key, so that those of some keys can be left out."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from assistant_sync.manifests.diagnostics import Diagnostic
    from assistant_sync.manifests.overlays import Overlay
    from assistant_sync.manifests.rules.build import Draft


def without_keys(
    diagnostics: Iterable[Diagnostic], keys: Collection[str], drafts: Iterable[Draft], overlays: Iterable[Overlay]
) -> list[Diagnostic]:
    """Leave out the diagnostics of some keys.

    One that is about a whole file belongs to all keys in it. What belongs to no key always stays: the project file,
    unreadable files, documents without a valid key.

    Args:
        diagnostics: All of them.
        keys: The keys to leave out.
        drafts: All manifests.
        overlays: All overlays.
    """
    if not keys:
        return list(diagnostics)
    sources = [(draft.key, draft.source) for draft in drafts]
    sources += [one for overlay in overlays for one in overlay.sources]
    owners: dict[tuple[str, int | None], set[str | None]] = defaultdict(set)
    for key, source in sources:
        owners[source.file, source.document].add(key)
        owners[source.file, None].add(key)

    def is_left_out(one: Diagnostic) -> bool:
        own = owners.get((one.ref.file, one.ref.document))
        return own is not None and all(key in keys for key in own)

    return [one for one in diagnostics if not is_left_out(one)]
