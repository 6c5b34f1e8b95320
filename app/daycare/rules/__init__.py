"""The law of the 24-hour daycare, by story. Minutes count from midnight of the operating day, past 24:00 too."""
