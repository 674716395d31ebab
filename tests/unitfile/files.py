"""Files in memory, as the readers see them."""

import posixpath


class MemoryFiles:
    """Files by path, and what an unreadable one raises."""

    def __init__(self, files, errors=None):
        self._files = {path: data if isinstance(data, bytes) else data.encode() for path, data in files.items()}
        self._errors = errors or {}

    def read(self, path):
        if path in self._errors:
            raise self._errors[path]
        if path not in self._files:
            raise FileNotFoundError(2, "No such file or directory", path)
        return self._files[path]

    def names(self, path):
        below = path.rstrip("/") + "/"
        names = {file[len(below) :].split("/")[0] for file in self._files if file.startswith(below)}
        if not names:
            raise FileNotFoundError(2, "No such file or directory", posixpath.normpath(path))
        return sorted(names)
