"""What a report says, section by section: pure functions from a case and its records to a document."""
