"""Incidents and holds as they are shown: a list, one with all that is on record of it, and what is left alone until when."""
