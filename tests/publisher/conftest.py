"""What the publisher's tests share: a link to the private server, and a publisher of one symbol on it."""

from collections.abc import Iterator

import pytest
import redis

from publisher.link import Link
from tests.publisher.publishing import Publisher


@pytest.fixture
def link(redis_url: str) -> Iterator[Link]:
    """A link of half a second's patience."""
    link = Link(redis_url, timeout_s=0.5)
    yield link
    link.close()


@pytest.fixture
def publisher(redis_client: redis.Redis, link: Link) -> Publisher:
    """A publisher of BTCUSDT."""
    return Publisher(redis_client, link)
