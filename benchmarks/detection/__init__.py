"""How well outages are found: made worlds with known truth, peers on the same data, one scoring."""
