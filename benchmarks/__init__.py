"""What qtops promises about its speed and size, measured: ``python -m benchmarks``. Not part of the installed package."""
