"""All commands in one table. The modules are light: what is heavy is imported when a command runs."""

import typer

from bot.cli.ask import ask
from bot.cli.backtest import backtest
from bot.cli.calibration import calibration
from bot.cli.cohorts import cohorts
from bot.cli.database import database
from bot.cli.demo import demo
from bot.cli.doctor import doctor
from bot.cli.evaluate import evaluate
from bot.cli.ingest import ingest
from bot.cli.knowledge import knowledge
from bot.cli.manifest import manifest
from bot.cli.records import forget, records
from bot.cli.redact import redact
from bot.cli.replay import replay
from bot.cli.serve import serve
from bot.cli.settings import settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Answerloop answers questions in Slack, hands over to people, and learns what people approve.",
)

for command in (demo, serve, ingest, ask, evaluate, backtest, doctor, forget, manifest, redact, replay, settings):
    app.command()(command)
app.add_typer(knowledge, name="kb")
app.add_typer(records, name="records")
app.add_typer(cohorts, name="cohorts")
app.add_typer(database, name="database")
app.add_typer(calibration, name="calibration")
