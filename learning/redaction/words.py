"""Lists of words, written as they are read: with white space between them."""


def words(listed: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(listed.split())
