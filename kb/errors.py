"""What can go wrong in the knowledge base; each message tells a person what to do next."""


class KnowledgeError(Exception):
    """Root of every error that `kb` raises on purpose."""


class UnknownEntry(KnowledgeError):
    """There is no such entry (or no such version of it) in this workspace."""


class UnknownCalibration(KnowledgeError):
    """There is no such version of the workspace's calibration."""


class StaleVersion(KnowledgeError):
    """The entry has moved on since it was read; read it again and decide anew."""


class EmptyQuestion(KnowledgeError):
    """The question holds no words to search for."""


class ModelMissing(KnowledgeError):
    """The embedding model is not where it should be, or its weights differ; the message names the setting."""


class IndexUnavailable(KnowledgeError):
    """The vector index cannot be reached; answers can wait, nothing is lost."""


class IndexLocked(KnowledgeError):
    """Another process owns the embedded index; the message says which."""


class UnreadableSource(KnowledgeError):
    """A file cannot be read as knowledge; the message names the file and the reason."""


class InvalidDraft(KnowledgeError):
    """The content cannot become an entry; the message says what is missing."""


class ReadOnly(KnowledgeError):
    """Something tried to write where only reading is allowed, such as in a replay; the database refused it."""


class NotRebuilt(KnowledgeError):
    """The knowledge base cannot be given as it stood at some version; the message says why."""
