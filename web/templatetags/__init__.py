"""What templates can say beside what Django teaches them."""
