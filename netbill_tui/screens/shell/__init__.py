"""What all screens share: frame, routes, command line, forms, help, lanes, lists."""
