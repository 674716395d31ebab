"""Checks of risk events: which guards are in force, and did anybody heed what was asked for?"""
