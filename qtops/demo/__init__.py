"""The demo: the real publisher on a private Redis and a simulated market, verified all the while. It leaves nothing behind."""
