"""Pictures of what was looked at: levels against the price, and ages against their limits. Nothing here knows a command."""
