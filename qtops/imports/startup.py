"""What runs before the program: site.py, which reads the .pth files, and sitecustomize and usercustomize."""

from qtops.imports.modules import LoadedModule, Raised
from qtops.imports.outcome import Site
from qtops.imports.path import Entry, Origin, absolute, moved_first_entry
from qtops.imports.pth import files_of, lines_of
from qtops.imports.resolve import Found
from qtops.imports.sitecode import ENDS, SiteCode
from qtops.imports.values import Scope

START = Site("<start>", 0)


class Startup(SiteCode):
    """Carries out what comes before the program."""

    def start_up(self) -> None:
        """sys.path as the program finds it, and the hooks that answer beside it. Raises Raised where site.py does not go on."""
        if self.interpreter.lacks_library:
            raise self.missing("encodings", None, START)
        start = self.start
        if self.launch.flags.no_site:
            return
        self.path = start.core
        self.hooks += start.doubts
        known = {entry.text or "" for entry in start.core}
        for place in start.sites:
            self.add_site(place, known, Origin("site"))
        for name in start.customized:
            self._customize(name)
        first = moved_first_entry(self.files.tree, self.launch, start.first, self.directory)
        self.path = (*first, *self.path)

    def add_site(self, directory: str, known: set[str], origin: Origin) -> None:
        """See Edits."""
        if directory not in known:
            known.add(directory)
            self.path = (*self.path, Entry(directory, origin))
        tree, version = self.files.tree, self.interpreter.version
        for file in files_of(tree, directory, version):
            for line in lines_of(tree, file, version):
                if line.is_code:
                    if not self.run_line(line, directory):
                        break  # site.py leaves the rest of the file alone
                    continue
                place = absolute(line.text, directory)
                if place not in known and self._exists(place):
                    known.add(place)
                    is_edit = origin.kind == "edit"
                    self.path = (*self.path, Entry(place, origin if is_edit else Origin("pth", line.file, line.number)))

    def _exists(self, path: str) -> bool:
        try:
            return self.files.tree.kind(path) is not None
        except OSError as error:
            self.hooks.append(f"{path} could not be looked at: {error.strerror or error}")
            return False

    def _customize(self, name: str) -> None:
        """``import sitecustomize``: what fails in it is reported on stderr and passed over."""
        resolution = self.resolve(name, None)
        found = resolution.winner
        if found is None or name in self.modules:
            return
        pseudo = LoadedModule("site", Found("built-in"), "standard", complete=True)
        try:
            with self.inside(Scope({}, pseudo)):
                module = self.load(name, START)
        except Raised as raised:
            if raised.kind in ENDS:
                raise
            self.guard(raised, (name,))
            return
        if module.party != "first" and module.file is not None:
            why = self.survey(lambda _: False).objection(name, found)
            if why is not None:
                self.hooks.append(f"{module.file} runs at the start: {why}")
                self.blind = self.blind or self.hooks[-1]
