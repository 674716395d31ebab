"""What the proposals say, and whether it is right: one report, and the forms of it that are this command's own."""
