"""The language of ``when:``, conditions on metrics: read by a parser of its own, never by Python's."""
