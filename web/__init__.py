"""What everyone sees: pages, maps, charts, feeds and badges."""
