"""What a publisher of three symbols costs: memory, modules, and the time until its first proposal."""

from pathlib import Path

import psutil
import pytest
import redis

from publisher.contract import proposal_key, publisher_key
from tests.publisher.running import NAME, feed, running, wait_until

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
MOST_MB = 45.0


@pytest.mark.slow
def test_three_symbols_need_little_memory_and_no_numpy(redis_url: str, redis_client: redis.Redis, tmp_path: Path) -> None:
    feed(redis_client, SYMBOLS)
    with running(tmp_path, redis_url, SYMBOLS, 0.2) as publisher:
        first_s = wait_until(lambda: redis_client.exists(*(proposal_key(symbol) for symbol in SYMBOLS)) == len(SYMBOLS))
        wait_until(lambda: int(redis_client.hget(publisher_key(NAME), "cycle") or 0) >= 5)
        process = psutil.Process(publisher.process.pid)
        rss_mb = process.memory_info().rss / 1e6
        mapped = {Path(each.path).name for each in process.memory_maps()}
        loaded = (tmp_path / "publisher.log").read_text()
        print(f"RSS {rss_mb:.1f} MB, {process.num_threads()} thread, first proposals after {first_s * 1000:.0f} ms")
        assert rss_mb <= MOST_MB
        assert not [name for name in mapped if "multiarray" in name or "openblas" in name or "numpy" in name]
        assert any("hiredis" in name for name in mapped), "what is mapped is seen"
        assert process.num_threads() == 1
        assert "Traceback" not in loaded
