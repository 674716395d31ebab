"""Change the text of files: pure, bytes in, bytes out."""


class CannotPatch(Exception):
    """A file cannot be changed as asked. The message says why, and leaves the name of the file to whoever knows it."""
