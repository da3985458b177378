"""The plan as a workbook whose results are formulas: whoever gets it can follow every figure to its inputs."""
