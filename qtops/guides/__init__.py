"""Runbooks that can be run: Markdown that any renderer shows well, with steps in fenced blocks that hold TOML.

    ```toml step
    name = "status"
    command = ["systemctl", "status", "--no-pager", "{unit}"]
    why = "Is it failed, restarting or stopped?"
    changes = false
    expect.exit = [0, 3]
    ```

A command is a list of words, and no shell takes it apart. Here they are read, filled with parameters and judged; ``qtops.actions``
runs them.
"""
