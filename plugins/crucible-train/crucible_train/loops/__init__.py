"""The training loops: short, on the primitives of a training client, knowing nothing of experiments and stages."""
