"""JSON as it is kept: one compact encoder for all, since making one each time costs more than its work."""

import json

compact = json.JSONEncoder(separators=(",", ":")).encode
"""The document as text, without spaces."""
