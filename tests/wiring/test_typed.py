"""What a unit types to redis-cli by itself."""

import pytest

from qtops.wiring.typed import typed

LINES = [
    (["/usr/bin/redis-cli", "SET", "a:b", "1"], ["SET"]),
    (["/bin/sh", "-c", "redis-cli -h db -p 6379 xadd a:b '*' x 1 && redis-cli publish c:d 1"], ["XADD", "PUBLISH"]),
    (["/bin/bash", "-c", "echo $(redis-cli GET a:b) | logger"], ["GET"]),
    (["/bin/sh", "-c", "redis-cli ping"], []),
    (["/usr/bin/redis-server", "/etc/redis.conf"], []),
    (["/usr/bin/python3", "my-redis-cli", "GET"], []),
    (["/usr/bin/redis-cli"], []),
]


@pytest.mark.parametrize(("argv", "commands"), LINES)
def test_typed(argv, commands):
    assert list(typed(argv)) == commands
