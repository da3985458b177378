"""The Busbar window and its command line."""

import os

# Before numpy is first loaded: its linear algebra would start a thread for every core, which wait busily for work.
# What is multiplied here are a few hundred numbers. A start costs a tenth less of the processor's time without.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
