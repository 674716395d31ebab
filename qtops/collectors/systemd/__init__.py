"""Units as the running systemd has them: over D-Bus where pystemd is installed, through systemctl where it is not."""
