"""Made-up crowds: for trying a server out, for demonstrations and for tests."""
