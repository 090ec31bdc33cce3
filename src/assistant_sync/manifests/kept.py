"""Manifests as they were built, kept in the user's cache folder so that the next plan need not build them again.

An entry is found by the SHA-256 of a file's path and bytes. It is used only if the checksum of all entries holds, this
very program made them of a project with the same name, and each included text and each patch of the overlay is the one
that it was built with. Whoever can write the folder could forge entries; so can they the files themselves, and
``apply`` never reads it (docs/performance.md).
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import msgspec
import yaml

from assistant_sync import __version__
from assistant_sync.errors import RepositoryError
from assistant_sync.manifests import cache_file
from assistant_sync.manifests.includes import Includes
from assistant_sync.manifests.kept_entries import (
    KeptFile,
    Texts,
    count_texts,
    digest_of,
    digest_of_text,
    kept_draft,
    kept_manifest,
)
from assistant_sync.manifests.limits import MAX_FILE_BYTES
from assistant_sync.model.progress import in_steps
from assistant_sync.redaction import may_hold_sent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assistant_sync.manifests.diagnostics import Diagnostic
    from assistant_sync.manifests.rules.build import Draft
    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.project import Project, Target
    from assistant_sync.model.turns import Turns
    from assistant_sync.repository.tree import Tree

_FORMAT = 4
_LARGEST = 2**18
"""Bytes of an entry: what is larger is rare, and takes long to read in any form."""

_MAKERS = ("manifests", "model", "redaction", "planning/canonical.py", "planning/equality.py", "suggest.py")
"""What of the package decides how a manifest is built."""


class _Files(msgspec.Struct):
    made_by: str
    files: dict[str, KeptFile]


_WHOLE = msgspec.json.Decoder(_Files)
_ONE = msgspec.json.Decoder(KeptFile)


class KeptManifests:
    """The manifests of one project, as they were built for one target.

    Args:
        place: The cache file; it need not exist.
        project: Its name and what its manifests may hold count.
    """

    def __init__(self, place: Path, project: Project) -> None:
        self._place = place
        self._made_by = f"{program()} {project.first_name!r} {sorted(map(repr, project.allow_literals))}"
        self._found = _read(place, self._made_by)
        self._keys: dict[str, str] = {}
        self._used: dict[str, KeptFile | msgspec.Raw] = {}
        self._has_new = False

    @classmethod
    def open(cls, project: Project, target: Target) -> Self | None:
        """Open what is kept of a project.

        None if there is no folder for it that is the user's alone, or it cannot be seen which program this is.

        Args:
            project: The project file.
            target: The target whose overlay applies.
        """
        folder = cache_file.folder("built")
        if folder is None or program() is None:
            return None
        names = b"\0".join(os.fsencode(part) for part in (project.folder / project.file, target.name))
        return cls(folder / f"{digest_of(names)[:32]}.json", project)

    def find(self, tree: Tree, files: Sequence[str], includes: Includes) -> Turns[list[Draft]]:
        """Find the manifests of those files that are as they were; a turn for each file.

        Args:
            tree: The repository.
            files: Relative to its top.
            includes: Reads included texts.

        Returns:
            The manifests in the order of the files, each with what was built of it.
        """
        drafts: list[Draft] = []
        # A look at a text that is not included any more must not count as an include of it.
        texts = Texts(Includes(tree))
        for file in in_steps("reading files", files) if self._found else ():
            try:
                found = self._find(file, tree.read(file, limit=MAX_FILE_BYTES), texts)
                if found is not None:
                    count_texts(found, includes)
                    drafts += [kept_draft(file, one) for one in found.manifests]
            except RepositoryError:
                pass  # what cannot be read is reported where it is read for good
            yield
        return drafts

    def _find(self, file: str, data: bytes, texts: Texts) -> KeptFile | None:
        key = self.note(file, data)
        found = self._found.get(key)
        if found is None:
            return None
        if may_hold_sent(data) or (found.texts and not texts.are_same(found.texts)):
            return None
        self._used[key] = found
        return found

    def note(self, file: str, data: bytes) -> str:
        """Note what a file is read as; returns what its entry is found by."""
        key = self._keys[file] = digest_of(os.fsencode(file) + b"\0" + data)
        return key

    def forget(self) -> None:
        """Forget all that was found, because it was built with another overlay."""
        self._found = {}
        self._used = {}
        self._has_new = True

    def put(
        self,
        drafts: Iterable[Draft],
        built: Iterable[tuple[Draft, Desired]],
        flaws: Iterable[Diagnostic],
        includes: Includes,
    ) -> None:
        """Keep what was built of files without any flaw.

        Args:
            drafts: All manifests.
            built: Those that are valid, under the target's overlay.
            flaws: What is wrong with them, warnings too.
            includes: Has read the included texts.
        """
        flawed = {ref.file for one in flaws for ref in (one.ref, one.other) if ref is not None}
        counts: dict[str, int] = defaultdict(int)
        for draft in drafts:
            counts[draft.source.file] += 1
        pairs: dict[str, list[tuple[Draft, Desired]]] = defaultdict(list)
        for draft, desired in built:
            if draft.kept is None:
                pairs[draft.source.file].append((draft, desired))
        for file, ones in pairs.items():
            is_counted = any(draft.source.repeated for draft, _ in ones)  # aliases count at each reading
            if len(ones) == counts[file] and not is_counted and file not in flawed:
                self._put(file, ones, includes)

    def _put(self, file: str, pairs: Sequence[tuple[Draft, Desired]], includes: Includes) -> None:
        """Keep the manifests of a file, unless JSON cannot hold them."""
        used = {text for one, its in pairs for text in (*one.source.included.values(), *its.included.values())}
        entry = KeptFile(
            [kept_manifest(*one) for one in pairs], {text: digest_of_text(includes.text(text)) for text in sorted(used)}
        )
        try:
            raw = msgspec.json.encode(entry)
            # Only numbers and texts that a closer look was taken at may be such that JSON has no word for them.
            is_exact = all(draft.is_clean for draft, _ in pairs) or repr(_ONE.decode(raw)) == repr(entry)
        except (ValueError, TypeError, RecursionError):  # an unpaired surrogate, most likely
            return
        if is_exact and len(raw) <= _LARGEST:
            self._used[self._keys[file]] = msgspec.Raw(raw)
            self._has_new = True

    def save(self) -> None:
        """Write what was used, if anything is new; without success the next plan builds again."""
        if not self._has_new:
            return
        self._has_new = False
        cache_file.write(self._place, msgspec.json.encode({"made_by": self._made_by, "files": self._used}))


def _read(place: Path, made_by: str) -> dict[str, KeptFile]:
    try:
        kept = _WHOLE.decode(cache_file.read(place))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return kept.files if kept.made_by == made_by else {}


@cache
def program() -> str | None:
    """What makes the entries: the version, and the size and time of each module that takes part.

    None if the modules are not there as files, as in an archive.
    """
    here = Path(__file__).parents[1]
    modules = [path for maker in _MAKERS for path in ([here / maker] if "." in maker else (here / maker).rglob("*.py"))]
    try:
        facts = [(str(one.relative_to(here)), one.stat().st_size, one.stat().st_mtime_ns) for one in sorted(modules)]
    except OSError:
        return None
    versions: list[Any] = [_FORMAT, __version__, sys.version_info[:2], msgspec.__version__, yaml.__version__]
    return f"{versions} {digest_of(repr(facts).encode())}"
