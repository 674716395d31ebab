"""What `qtops install` put in place, took away, or would."""
