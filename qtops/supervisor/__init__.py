"""The supervisor: it watches, decides on proof, acts within its budget, keeps incidents, and tells people.

    signals, journal, looks ──▶ Observation ──fold──▶ Change ──▶ store ──▶ Notice ──▶ people
                                                 └───decide──▶ Action ──▶ a child process

One thread owns all state (``loop``). What takes time is a child process with a deadline (``children``), or a thread that only puts
observations into a queue.
"""
