"""``python -m publisher``."""

import signal

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C while modules are still being loaded ends the process without a traceback

from publisher.cli import main  # noqa: E402

main()
