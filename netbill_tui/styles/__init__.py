"""Where things sit and how they look; theme variables only."""
