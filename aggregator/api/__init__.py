"""The doors of the read API. Answers are the selectors' frozen values, encoded as they are."""
