"""Predict the traceback of a Python start without running the code: sys.path as CPython builds it, then each import in order."""
