"""Checks of risk proposals."""
