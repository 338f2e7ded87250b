"""For a minute each, with the memory of small machines: the front outlives the heaviest queries."""

from pathlib import Path

import pytest

from benchmarks.endurance import endured
from readmission.release import Release

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("size", [256, 512, 1024])
def test_the_front_outlives_a_minute_of_the_heaviest_queries(
    built: Release, tmp_path: Path, size: int
) -> None:
    light, ends, lives = endured(tmp_path, size, 60)
    assert lives, f"the front was killed under {size} MiB"
    assert light[200] > 50, f"light queries ended with {light}"
    assert set(light) <= {200, 503}, f"light queries ended with {light}"
    assert ends <= {503, 504, 507, 422}, f"attacks ended with {ends}"
