"""Tune a sentence encoder on annotations; needs the extra ``encoder`` (PyTorch).

First the heads are fitted on the encoder as it is, then heads and encoder learn together at small rates: so the vectors
keep what they knew of language beyond the annotations' style (linear probing, then fine-tuning: Kumar et al. 2022).
Statements are encoded alone, in runs of consecutive ones; the heads see each with the mean of the statements before it,
just as the classifier does.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from amur.annotations import settle, with_context
from amur.classifier import CONTEXT, WEIGHTS, actor_features, check_answers
from amur.codebook import QUESTIONS
from amur.progress import Progress, ignore
from amur.training import answer_matrix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import torch
    from numpy.typing import NDArray

    from amur.annotations import Annotation
    from amur.codebook import Codebook


@dataclass(frozen=True, slots=True)
class Settings:
    """How to tune. The defaults were found in a few trials with MiniLM, not by a search."""

    epochs: int = 2
    encoder_rate: float = 3e-5
    head_rate: float = 1e-3
    layer_decay: float = 0.9
    frozen_layers: int = 0
    run: int = 8
    runs_a_batch: int = 3
    friction_weight: float = 1.5
    theme_weight: float = 0.25
    dropout: float = 0.1
    warm_up: float = 0.1
    max_tokens: int = 112
    seed: int = 0


@dataclass(frozen=True, slots=True)
class _Rows:
    """The annotated statements in order: tokens, the rows of each one's context, who is named, the answers."""

    tokens: list[list[int]]
    before: list[list[int]]
    actors: torch.Tensor
    answers: torch.Tensor
    runs: list[range]


def tune(
    model: Any,  # noqa: ANN401 (optional library)
    tokenizer: Any,  # noqa: ANN401 (optional library)
    annotations: Sequence[Annotation],
    codebook: Codebook,
    settings: Settings | None = None,
    progress: Progress = ignore,
) -> None:
    """Tune a Hugging Face encoder in place.

    Args:
        model: an encoder with mean pooling, such as MiniLM's or MPNet's.
        tokenizer: its tokenizer.
        annotations: what to learn from, in whole documents; every statement is used.
        codebook: the questions.
        settings: how.
        progress: told how many statements have been learned from, batch by batch.

    Raises:
        AmurError: a question has too few answers of a kind.
    """
    import torch  # noqa: PLC0415 (optional)

    settings = settings or Settings()
    random.seed(settings.seed)
    torch.manual_seed(settings.seed)
    rows = _rows(annotations, codebook, tokenizer, settings)
    head = _probe(model, rows, tokenizer.pad_token_id)
    dropout = torch.nn.Dropout(settings.dropout)
    weights = torch.full((len(codebook.labels),), settings.theme_weight)
    weights[: len(QUESTIONS)] = 1.0
    rarity = torch.ones(len(codebook.labels))
    rarity[QUESTIONS.index("friction")] = settings.friction_weight
    batches = list(_batches(rows.runs, settings))
    optimizer = torch.optim.AdamW(_groups(model, head, settings), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=[group["lr"] for group in optimizer.param_groups],
        total_steps=len(batches),
        pct_start=settings.warm_up,
        anneal_strategy="linear",
        cycle_momentum=False,
    )
    model.train()
    for batch in batches:
        logits = head(dropout(_features(model, rows, batch, tokenizer.pad_token_id)))
        losses = torch.nn.functional.binary_cross_entropy_with_logits(
            logits, rows.answers[batch].nan_to_num(), pos_weight=rarity, reduction="none"
        )
        known = ~rows.answers[batch].isnan()
        loss = (losses * weights * known).sum() / len(batch)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for group in optimizer.param_groups for p in group["params"]], 1.0)
        optimizer.step()
        schedule.step()
        progress(len(batch))
    model.eval()


def _rows(annotations: Sequence[Annotation], codebook: Codebook, tokenizer: Any, settings: Settings) -> _Rows:  # noqa: ANN401
    import torch  # noqa: PLC0415 (optional)

    settled = settle(annotations)
    passages, answers = with_context(settled, CONTEXT), answer_matrix(settled, codebook)
    check_answers(answers, codebook.labels)
    before = [list(range(at - len(passage) + 1, at)) for at, passage in enumerate(passages)]
    starts = [at for at, a in enumerate(settled) if at == 0 or a.document != settled[at - 1].document]
    ends = [*starts[1:], len(settled)]
    return _Rows(
        tokens=[tokenizer(a.text, truncation=True, max_length=settings.max_tokens)["input_ids"] for a in settled],
        before=before,
        actors=torch.tensor([actor_features(passage) for passage in passages]),
        answers=torch.tensor(answers, dtype=torch.float32),
        runs=[
            range(at, min(at + settings.run, end))
            for start, end in zip(starts, ends, strict=True)
            for at in range(start, end, settings.run)
        ],
    )


