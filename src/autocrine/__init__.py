"""Autocrine: the IL-6 loop of drug resistance, from one cell to the published experiment."""
