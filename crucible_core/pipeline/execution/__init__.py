"""Running a stage elsewhere than in the process of the run; imported when a stage asks for it."""
