"""`python -m bot.cli` is `answerloop`."""

from bot.cli import main

main()
