"""What CI servers show of tests, in the XML of JUnit."""