def _batches(runs: list[range], settings: Settings) -> Iterator[list[int]]:
    """The rows of a few runs at a time, all of them once an epoch, each epoch in another order."""
    for _ in range(settings.epochs):
        shuffled = random.sample(runs, len(runs))
        for at in range(0, len(shuffled), settings.runs_a_batch):
            yield [row for run in shuffled[at : at + settings.runs_a_batch] for row in run]


def _features(model: Any, rows: _Rows, batch: Sequence[int], pad: int) -> torch.Tensor:  # noqa: ANN401
    """What the heads see of each row of a batch, shape (batch, 2 * dimensions + actors)."""
    import torch  # noqa: PLC0415 (optional)

    needed = sorted(
        {other for row in batch for other in (row, *rows.before[row])}, key=lambda row: len(rows.tokens[row])
    )
    vectors = torch.cat([_encode(model, [rows.tokens[row] for row in half], pad) for half in _halves(needed)])
    place = {row: at for at, row in enumerate(needed)}
    own = vectors[[place[row] for row in batch]]
    before = [[place[other] for other in rows.before[row]] for row in batch]
    nothing = torch.zeros(vectors.shape[1])
    context = torch.stack([vectors[some].mean(0) if some else nothing for some in before])
    parts = (own, context, rows.actors[list(batch)])
    return torch.cat([weight * part for weight, part in zip(WEIGHTS, parts, strict=True)], dim=1)


def _halves(rows: list[int]) -> list[list[int]]:
    """The shorter and the longer half, so that short statements are not padded to the longest."""
    middle = len(rows) // 2
    return [half for half in (rows[:middle], rows[middle:]) if half]


def _encode(model: Any, tokens: list[list[int]], pad: int) -> torch.Tensor:  # noqa: ANN401
    import torch  # noqa: PLC0415 (optional)

    width = max(map(len, tokens))
    ids = torch.tensor([row + [pad] * (width - len(row)) for row in tokens])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in tokens])
    return pooled(model, ids, mask)


def pooled(model: Any, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:  # noqa: ANN401
    """Unit vectors: the mean of the tokens' last states (Reimers and Gurevych 2019), shape (texts, dimensions)."""
    import torch  # noqa: PLC0415 (optional)

    states = model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
    weights = attention_mask.unsqueeze(-1).to(states.dtype)
    return torch.nn.functional.normalize((states * weights).sum(1) / weights.sum(1), dim=1)


def _probe(model: Any, rows: _Rows, pad: int) -> torch.nn.Linear:  # noqa: ANN401
    """Heads fitted on the encoder as it is."""
    import torch  # noqa: PLC0415 (optional)

    model.eval()
    with torch.no_grad():
        parts = [_features(model, rows, run, pad).numpy() for run in rows.runs]
    features, answers = np.vstack(parts), rows.answers.numpy()
    head = torch.nn.Linear(features.shape[1], answers.shape[1])
    for at, column in enumerate(answers.T):
        known: NDArray[np.bool_] = ~np.isnan(column)
        fit = LogisticRegression(C=0.5, max_iter=1000).fit(features[known], column[known])
        head.weight.data[at] = torch.tensor(fit.coef_[0], dtype=torch.float32)
        head.bias.data[at] = float(fit.intercept_[0])
    return head


def _groups(model: Any, head: torch.nn.Linear, settings: Settings) -> list[dict[str, Any]]:  # noqa: ANN401
    """Parameters with their learning rates: the lower a layer, the smaller; embeddings and frozen layers not at all."""
    layers = model.encoder.layer
    for parameter in model.parameters():
        parameter.requires_grad = False
    groups: list[dict[str, Any]] = [{"params": list(head.parameters()), "lr": settings.head_rate}]
    for depth, layer in enumerate(layers):
        if depth >= settings.frozen_layers:
            for parameter in layer.parameters():
                parameter.requires_grad = True
            rate = settings.encoder_rate * settings.layer_decay ** (len(layers) - 1 - depth)
            groups.append({"params": list(layer.parameters()), "lr": rate})
    return groups
