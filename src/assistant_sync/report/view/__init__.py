"""What is shown, decided once: the formats render these views, and differ in words, styles and limits alone."""
