"""What a report is made of: the case it is about, the records that bear it, and the document that cites them. Pure."""
