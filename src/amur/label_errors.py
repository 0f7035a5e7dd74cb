"""Which annotated answers are likely wrong? Confident learning (Northcutt et al. 2021), through cleanlab."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from amur.errors import Note
from amur.progress import Progress, ignore
from amur.training import answer_matrix, fit, fresh, split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from amur.annotations import Annotation
    from amur.codebook import Codebook
    from amur.encoder import SentenceEncoder

_COLUMNS = ("document", "start", "text", "question", "annotated", "probability")


def likely_errors(
    annotations: Sequence[Annotation],
    codebook: Codebook,
    encoder: SentenceEncoder,
    *,
    n_jobs: int | None = None,
    progress: Progress = ignore,
) -> pd.DataFrame:
    """Rank the answers that are likely wrong, by heads that have not seen the document.

    Two kinds of documents are left out, and a note says how many: those that the encoder was tuned on, for it knows
    their answers by heart, right or wrong; and those held out for good, for to mend them after what a model says would
    flatter the models that are measured on them.

    Args:
        annotations: what to look at; of several annotators, the settled answer or else the first.
        codebook: the questions.
        encoder: the encoder to fit heads on.
        n_jobs: joblib's number of parallel jobs.
        progress: told how many statements are encoded, batch by batch.

    Returns:
        One row an answer, the likeliest error first: ``document, start, text, question, annotated`` (true or false) and
        ``probability``, that of yes.

    Raises:
        AmurError: there are too few annotations to fit heads on.

    Warns:
        Note: documents were left out.
    """
    rows = fresh(split(annotations)[0], encoder)
    if left := len({a.document for a in annotations} - {a.document for a in rows}):
        msg = f"{left} documents were not looked at: they are held out for good, or the encoder was tuned on them"
        warnings.warn(msg, Note, stacklevel=2)
    probabilities = fit(rows, codebook, encoder, n_jobs=n_jobs, progress=progress).out_of_fold_
    answers = answer_matrix(rows, codebook)
    found = [
        (rows[at].document, rows[at].start, rows[at].text, label, said[at] == 1, odds[at])
        for label, said, odds in zip(codebook.labels, answers.T, probabilities.T, strict=True)
        for at in np.flatnonzero(_likely_wrong(said, odds))
    ]
    table = pd.DataFrame(found, columns=list(_COLUMNS))
    doubt = (table["annotated"] - table["probability"]).abs()
    return table.iloc[np.argsort(-doubt, kind="stable")].reset_index(drop=True)


def _likely_wrong(answers: NDArray[np.float64], probabilities: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which answers to a question are likely wrong, shape (n,); unknown ones (NaN) are not."""
    from cleanlab.filter import find_label_issues  # noqa: PLC0415 (slow to import)

    known = ~np.isnan(answers)
    odds = np.column_stack([1 - probabilities[known], probabilities[known]])
    wrong = np.zeros(len(answers), dtype=bool)
    wrong[known] = find_label_issues(answers[known].astype(int), odds, n_jobs=1)
    return wrong
