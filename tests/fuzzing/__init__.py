"""What the fuzzing of the readers is made of: seeds, mutations, targets and a sandbox; see ``tests/fuzz_readers.py``."""
