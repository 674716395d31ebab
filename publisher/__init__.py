"""The risk-proposal publisher: market state and positions in, adaptive stop-loss and take-profit proposals out, through Redis.

It runs alone (``python -m publisher``) and knows nothing of qtops. ``kernel`` and ``contract`` are pure and may be imported by
anyone: they are the one place that says how a proposal is computed and what it looks like on the wire.
"""
