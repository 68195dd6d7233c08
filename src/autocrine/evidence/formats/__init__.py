"""Publication records in the formats of libraries: read from a file, and written to one."""

from autocrine.evidence.formats.address import addresses_of, full_names
from autocrine.evidence.formats.format import FORMATS, read_records, write_records

__all__ = ["FORMATS", "addresses_of", "full_names", "read_records", "write_records"]
