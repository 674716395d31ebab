"""Risk events: a timeline for people, a document for machines."""
