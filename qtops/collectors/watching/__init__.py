"""What is heard while services run: signals of systemd, lines of the journal, and what the kernel says of a process.

``units`` and ``log`` yield observations, and ``Lost`` and ``Back`` where the source itself goes and comes; neither ever waits.
"""
