"""What speaks to Redis, and what only looks like it."""

# ruff: noqa: E501

import pytest

from tests.wiring.reading import read, spoken

CLIENTS = {
    "redis.Redis": 'import redis\nx = redis.Redis()\nx.get("a:b")',
    "StrictRedis": 'from redis import StrictRedis\nx = StrictRedis()\nx.get("a:b")',
    "RedisCluster": 'from redis.cluster import RedisCluster\nx = RedisCluster()\nx.get("a:b")',
    "from_url": 'import redis\nx = redis.from_url("redis://h")\nx.get("a:b")',
    "Redis.from_url": 'import redis\nx = redis.Redis.from_url("redis://h")\nx.get("a:b")',
    "asyncio": 'import redis.asyncio as aioredis\nx = aioredis.from_url("redis://h")\nasync def f():\n    await x.get("a:b")',
    "from redis import asyncio": 'from redis import asyncio as ar\nx = ar.Redis()\nasync def f():\n    await x.get("a:b")',
    "aioredis": 'import aioredis\nasync def f():\n    x = await aioredis.create_redis_pool("redis://h")\n    await x.get("a:b")',
    "a context": 'import redis\nwith redis.Redis() as x:\n    x.get("a:b")',
    "async with": 'from redis.asyncio import Redis\nasync def f():\n    async with Redis() as x:\n        await x.get("a:b")',
    "a pipeline": 'import redis\nx = redis.Redis().pipeline()\nx.get("a:b")',
    "a pipeline in a context": 'import redis\ndb = redis.Redis()\nwith db.pipeline() as q:\n    q.get("a:b")',
    "an async pipeline": 'async def f(r):\n    async with r.pipeline(transaction=True) as q:\n        await q.get("a:b").execute()',
    "a chain": 'import redis\nx = redis.Redis()\nx.pipeline().set("n", 1).get("a:b").execute()',
    "an attribute": 'import redis\nclass C:\n    def __init__(self):\n        self.db = redis.Redis()\n    def f(self):\n        self.db.get("a:b")',
    "an attribute that is given": 'class C:\n    def __init__(self, redis):\n        self._redis = redis\n    def f(self):\n        self._redis.get("a:b")',
    "an attribute that is set later": (
        'import redis.asyncio as redis\nclass C:\n    def __init__(self):\n        self.db = None\n'
        '    async def start(self):\n        self.db = await redis.from_url("x")\n    async def f(self):\n        await self.db.get("a:b")'
    ),
    "an attribute with an annotation": (
        'from redis import Redis\nclass C:\n    def __init__(self):\n        self.db: Redis | None = None\n'
        '    def f(self):\n        self.db.get("a:b")'
    ),
    "a parameter by its name": 'def f(redis_client):\n    redis_client.get("a:b")',
    "a parameter by its annotation": 'from redis.asyncio import Redis\nasync def f(db: Redis):\n    await db.get("a:b")',
    "an optional parameter": 'from typing import Optional\nimport redis\ndef f(db: Optional[redis.Redis] = None):\n    db.get("a:b")',
    "an annotation in quotes": 'import redis\ndef f(db: "redis.Redis"):\n    db.get("a:b")',
    "a parameter that is given": 'import redis\ndef f(db):\n    db.get("a:b")\nf(redis.Redis())',
    "a function that makes it": 'import redis\ndef connect():\n    return redis.Redis()\nx = connect()\nx.get("a:b")',
    "a function that promises it": 'from redis import Redis\ndef connect() -> Redis:\n    return POOL.take()\nx = connect()\nx.get("a:b")',
    "a cached one": (
        'import redis\n_db = None\ndef connect():\n    global _db\n    if _db is None:\n        _db = redis.Redis()\n    return _db\n'
        'connect().get("a:b")'
    ),
    "a context manager of its own": (
        'import redis\nfrom contextlib import contextmanager\n@contextmanager\ndef db():\n    yield redis.Redis()\n'
        'with db() as x:\n    x.get("a:b")'
    ),
    "a dependency": (
        'from fastapi import Depends, FastAPI\nimport redis\napp = FastAPI()\ndef db():\n    yield redis.Redis()\n'
        '@app.get("/x")\ndef f(x=Depends(db)):\n    x.get("a:b")'
    ),
    "a sentinel's master": 'from redis.sentinel import Sentinel\ns = Sentinel([])\nx = s.master_for("m")\nx.get("a:b")',
    "a global": 'import redis\nx = None\ndef start():\n    global x\n    x = redis.Redis()\ndef f():\n    x.get("a:b")',
    "one that is chosen": 'import redis\nall = {"main": redis.Redis()}\nall["main"].get("a:b")',
    "a class of its own": 'import redis\nclass Mine(redis.Redis):\n    def f(self):\n        self.get("a:b")\nMine().f()',
    "an object of its own class": 'import redis\nclass Mine(redis.Redis):\n    pass\nx = Mine()\nx.get("a:b")',
    "a proxy": (
        'import redis\nclass Safe:\n    def __init__(self):\n        self._c = redis.Redis()\n'
        '    def __getattr__(self, name):\n        return getattr(self._c, name)\nx = Safe()\nx.get("a:b")'
    ),
    "a method with a name": 'import redis\nx = redis.Redis()\nask = x.get\nask("a:b")',
    "a method as an attribute": (
        'import redis\nclass C:\n    def __init__(self):\n        self.c = redis.Redis()\n        self.ask = self.c.get\n'
        '    def f(self):\n        self.ask("a:b")'
    ),
    "a method that is looked up": 'import redis\nx = redis.Redis()\ngetattr(x, "get")("a:b")',
    "a property": (
        'import redis\nclass C:\n    @property\n    def db(self):\n        return redis.Redis()\n    def f(self):\n        self.db.get("a:b")'
    ),
}  # fmt: skip


