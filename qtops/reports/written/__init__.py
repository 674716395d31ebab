"""A report's document as Markdown, as one HTML file, and as JSON."""
