"""How documents are written for people; used by `scripts.export_user`."""
