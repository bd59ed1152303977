"""Formulas: read by a grammar of our own, compared at points of every cell, and proved equal where that can be done."""
