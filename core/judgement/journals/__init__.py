"""What stands behind a verdict in journals: the family that it pays for, the ends of the journals, noted numbers."""
