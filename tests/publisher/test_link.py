"""Many questions at once to a real server: replies in order, errors in their place, and no connection that is out of step."""

import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from publisher.connection import UrlError, trouble
from publisher.embedded import PrivateServer, private_server
from publisher.link import Link, Reply
from tests.publisher.doubles import listener


def echo(link: Link, *words: str) -> list[Reply]:
    return link.run([(b"ECHO", word) for word in words], words)


def in_step(link: Link) -> bool:
    """Whether each reply belongs to its question."""
    words = [f"word-{number}-{time.monotonic_ns()}" for number in range(20)]
    return echo(link, *words) == [word.encode() for word in words]


def test_replies_come_in_the_order_of_the_commands(link: Link) -> None:
    words = [str(number) for number in range(5000)]
    assert echo(link, *words) == [word.encode() for word in words]


def test_nothing_asked_is_nothing_answered(link: Link) -> None:
    assert link.run([], []) == []


def test_arguments_are_texts_and_bytes(link: Link, redis_client: redis.Redis) -> None:
    assert link.run([(b"HSET", "h", b"\xff\r\n", "ä", "n", b"")], ["h"]) == [2]
    assert redis_client.hgetall("h") == {b"\xff\r\n": "ä".encode(), b"n": b""}


def test_an_error_stands_in_the_place_of_its_reply(link: Link) -> None:
    commands = [(b"SET", "text", "x"), (b"HGET", "text", "a"), (b"NONSENSE",), (b"GET", "text"), (b"EVALSHA", "0" * 40, "0")]
    replies = link.run(commands, ["text"] * 5)
    assert [type(reply) for reply in replies] == [
        bytes,
        redis.ResponseError,
        redis.ResponseError,
        bytes,
        redis.exceptions.NoScriptError,
    ]
    assert in_step(link)


def test_several_questions_may_be_under_way(link: Link) -> None:
    asked = [link.ask([(b"ECHO", f"{number}-{part}") for part in range(10)], ["k"] * 10) for number in range(5)]
    for number in (3, 0, 4, 1, 2):
        assert asked[number].replies() == [f"{number}-{part}".encode() for part in range(10)]
    assert in_step(link)


def test_a_question_whose_replies_nobody_wants_does_no_harm(link: Link) -> None:
    link.ask([(b"ECHO", "unwanted")] * 10, ["k"] * 10)
    assert in_step(link)


def test_a_url_that_names_no_redis_is_the_callers_mistake() -> None:
    with pytest.raises(UrlError):
        Link("gopher://box").run([(b"PING",)], ["k"])


def test_a_server_that_is_not_there_is_an_error_for_each_command(tmp_path: Path) -> None:
    link = Link(f"unix://{tmp_path}/nothing.sock", timeout_s=0.5)
    began = time.monotonic()
    assert [trouble(reply).state for reply in echo(link, "a", "b", "c")] == ["down"] * 3
    assert time.monotonic() - began < 0.2
    link.close()


def test_a_server_that_comes_back_is_found_without_being_told(tmp_path: Path) -> None:
    with private_server(tmp_path) as first:
        link = Link(first.url, timeout_s=0.5)
        assert in_step(link)
    assert [trouble(reply).state for reply in echo(link, "a")] == ["down"]
    with private_server(tmp_path):
        assert in_step(link)
    link.close()


def test_it_can_be_used_after_it_was_closed(link: Link) -> None:
    assert in_step(link)
    link.close()
    link.close()
    assert in_step(link)


# What is left unread must never be taken for the next reply


def test_a_reply_that_comes_too_late_is_not_the_next_ones(redis_url: str) -> None:
    link = Link(redis_url, timeout_s=0.1)
    late = link.run([(b"ECHO", "in time"), (b"BLPOP", "nothing", "0.2"), (b"ECHO", "late")], ["k"] * 3)
    assert late[0] == b"in time"
    assert [trouble(reply).state for reply in late[1:]] == ["hung", "hung"]
    time.sleep(0.15)
    assert in_step(link)
    link.close()


class Interrupted(BaseException):
    """What a signal handler raises in the tests below."""


@contextmanager
def interrupted_after(seconds: float) -> Iterator[None]:
    def interrupt(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_wait_that_a_signal_ends_leaves_no_reply_behind(redis_url: str) -> None:
    link = Link(redis_url, timeout_s=5)
    assert in_step(link)
    with pytest.raises(Interrupted), interrupted_after(0.05):
        link.run([(b"ECHO", "before"), (b"BLPOP", "nothing", "0.2"), (b"ECHO", "after")], ["k"] * 3)
    time.sleep(0.2)
    assert in_step(link)
    link.close()


@pytest.mark.slow
def test_a_signal_at_any_moment_leaves_it_in_step(redis_url: str) -> None:
    link = Link(redis_url, timeout_s=5)
    for step in range(200):
        try:
            with interrupted_after(0.00005 * (1 + step % 40)):
                while True:
                    assert in_step(link)
        except Interrupted:
            assert in_step(link)
    link.close()


# A server that answers, but never comes to the end


@contextmanager
def dripping(server: PrivateServer, drip: Callable[[bytes], Iterator[bytes]]) -> Iterator[str]:
    """The address of a proxy that hands on what the server says cut by ``drip``, a piece every 50 ms, once it was asked to drip."""
    slow = threading.Event()

    def serve(client: socket.socket) -> None:
        with socket.socket(socket.AF_UNIX) as behind:
            behind.connect(str(server.socket))
            backwards = threading.Thread(target=back, args=(behind, client))
            backwards.start()
            while data := client.recv(65536):
                if b"drip" in data:
                    slow.set()
                behind.sendall(data)
            behind.shutdown(socket.SHUT_RDWR)
            backwards.join()

    def back(behind: socket.socket, client: socket.socket) -> None:
        try:
            while data := behind.recv(65536):
                for piece in drip(data) if slow.is_set() else [data]:
                    client.sendall(piece)
                    if slow.is_set():
                        time.sleep(0.05)
        except OSError:
            return  # it was told to end, or has had enough

    with listener(serve) as port:
        yield f"redis://127.0.0.1:{port}"


def lines(data: bytes) -> Iterator[bytes]:
    yield from data.splitlines(keepends=True)


def single_bytes(data: bytes) -> Iterator[bytes]:
    for byte in data:
        yield bytes([byte])


@pytest.mark.parametrize("drip", [lines, single_bytes])
def test_a_server_that_drips_its_replies_is_hung(redis_server: PrivateServer, drip: Callable[[bytes], Iterator[bytes]]) -> None:
    with dripping(redis_server, drip) as url:
        link = Link(url, timeout_s=0.1)
        assert in_step(link)
        began = time.monotonic()
        replies = link.run([(b"ECHO", "drip")] * 100, ["k"] * 100)
        took_s = time.monotonic() - began
        link.close()
    assert replies[0] == b"drip"
    assert trouble(replies[-1]).state == "hung"
    assert took_s < 1.0
