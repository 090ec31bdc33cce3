from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync.model.frozen import replace
from assistant_sync.model.history import Effect
from assistant_sync.model.outcome import Attribution
from assistant_sync.model.provenance import CommitFacts
from assistant_sync.model.stamp import STAMP_KEY
from assistant_sync.planning.version_history import VersionReader
from tests.builders import PROJECT, SHA, make_assistant, make_desired
from tests.planning.rows import edited, owned_row, stored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.history import VersionEntry

FIRST = stored(make_desired(context={"m": 1}), commit=SHA)
SECOND = stored(make_desired(context={"m": 2}), version=2, commit=f"{SHA}-dirty")
FACTS = CommitFacts(SHA, "Ann", "Begin")


def reader(*versions: Assistant, live: Assistant | None = None) -> VersionReader:
    return VersionReader.of(replace(owned_row(live or versions[-1]), versions=versions), PROJECT)


def entries(
    *versions: Assistant, live: Assistant | None = None, commits: Mapping[str, CommitFacts] | None = None
) -> list[VersionEntry]:
    """The entries of all versions, lowest first."""
    one = reader(*versions, live=live)
    return list(reversed(one.entries(one.newest(100), commits or {})))


def facts(entry: VersionEntry) -> tuple[Any, ...]:
    return entry.version, entry.attribution, entry.effect, [".".join(map(str, path)) for path in entry.paths]


def test_versions_that_cannot_be_read_have_no_entries() -> None:
    one = VersionReader.of(owned_row(FIRST), PROJECT)
    assert (one.newest(5), one.entries((), {}), one.not_restored()) == ((), (), ())


def test_each_version_is_compared_with_the_one_below() -> None:
    by_hand = edited(SECOND, name="By hand", metadata={**SECOND.metadata, "note": 1})
    assert [facts(one) for one in entries(by_hand, FIRST, SECOND)] == [
        (1, Attribution.APPLY, Effect.CREATED, []),
        (2, Attribution.APPLY, Effect.CONTENT, ["context.m"]),
        (3, Attribution.OUTSIDE, Effect.CONTENT, ["name", "metadata.note"]),
    ]


def test_the_newest_are_highest_first() -> None:
    assert [row.version for row in reader(FIRST, SECOND, edited(SECOND)).newest(2)] == [3, 2]


def test_an_entry_outside_of_the_limit_is_still_compared_with() -> None:
    one = reader(FIRST, SECOND)
    (entry,) = one.entries(one.newest(1), {})
    assert facts(entry) == (2, Attribution.APPLY, Effect.CONTENT, ["context.m"])


def test_a_version_that_only_the_stamp_distinguishes() -> None:
    again = replace(stored(make_desired(context={"m": 1}), version=2), created_at=None)
    assert facts(entries(FIRST, again)[1])[2] is Effect.STAMP
    assert facts(entries(FIRST, edited(FIRST))[1]) == (2, Attribution.OUTSIDE, Effect.NOTHING, [])


def test_a_commit_is_named_as_the_stamp_has_it() -> None:
    first, second = entries(FIRST, SECOND, commits={SHA: FACTS})
    assert (first.commit, first.facts) == (SHA, FACTS)
    assert (second.commit, second.facts) == (f"{SHA}-dirty", None)


def test_a_stamp_that_was_carried_along_names_no_commit() -> None:
    carried = entries(FIRST, edited(FIRST, name="By hand"), commits={SHA: FACTS})[1]
    assert (carried.commit, carried.facts, carried.source) == (None, None, None)


def test_versions_before_an_adoption_were_made_outside_git() -> None:
    before = make_assistant("support", version=1, stamp=None)
    assert entries(before, replace(SECOND, assistant_id=before.assistant_id))[0].attribution is Attribution.OUTSIDE


def test_a_write_that_the_server_normalised_is_ours_all_the_same() -> None:
    normalised = replace(FIRST, metadata={**FIRST.metadata, "team": "set by a handler"}, name="Normalised")
    assert entries(normalised)[0].attribution is Attribution.APPLY
    elsewhere = replace(normalised, version=2)
    assert entries(elsewhere)[0].attribution is Attribution.OUTSIDE


def test_a_rollback_is_known_by_its_stamp() -> None:
    def rolled_back(rollback: Any) -> Assistant:
        stamp: Any = SECOND.metadata[STAMP_KEY]
        stamp = {**stamp, "rollback": rollback}
        return replace(SECOND, metadata={**SECOND.metadata, STAMP_KEY: stamp})

    told = [entries(FIRST, rolled_back(one))[1].rollback_to for one in ({"to": 1}, {"to": True}, {}, 1, None)]
    assert told == [1, None, None, None, None]
    by_hand = edited(rolled_back({"to": 1}), name="By hand")
    assert entries(FIRST, rolled_back({"to": 1}), by_hand)[2].rollback_to is None


def test_the_active_version_is_marked_and_what_was_not_restored_is_named() -> None:
    mixture = replace(FIRST, context=SECOND.context)
    assert [one.is_active for one in entries(FIRST, SECOND, live=mixture)] == [True, False]
    assert reader(FIRST, SECOND, live=mixture).not_restored() != ()
    assert reader(FIRST, SECOND, live=FIRST).not_restored() == ()


def test_what_a_stamp_says_is_masked() -> None:
    secret = "sk-" + "a1b2" * 8
    entry = entries(stored(make_desired(), commit=secret, source=secret))[0]
    assert (entry.commit, entry.source) == ("(masked)", "(masked)")
