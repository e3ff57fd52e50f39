"""Public posts as Reports: what people say of a failing Service where others can read it."""
