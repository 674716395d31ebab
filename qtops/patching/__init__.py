"""Change the text of files: pure, bytes in, bytes out."""
