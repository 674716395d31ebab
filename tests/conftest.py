"""What tests share: one private server for the whole run, empty at the start of each test that asks for it."""

from collections.abc import Iterator

import pytest
import redis
from hypothesis import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from publisher.embedded import PrivateServer, private_server
from tests.box.fixture import box  # noqa: F401  (a fixture)

settings.register_profile("qtops", deadline=None)  # on a busy machine one example may take any time
settings.load_profile("qtops")


@pytest.fixture(scope="session")
def redis_server() -> Iterator[PrivateServer]:
    """A real server. Whoever pauses it or changes its configuration puts that right again."""
    with private_server() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: PrivateServer) -> str:
    """The address of that server, which holds nothing: no key, no script."""
    with redis.Redis.from_url(redis_server.url, socket_timeout=5, retry=Retry(NoBackoff(), 0)) as client:
        client.flushall()
        client.script_flush()
        client.config_resetstat()
    return redis_server.url


@pytest.fixture
def redis_client(redis_url: str) -> Iterator[redis.Redis]:
    """A plain client of that server, to set the scene and to look at the result."""
    with redis.Redis.from_url(redis_url, socket_timeout=5, retry=Retry(NoBackoff(), 0)) as client:
        yield client
