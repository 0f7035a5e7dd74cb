"""Tables to bytes, in the formats that the commands offer; a module for each kind of table."""

from amur.output.balances import TOO_FEW, balances_as, changes_as, differences_as
from amur.output.scores import conflicts_as, curves_as, likely_errors_as, model_differences_as, models_as, scores_as
from amur.output.statements import (
    explanations_as,
    statements_as_csv,
    statements_as_jsonl,
    statements_as_parquet,
    statements_as_text,
    suggestions_as,
)

__all__ = [
    "TOO_FEW",
    "balances_as",
    "changes_as",
    "conflicts_as",
    "curves_as",
    "differences_as",
    "explanations_as",
    "likely_errors_as",
    "model_differences_as",
    "models_as",
    "scores_as",
    "statements_as_csv",
    "statements_as_jsonl",
    "statements_as_parquet",
    "statements_as_text",
    "suggestions_as",
]
