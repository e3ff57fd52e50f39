"""The commands of the reports room."""
