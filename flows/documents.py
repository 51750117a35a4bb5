"""JSON as it is kept: one compact encoder for all, since making one costs more than using it."""

import json

compact = json.JSONEncoder(separators=(",", ":")).encode
"""The document as text, without spaces."""
