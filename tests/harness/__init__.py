"""What tests/run.py is made of: the judge of a boot, the guest, the test files, images, bench.  See docs/testing.md."""
