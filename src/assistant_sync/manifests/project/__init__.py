"""The project file: where it is, what shape it has, and the project that it describes."""
