"""Our own versioned files, both ways: the saved plan and the archive of deleted assistants."""
