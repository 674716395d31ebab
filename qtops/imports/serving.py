"""Servers that are given an application: what they do to sys.path, the configuration that they read, and then the import."""

import posixpath
from dataclasses import replace

from qtops.imports.applications import named_in_configuration
from qtops.imports.launch import Application, GunicornOptions
from qtops.imports.modules import LoadedModule, Raised
from qtops.imports.outcome import Import, ImportVerdict, Site
from qtops.imports.path import Entry, Origin, absolute
from qtops.imports.resolve import Found
from qtops.imports.startup import START, Startup
from qtops.imports.tree import Kind
from qtops.imports.values import Scope, Unknown, Value, doubt_in

_WORDS: dict[str, tuple[str | None, str]] = {  # of a missing module, None for Python's own; and of a missing attribute
    "gunicorn": (None, "gunicorn.errors.AppImportError: Failed to find attribute '{attribute}' in '{module}'."),
    "uvicorn": (
        'ERROR:    Error loading ASGI app. Could not import module "{module}".',
        'ERROR:    Error loading ASGI app. Attribute "{attribute}" not found in module "{module}".',
    ),
    "celery": ("The module {module} was not found.", ""),
    "hypercorn": (
        "hypercorn.utils.NoAppError: Cannot load application from '{module}:{attribute}', module not found.",
        "hypercorn.utils.NoAppError: Cannot load application from '{module}:{attribute}', application not found.",
    ),
}
_CONFIG = "gunicorn.conf.py"  # read where no other file is named, if it is there


class Serving(Startup):
    """Follows the start of a server up to the import of its application."""

    script: str | None = None

    def no_module(self, name: str, words: str, cause: Import | None = None) -> Raised:
        """The end of an interpreter that is told to run what it cannot find."""
        line = f"{self.launch.interpreter}: {words}"
        if cause is None:
            cause = Import(name, START, ImportVerdict.MISSING, message=line, path=self.path)
            self.imports.append(cause)
        return Raised("", line, START, cause)

    def run_application(self, target: Application) -> None:
        """A server: the directories that it puts first, then the import of the application's module."""
        if not target.server.startswith("/") and self.resolve(target.server, None).winner is None:
            raise self.no_module(target.server, f"No module named {target.server}")
        main = LoadedModule("__main__", Found("module", target.server), "third", file=target.server, complete=True)
        self.modules["__main__"] = main
        with self.inside(Scope(main.names, main)):
            module, attribute = target.module, target.attribute
            if target.gunicorn is not None:
                module, attribute = self._configure(target.gunicorn, module, attribute)
            self.path = (*(Entry(place, Origin("server")) for place in target.first), *self.path)
            if module:
                self._import_application(posixpath.basename(target.server), module, attribute)

    def _import_application(self, server: str, name: str, attribute: str) -> None:
        try:
            module = self.load(name, START)
        except Raised as raised:
            is_missing = raised.kind == "ModuleNotFoundError" and raised.cause is not None and raised.cause.module == name
            raise self._in_words_of(server, raised, name, attribute, 0) if is_missing else raised from None
        self.script = module.file
        if module.party != "first" or not attribute:
            return
        try:
            self.import_from(module, [attribute.partition(".")[0]], START)
        except Raised as raised:
            is_missing = raised.cause is not None and raised.cause.site == START
            raise self._in_words_of(server, raised, name, attribute, 1) if is_missing else raised from None

    def _in_words_of(self, server: str, raised: Raised, module: str, attribute: str, which: int) -> Raised:
        """The same end, as the server tells it."""
        words = _WORDS.get(server, ("", ""))[which]
        if words is None or raised.cause is None:
            return raised
        line = words.format(module=module, attribute=attribute) or None
        told = replace(raised.cause, message=line)
        self.imports[self.imports.index(raised.cause)] = told
        return Raised("", line, START, told)

    def _configure(self, options: GunicornOptions, module: str, attribute: str) -> tuple[str, str]:
        """gunicorn: the working directory, the configuration file, the directory and the path that are set there or by options."""
        origin = Origin("server")
        self._put_first(self.directory or "", origin)
        settings, origin = self._settings(options)
        chdir: Value = options.chdir or settings.get("chdir")
        if chdir is not None:
            self.change_directory(absolute(chdir, self.directory or "/") if isinstance(chdir, str) else chdir)
            self._put_first(self.directory or chdir, origin)
        paths: Value = options.pythonpath or settings.get("pythonpath") or ""
        for path in paths.split(",") if isinstance(paths, str) else [paths]:
            if path:
                self._put_first(absolute(path, self.directory or "/") if isinstance(path, str) else path, origin)
        if module:
            return module, attribute
        named = settings.get("wsgi_app")
        if not isinstance(named, str):
            why = doubt_in(named) or "gunicorn is given no application on its command line and in no configuration"
            self.unclear_import("?", START, why)
            return "", ""
        return named_in_configuration(named)

    def _put_first(self, place: Value, origin: Origin) -> None:
        if not isinstance(place, str):
            why = doubt_in(place) or "a directory that the server puts first is not known"
            self.path = (Entry(None, origin, why), *self.path)
        elif not any(entry.text == place for entry in self.path):
            self.path = (Entry(place, origin), *self.path)

    def _settings(self, options: GunicornOptions) -> tuple[dict[str, Value], Origin]:
        """The names of the configuration, which is a program of its own."""
        if options.config.startswith("python:"):
            module = self.load(options.config.removeprefix("python:"), START)
            return self._told(module), Origin("server", module.file or "", 1)
        path = posixpath.join(self.directory or "/", options.config.removeprefix("file:") or _CONFIG)
        if not options.config and self.files.tree.kind(path) is not Kind.FILE:
            return {}, Origin("server")
        module = LoadedModule("__config__", Found("module", path), "first", file=path)
        module.names.update(__name__="__config__", __file__=path, __doc__=None, __spec__=Unknown("the module's spec"))
        self.modules["__config__"] = module
        body = self.body_of(module, Site(path, 1))
        if body is not None:
            with self.inside(Scope(module.names, module)):
                self.run_body(body)
        return self._told(module), Origin("server", path, 1)

    def _told(self, module: LoadedModule) -> dict[str, Value]:
        if module.opaque is None and module.party == "first":
            return module.names
        why = module.opaque or f"the settings of {module.name} are not known"
        return {**dict.fromkeys(("chdir", "pythonpath", "wsgi_app"), Unknown(why)), **module.names}
