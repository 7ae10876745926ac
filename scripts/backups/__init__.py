"""What a backup is on the disk; shared by `scripts.backup` and `scripts.restore`."""
