from __future__ import annotations

import math

import pytest

from assistant_sync.report.json.document import dumps


def test_a_document_with_nan_is_never_written() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        dumps({"x": math.nan})
