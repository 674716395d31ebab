"""Bundles: facts in a file, so that a diagnosis can be made anywhere and at any time; and what changed between two of them."""

from qtops.bundle.file import Bundle, encode, load, read, save
from qtops.bundle.writing import BundleError

__all__ = ("Bundle", "BundleError", "encode", "load", "read", "save")
