"""The report of ``qtops map``: who writes and who reads what, in its forms for people, documents, drawings and programs."""
