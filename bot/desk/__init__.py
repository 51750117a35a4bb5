"""The desk: the managers', the office's and the operators' pages in a browser, behind a sign-in."""
