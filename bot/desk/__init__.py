"""The desk: one file per thing that people do, each function one transaction that hands the rest to a workflow."""
