"""Modules that no file can stand for: built into the interpreter, frozen in it, or loaded before the program begins."""

BUILT_IN_EVERYWHERE = frozenset(
    (
        *("_abc", "_ast", "_codecs", "_collections", "_functools", "_imp", "_io", "_locale", "_operator", "_signal", "_sre"),
        *("_stat", "_string", "_symtable", "_thread", "_tracemalloc", "_warnings", "_weakref", "atexit", "builtins", "errno"),
        *("faulthandler", "gc", "itertools", "marshal", "posix", "pwd", "sys", "time"),
    )
)
MAY_BE_BUILT_IN = frozenset(  # static in Debian's build, shared libraries in others
    (
        *("_bisect", "_blake2", "_csv", "_datetime", "_elementtree", "_heapq", "_md5", "_opcode", "_pickle"),
        *("_posixsubprocess", "_random", "_sha1", "_sha256", "_sha2", "_sha3", "_sha512", "_socket", "_statistics"),
        *("_struct", "_tokenize", "_typing", "array", "binascii", "cmath", "fcntl", "grp", "math", "pyexpat", "select"),
        *("spwd", "syslog", "unicodedata", "zlib"),
    )
)
FROZEN_311 = frozenset(
    (
        *("_frozen_importlib", "_frozen_importlib_external", "zipimport", "abc", "codecs", "io", "_collections_abc"),
        *("_sitebuiltins", "genericpath", "ntpath", "posixpath", "os.path", "os", "site", "stat", "importlib.util"),
        *("importlib.machinery", "runpy"),
    )
)
LOADED_AT_START = frozenset(
    (*("sys", "builtins", "codecs", "encodings", "encodings.aliases", "encodings.utf_8", "io", "abc", "zipimport"),)
)
LOADED_BY_SITE = frozenset((*("site", "os", "os.path", "stat", "posixpath", "genericpath", "_collections_abc", "_sitebuiltins"),))
