"""A run on disk and back: the event stream and everyone's motion in one MCAP file."""

from xrlab.recording.reader import Recording, read_recording
from xrlab.recording.writer import RecordingWriter

__all__ = ["Recording", "RecordingWriter", "read_recording"]
