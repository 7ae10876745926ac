"""Settings, the kept secret and log lines."""
