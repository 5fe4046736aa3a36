"""What is different between two results: records, instructions, selection; and between two layouts."""
