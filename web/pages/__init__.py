"""The pages, one module a subject. Each is the same for everybody, so that caches can answer."""