@pytest.mark.parametrize("source", CLIENTS.values(), ids=CLIENTS)
def test_clients(source: str) -> None:
    assert "GET a:b" in spoken({"main.py": source})


HANDED_ON = {
    "a method in a dict": 'DO = {"push": x.lpush}\nDO["push"]("a:b", 1)',
    "a method that is given": 'listen(x.xread)',
    "a method that is returned": 'def f():\n    return x.get',
    "a method that nobody calls by its name": 'class C:\n    def __init__(self):\n        self.send = x.xadd',
    "JSON": 'x.json().set("a:b", "$", {})',
    "time series": 'x.ts().add("a:b", "*", 1)',
}  # fmt: skip


@pytest.mark.parametrize("source", HANDED_ON.values(), ids=HANDED_ON)
def test_what_is_not_followed_is_said(source: str) -> None:
    found = read({"main.py": f"import redis\nx = redis.Redis()\n{source}"})
    assert found.ends == ()
    assert len(found.unresolved) == 1


OTHERS = {
    "nats": 'import nats\nasync def f():\n    conn = await nats.connect("x")\n    await conn.publish("a:b", b"")\n    await conn.subscribe("a:b")',
    "boto3": 'import boto3\nclient = boto3.client("sns")\nclient.publish(TopicArn="a:b", Message="x")',
    "a database": 'import asyncpg\nasync def f():\n    conn = await asyncpg.connect("x")\n    await conn.set("a:b")\n    return conn.type',
    "JSON of http": 'import requests\nr = requests.get("http://a")\nr.json().get("a:b")\nrow = r.json\nkeys = r.keys\nr.json().add("a:b")',
    "a bound method": 'class C:\n    def get(self, k):\n        return k\nask = C().get\nask("a:b")\nDO = {"get": C().get}',
    "a dict": 'd = {}\nd.get("a:b")\nd.pop("a:b")\nd.keys()\nd.update({})\nd.copy()',
    "a dict that is a parameter": 'def f(data):\n    return data.get("a:b"), data.keys()',
    "a list": 'x = []\nx.append("a:b")\nx.pop(0)\nx.sort()',
    "a set": 'x = set()\nx.add("a:b")',
    "a queue": 'import queue\nq = queue.Queue()\nq.put("a:b")\nq.get("a:b")',
    "an event bus": 'def f(bus):\n    bus.publish("a:b", {})\n    bus.subscribe("a:b")',
    "mqtt": 'import paho.mqtt.client as mqtt\nclient = mqtt.Client()\nclient.publish("a:b", "x")\nclient.subscribe("a:b")',
    "http": 'import httpx\nclient = httpx.Client()\nclient.get("http://a:b")\nclient.delete("a:b")',
    "requests": 'import requests\nrequests.get("http://a")\ns = requests.Session()\ns.get("a:b")',
    "an http session in a context": 'import aiohttp\nasync def f():\n    async with aiohttp.ClientSession() as conn:\n        await conn.get("a:b")',
    "a cache of its own": 'class Cache:\n    def get(self, k):\n        return 1\nr = Cache()\nr.get("a:b")',
    "a wrapper of its own": 'class Bus:\n    def xadd(self, k, d):\n        print(k)\nbus = Bus()\nbus.xadd("a:b", {})',
    "os.path": 'import os\nos.path.exists("a:b")\nos.environ.get("A:B")',
    "pathlib": 'from pathlib import Path\np = Path("x")\np.exists()\np.touch()\np.rename("a:b")',
    "settings": 'def f(config):\n    config.set("a", "b", "c")\n    return config.get("a:b")',
    "routes": 'from fastapi import FastAPI\napp = FastAPI()\n@app.get("/a:b")\ndef f():\n    return 1\napp.delete("/a:b")',
    "methods of http in a list": 'METHODS = ["GET", "POST"]\nROUTE = ("GET", "/a:b")\nCORS = dict(allow_methods=["GET", "DEL"])',
    "a plain tuple": 'PAIR = ("SET", 1)\nTEXT = ("TYPE", "x")',
    "type": 'def f(x):\n    return type(x), x.type("a:b")',
    "pandas": 'import pandas as pd\ndf = pd.DataFrame()\ndf.append({"a": 1})\ndf.get("a:b")',
}  # fmt: skip


@pytest.mark.parametrize("source", OTHERS.values(), ids=OTHERS)
def test_what_only_looks_like_it(source: str) -> None:
    for client in ("", "import redis\nbus0 = redis.Redis()\n"):
        found = read({"main.py": client + source})
        assert found.ends == ()
        assert found.unresolved == ()
