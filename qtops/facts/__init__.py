"""What was true: frozen, flat rows per source, filled by ``qtops.collectors`` and judged by ``qtops.checks``."""
