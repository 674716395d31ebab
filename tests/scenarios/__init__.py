"""Services made sick in every known way, and healthy ones that look odd, on a real systemd, and what doctor says of each."""
