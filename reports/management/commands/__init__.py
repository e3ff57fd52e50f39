"""The commands of the reports room, one module each."""
