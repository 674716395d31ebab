"""The founding incident as a show: a service fails on a real systemd, is diagnosed, recovered, verified and reported on."""
