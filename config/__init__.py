"""The roof: settings, addresses, the task queue, logging and the embedded engines."""
