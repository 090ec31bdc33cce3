"""Continuous integration, seen by the variables that services set by their own documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_WITHOUT_CI = ("TF_BUILD", "CODEBUILD_BUILD_ID", "TEAMCITY_VERSION", "JENKINS_URL")
"""What services set that do not set CI: Azure Pipelines, CodeBuild, TeamCity, Jenkins."""

_OBEYING = ("GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION")
"""What services set whose runners obey commands in the output: GitHub Actions, Azure Pipelines, TeamCity."""

_NO = ("", "0", "false", "no")


def is_ci(environ: Mapping[str, str]) -> bool:
    """Whether the program runs in continuous integration; ``CI=false`` denies it."""
    named = environ.get("CI", "").strip().lower()
    return named not in _NO if named else any(map(environ.get, _WITHOUT_CI))


def is_public_gitlab(environ: Mapping[str, str]) -> bool:
    """Whether this is a job of a public project on GitLab; GitHub shows it in the event's file only."""
    return environ.get("CI_PROJECT_VISIBILITY", "").strip().lower() == "public"


def runner_obeys_output(environ: Mapping[str, str]) -> bool:
    """Whether a runner reads the output and obeys commands in it."""
    return any(environ.get(name, "").strip().lower() not in _NO for name in _OBEYING)
