"""Checks of who writes and who reads which name in Redis: do the ends meet?"""
