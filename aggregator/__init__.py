"""What the reports mean: counting, baselines, detection, outages, alerts and the read API."""
