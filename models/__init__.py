"""The economics of a megawatt and the plan file; imports no Qt and nothing of `app`."""
