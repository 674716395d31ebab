"""Upstream and downstream: who is fed by whom."""

from collections import defaultdict


def depths(feeds: dict[str, set[str]]) -> dict[str, int]:
    """How far downstream each lies of those that are fed by others: one further than the deepest of these."""
    waits = {name: set(feeders) for name, feeders in feeds.items()}
    fed = defaultdict[str, list[str]](list)
    for name, feeders in feeds.items():
        for feeder in feeders:
            fed[feeder].append(name)
    found: dict[str, int] = {}
    ready = [name for name, feeders in waits.items() if not feeders]
    while len(found) < len(feeds):
        if not ready:  # a circle: entered where the fewest are waited for
            ready = [min((name for name in waits if name not in found), key=lambda name: len(waits[name]))]
        name = ready.pop()
        if name in found:
            continue
        found[name] = 1 + max((found[feeder] for feeder in feeds[name] if feeder in found), default=-1)
        for other in fed[name]:
            waits[other].discard(name)
            if not waits[other] and other not in found:
                ready.append(other)
    return found
