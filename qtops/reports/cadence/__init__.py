"""How often things are really updated: a table for people, a document for machines."""
