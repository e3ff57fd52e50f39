"""What people said: catalogue, regions, intake, moderation and the write API."""
