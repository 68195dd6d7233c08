"""Positions: fields, and cells that push, divide and die."""
