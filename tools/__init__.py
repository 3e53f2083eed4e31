"""What a maintainer runs now and then. Nothing that the system itself needs."""
