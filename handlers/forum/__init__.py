"""FORUM and FORUM-OLD over HTTP."""
