"""What holds of every route in the table."""
