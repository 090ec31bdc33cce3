"""What is measured of each server, and what assistant-sync does about it: the rows of docs/servers.md.

python -m tests.conformance.facts URL    # measures a server that runs, and prints what was seen
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.conformance.measures import answers, beside, creating, listing, patching, values, versions
from tests.conformance.measures.bench import bench

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.conformance.measures.bench import Bench

NOT_MEASURED = "could not be measured: "
"""How a cell begins whose measurement went wrong."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A row of the table.

    Attributes:
        name: Stays the same where the words change.
        question: The head of the row.
        measure: Makes the cell.
        does: What assistant-sync does about it; "" if there is nothing to do.
    """

    name: str
    question: str
    measure: Callable[[Bench], str]
    does: str = ""


GROUPS: dict[str, tuple[Fact, ...]] = {
    "Creating": (
        Fact("create", "Status of a create", creating.status, "Accepts 200 and 201."),
        Fact("default_name", "Name, if none is sent", creating.default_name, "Always sends one."),
        Fact("empty_name", 'Name `""` becomes', creating.empty_name, "Refuses it in manifests."),
        Fact("free_id", "An id that is not a UUID", creating.free_id, "Ids are UUIDs."),
        Fact("same_id", "The same id again", creating.same_id, "Reads to resolve a 409 after a lost answer."),
        Fact("do_nothing", "... with `if_exists: do_nothing`", creating.do_nothing, "Always sends `raise`."),
        Fact(
            "equal_config",
            "Two of one graph with equal config",
            creating.equal_config,
            "If rows name users, the plan refuses the pair.",
        ),
        Fact(
            "create_graph",
            "An unknown graph",
            creating.unknown_graph,
            "Warns in the plan; does not send it if it sees that.",
        ),
        Fact("wrong_context", "A context against the schema", creating.wrong_context, "Does not check it either."),
        Fact(
            "more_fields",
            "Fields beside the ten known ones",
            answers.more_fields,
            "Treats `user_id` as a sign that equal configs may conflict.",
        ),
    ),
    "`context` and `config.configurable`": (
        Fact("context_copied", "`context` in `configurable`", creating.context_copied, "Detects it from its own rows."),
        Fact("configurable_copied", "`configurable` in `context`", creating.configurable_copied, "Compares both."),
        Fact("both", "Both at once, even if equal", creating.both, "Never sends both."),
        Fact("run_context", "A run finds `context` in", creating.run_context, ""),
        Fact("run_configurable", "A run finds `configurable` in", creating.run_configurable, ""),
        Fact(
            "thread_context",
            "New `context`, old thread: finds",
            creating.thread_keeps,
            "No warning: `context` reaches all threads.",
        ),
        Fact(
            "thread_configurable",
            "New `configurable`, old thread: finds",
            creating.thread_keeps_configurable,
            "The plan shows one warning.",
        ),
        Fact(
            "run_metadata",
            "Metadata in each run's metadata",
            creating.run_metadata,
            "The stamp shows the commit there.",
        ),
    ),
    "Updating": (
        Fact("canonical", "All six fields at once give", patching.canonical, "Sends these six, and reads them back."),
        Fact(
            "by_configurable",
            "... with `configurable`, `context: {}`",
            patching.by_configurable,
            "Leaves out `context` unless it has to be emptied.",
        ),
        Fact(
            "without_context",
            "... with `configurable` without `context`",
            patching.without_context,
            "Sends this if the server copies.",
        ),
        Fact("all_cleared", "The emptied six leave of the old", patching.all_cleared, "Sends empty ones to clear."),
        Fact("identical", "An identical body", patching.identical, "Compares first; sends nothing if equal."),
        Fact("empty", "`{}`", patching.empty, "Never sends a part."),
        Fact("omitted", "`name` alone loses", patching.omitted, "Never sends a part."),
        Fact("context_alone", "`context` alone loses", patching.context_alone, "Never sends a part."),
        Fact("config_alone", "`config` alone loses", patching.config_alone, "Never sends a part."),
        Fact("context_emptied", "`context: {}` alone leaves", patching.context_emptied, "Empties both."),
        Fact("metadata", "Metadata", patching.metadata, "Sets keys that are no longer wanted to null."),
        Fact("null_description", "A null description", patching.null_description, 'Sends `""` to clear.'),
        Fact(
            "patch_graph",
            "An unknown graph",
            patching.unknown_graph,
            "Warns in the plan; does not send it if it sees that.",
        ),
        Fact(
            "into_equal",
            "The config of another assistant of the graph",
            patching.into_equal,
            "If rows name users, the plan refuses the pair.",
        ),
        Fact(
            "if_match",
            "`If-Match` that does not hold",
            patching.if_match,
            "Reads again before the write, and checks after it.",
        ),
    ),
    "Versions": (
        Fact("restored", "A pointer moved back restores", versions.restored, "Setting `activation`; heals at once."),
        Fact("run_after", "A run then gets", versions.run_after, "With `safe`, never a mix."),
        Fact("numbers", "Of 3 versions, back to 1: number, next", versions.numbers, "Never computes numbers."),
        Fact("latest_unknown", "To a version that does not exist", versions.unknown, ""),
        Fact("listed", "Versions come", versions.listed, "Sets a limit, sorts by number."),
        Fact("paged", "`limit` and `offset` of versions", versions.paged, "Stops if nothing new comes."),
        Fact("versions_end", "After the last version", versions.past_the_end, "Treats a 404 there as an empty page."),
    ),
    "Listing": (
        Fact("largest_page", "Largest page", listing.largest_page, "Requests fewer rows if refused."),
        Fact("default_page", "Page size, if none is set", listing.default_page, "Always sets one."),
        Fact("order", "Order, if none is set", listing.order, "Sets one; relies on none."),
        Fact("sorted_by", "`sort_by`", listing.sorted_by, "Sorts the rows itself."),
        Fact("selected", "`select`", listing.selected, "[Light listings](safety.md#light-listings), or whole rows."),
        Fact("search_end", "After the last row", listing.past_the_end, "Pages to the end."),
        Fact("nested_filter", "A filter on metadata matches", listing.nested_filter, "Checks the rows that it gets."),
        Fact(
            "filter_graph",
            "A filter for an unknown graph",
            listing.unknown_graph,
            "Takes 404 as proof that the graph is missing.",
        ),
        Fact("count", "`/assistants/count` of 5", listing.count, "Lists again if rows are missing."),
        Fact("total", "`X-Pagination-Total`, 5 rows, page of 2", listing.total, "Ignores it."),
        Fact("next", "`X-Pagination-Next`", listing.following, "Ignores it."),
        Fact("defaults", "A default assistant is recognised by", listing.defaults, "Never touches it."),
    ),
    "Deleting, and errors": (
        Fact("deleted", "A delete", answers.deleted, "Accepts 200 and 204."),
        Fact("delete_missing", "A second delete", answers.delete_missing, "Treats a 404 as done."),
        Fact("not_found", "Body of a 404", answers.get_missing, "Relies on the status; shows any body."),
        Fact("conflict", "... of a conflict", answers.conflict, "Relies on the status; shows any body."),
        Fact("invalid", "... of a wrong type", answers.invalid, "Shows the complaint without the value."),
        Fact("malformed", "... of broken JSON", answers.malformed, ""),
    ),
    "Values": (
        Fact("whole_float", "`1.0`", values.whole_float, "`1` and `1.0` are equal."),
        Fact("safe_integer", "2^53 - 1", values.safe_integer, ""),
        Fact("large_integer", "2^53 + 1", values.large_integer, "Refuses it in manifests."),
        Fact("huge_integer", "2^64 + 1", values.huge_integer, "Refuses it in manifests."),
        Fact("exponent", "`1e400`", values.exponent, "Refuses it in manifests."),
        Fact("nul", "NUL in a text", values.nul, "Refuses it in manifests."),
        Fact("surrogate", "Half a surrogate pair", values.surrogate, "Refuses it in manifests."),
        Fact("null_value", "null inside `context`", values.null_value, ""),
        Fact("large_limit", "`recursion_limit` 2^31", values.large_limit, "Refuses it in manifests."),
    ),
    "Threads, crons and schemas": (
        Fact("thread_twice", "A thread of one id, twice", beside.thread_twice, "Keeps its lock in threads."),
        Fact("thread_search", "A search by nested metadata", beside.thread_search, "Finds the locks of its project."),
        Fact(
            "thread_metadata",
            "Added to a thread's metadata",
            beside.thread_metadata,
            "Warns that threads are kept apart by user, unless it is Aegra's own three or assistants are, too.",
        ),
        Fact("thread_deleted", "Deleting a thread twice", beside.thread_deleted, "Takes 404 for done."),
        Fact(
            "thread_count",
            "Counting an assistant's threads, and the busy ones",
            beside.thread_count,
            "Names both numbers in the plan of a delete, or leaves them out.",
        ),
        Fact("crons", "Crons of a deleted assistant", beside.crons, "Counts, lists and archives them."),
        Fact(
            "schemas",
            "`GET /schemas`, of a missing one",
            beside.schemas,
            "Asks through a live assistant whether its graph is there.",
        ),
    ),
    "The server itself": (
        Fact("info", "`GET /info` returns", answers.info, "Relies on behaviour, not on the name."),
        Fact("ok", "`GET /ok`", answers.ok, ""),
        Fact("date", "`Date` in answers", answers.date, "`doctor` compares the clocks."),
    ),
}

FACTS = tuple(fact for group in GROUPS.values() for fact in group)


def measure(url: str, facts: Sequence[Fact] = FACTS) -> dict[str, str]:
    """The cell of every fact, for the server there."""
    return {fact.name: _cell(fact, url) for fact in facts}


def _cell(fact: Fact, url: str) -> str:
    try:
        with bench(url) as made:
            return fact.measure(made)
    except Exception as error:  # noqa: BLE001 - one fact that cannot be had must not hide the others
        text = " ".join(f"{type(error).__name__}: {error}".split())
        return f"{NOT_MEASURED}{text}"


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    (url,) = arguments
    cells = measure(url)
    sys.stdout.write("".join(f"{name}: {cell}\n" for name, cell in cells.items()))
    return 1 if any(cell.startswith(NOT_MEASURED) for cell in cells.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
