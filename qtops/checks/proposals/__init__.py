"""Checks of risk proposals: are the levels right, and made from what is real?"""
