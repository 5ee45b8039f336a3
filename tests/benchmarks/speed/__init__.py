"""How quick the knowledge base is, beside what people would pick instead: langchain-chroma with HuggingFaceEmbeddings.

Both sides have the same entries, the same weights on the same processor, and take turns within one run, because on a
shared machine only ratios mean anything. `python -m tests.benchmarks.speed --data DIR` prints one JSON document.
"""
