"""One screen a file. A screen asks services and shows what they answer; it computes no money."""
