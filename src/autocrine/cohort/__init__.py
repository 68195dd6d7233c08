"""Patients: drugs in bodies, a virtual population, tumours under treatment, trials. For research, not for a person."""
