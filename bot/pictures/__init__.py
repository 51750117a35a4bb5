"""Photos: looked at, judged, kept, and copied for those who get them."""
