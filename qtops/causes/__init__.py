"""Which findings are symptoms of which: one root, the rest its consequences."""
