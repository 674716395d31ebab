"""What qtops promises about its speed and size, measured: ``python -m tests.bench``. Not part of the installed package."""
