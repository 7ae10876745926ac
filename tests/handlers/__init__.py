"""What every route shares: limits, errors, access."""
