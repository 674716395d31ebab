"""systemd's unit files and environment files, read as systemd reads them: text in, values with their origins out.

Pure: whoever calls finds the files. Where systemd 252 to 257 differ, that is said beside the rule.
"""
