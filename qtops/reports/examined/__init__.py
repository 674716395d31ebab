"""What is told of a report that was written, or checked against its evidence."""
