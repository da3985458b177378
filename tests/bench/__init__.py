"""Speed, measured side by side: `make bench`, or `python -m tests.bench lever-sample start-warm`.

Each line runs in a process of its own and prints the median and the 95th percentile beside a baseline measured in the
same run, and the goal. It is a benchmark, not a test: on a busy machine it says so, and nothing turns red.
"""
