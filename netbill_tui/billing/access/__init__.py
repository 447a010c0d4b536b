"""What is asked of a second operator."""
