"""Commands on programs: sources and BPF objects, with their records, instructions and findings."""
