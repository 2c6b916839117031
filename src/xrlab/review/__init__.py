"""The debrief: what is shown of a run after it, from its recording alone."""
