"""The supervisor's promises, put to the test on a booted systemd: ``make soak`` prints what was promised beside what was counted.

    python -m tests.soak [NAME …]     a box per scenario; the supervisor is driven by its command line alone

What is true is asked of others than the supervisor: of the kernel (who was killed, when), of PID 1's journal (what died, what was
started), of its database read from outside, and of the hook that was told.
"""
