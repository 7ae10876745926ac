"""The tests of Agora: they mirror the tree."""
