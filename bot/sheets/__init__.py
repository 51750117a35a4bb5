"""Spreadsheets as people make them, read into rows with problems named by row and column."""
