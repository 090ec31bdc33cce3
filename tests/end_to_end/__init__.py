"""The whole program against a real server."""

import pytest

# So that a check that fails in a helper module shows its values, as it does in a test.
pytest.register_assert_rewrite("tests.end_to_end.machine_checks", "tests.end_to_end.machine_project")
