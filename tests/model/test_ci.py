from __future__ import annotations

import pytest

from assistant_sync.model.ci import is_ci, is_public_gitlab, runner_obeys_output


@pytest.mark.parametrize(
    ("environ", "ci", "obeys"),
    [
        ({}, False, False),
        ({"CI": "true"}, True, False),
        ({"CI": "true", "GITHUB_ACTIONS": "true"}, True, True),
        ({"GITHUB_ACTIONS": "false"}, False, False),
        ({"TF_BUILD": "True"}, True, True),
        ({"TEAMCITY_VERSION": "2026.1"}, True, True),
        ({"CODEBUILD_BUILD_ID": "a:1"}, True, False),
        ({"JENKINS_URL": "https://ci.example"}, True, False),
        ({"CI": "false", "TF_BUILD": "True"}, False, True),
    ],
)
def test_services_are_seen_by_what_they_document(environ: dict[str, str], ci: bool, obeys: bool) -> None:
    assert (is_ci(environ), runner_obeys_output(environ)) == (ci, obeys)


@pytest.mark.parametrize(
    ("visibility", "expected"), [(None, False), ("", False), ("private", False), ("internal", False), ("public", True)]
)
def test_a_public_project_of_gitlab_is_seen(visibility: str | None, expected: bool) -> None:
    assert is_public_gitlab({} if visibility is None else {"CI_PROJECT_VISIBILITY": visibility}) is expected
