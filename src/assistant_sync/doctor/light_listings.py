"""Whether plans may be made of light listings, and what the target should record for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.deployment import VERSION_PATTERN
from assistant_sync.model.diagnosis import Check, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.doctor.observed import Observed

_NAME = "light listings"


def version_to_record(found: Observed) -> str | None:
    """The server's version, if it was measured that plans may be made of light listings; else None."""
    if found.probe is None or not found.probe.allows_light_listings or found.server is None:
        return None
    version = found.server.version
    return version if version is not None and VERSION_PATTERN.fullmatch(version) else None


def check_light_listings(found: Observed) -> Iterator[Check]:
    """Hold what the target records against what was measured, or against what the deployment reports."""
    recorded, version = found.target.measured_version, version_to_record(found)
    line = f"in {found.project.file}, under targets.{found.target.name}: "
    if version is not None and recorded == version:
        yield Check(_NAME, State.OK, f"the target has measured_version '{version}', which is right")
    elif version is not None:
        message = "plan can read listings without contexts from this version"
        yield Check(_NAME, State.OK, message, f'{line}measured_version: "{version}"')
    elif recorded is not None and found.probe is not None:
        message = "the target has measured_version, but light listings of this deployment prove nothing"
        yield Check(_NAME, State.WARNING, message, f"{line}remove measured_version")
    elif recorded is not None and found.is_reached and _reported(found) != recorded:
        message = f"the target has measured_version '{recorded}', and the deployment reports another version: plan "
        hint = "'assistant-sync doctor --probe' measures this version"
        yield Check(_NAME, State.WARNING, f"{message}reads whole rows", hint)


def _reported(found: Observed) -> str | None:
    return None if found.server is None else found.server.version
