"""The plan of a backtest: how much is known at the start, how people behave, what is promised."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Everything that decides what a backtest finds, besides the file. Shares are 0 to 1."""

    #: Which part of the topics is known at the start, each by how many of its questions.
    known_share: float = 0.6
    known_phrasings: int = 1
    #: Into how many periods of equal size the questions are cut.
    periods: int = 3
    #: How many questions are asked; 0 for all.
    limit: int = 0
    #: The promise: which share of all questions may be answered wrongly.
    max_wrong: float = 0.03
    #: How often somebody who got a wrong answer votes it down, and then gets a person.
    vote_share: float = 0.5
    #: How often somebody who got a right answer votes it up.
    praise_share: float = 0.0
    #: How often somebody clicks the right one of the questions offered, and how often a wrong one where it is not
    #: among them.
    click_share: float = 0.9
    wrong_click_share: float = 0.1
    #: How many of the right proposals admins approve; they reject the others, and every wrong one.
    approve_share: float = 1.0
    #: How many questions are asked until an admin looks at a proposal, and until staff settle a question.
    review_delay: int = 0
    resolve_delay: int = 10
    #: From which likeness on a new wording of a known answer is not asked about.
    near_wording: float = 0.9
    seed: int = 1
