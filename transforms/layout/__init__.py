"""Layout: find the tables of a workbook by their headers, read and type them, and give every cell a class."""

from transforms.layout.reading import LOCK_FILE, NO_SECRET, UNREADABLE, FileReading, read_file

__all__ = ["LOCK_FILE", "NO_SECRET", "UNREADABLE", "FileReading", "read_file"]
