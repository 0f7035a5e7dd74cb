"""Tune a sentence encoder on annotations; needs the extra ``encoder`` (PyTorch).

First the heads are fitted on the encoder as it is, then heads and encoder learn together at small rates: so the vectors
keep what they knew of language beyond the annotations' style (linear probing, then fine-tuning: Kumar et al. 2022).
All questions are learned at once, from windows of consecutive statements, read just as the encoder reads them later.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from amur.annotations import in_places, settle
from amur.codebook import QUESTIONS
from amur.encoder import LONGEST, WINDOW, pack
from amur.features import WEIGHTS, actor_features
from amur.heads import check_answers
from amur.passages import Window, in_place, windows
from amur.progress import Progress, ignore
from amur.training import answer_matrix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import torch
    from numpy.typing import NDArray

    from amur.annotations import Annotation
    from amur.codebook import Codebook

_WIDTH = 768
_POOL = 16
"""Batches among which windows are sorted by length."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to tune. The defaults were found in a few trials, not by a search.

    ``frozen`` is the share of the layers, the lower ones, that stay as they are, ``layer_decay`` the factor by which
    each layer learns more slowly than the one above, ``encoder_rate`` the top layer's rate for 768 dimensions (narrower
    encoders learn faster), ``friction_weight`` what a rare yes to friction counts,
    ``theme_weight`` what a theme counts beside a question, ``warm_up`` the share of the steps in which rates rise, and
    ``teacher_share`` how far a teacher's probabilities replace the annotators' answers.
    """

    epochs: int = 2
    encoder_rate: float = 3e-5
    head_rate: float = 1e-3
    layer_decay: float = 0.9
    frozen: float = 1 / 3
    windows_a_batch: int = 3
    friction_weight: float = 1.5
    theme_weight: float = 0.25
    dropout: float = 0.1
    warm_up: float = 0.1
    teacher_share: float = 0.5
    seed: int = 0


@dataclass(frozen=True, slots=True)
class _Document:
    """Token ids of each statement, who is named, shape (statements, actors), the answers, (statements, labels).

    Answers are NaN where there are none, as to statements that are read for the sake of one after them.
    """

    tokens: list[list[int]]
    actors: torch.Tensor
    answers: torch.Tensor


_Piece = tuple[_Document, Window]


class _Encoder:
    """A Hugging Face encoder that gives the statements of windows their vectors."""

    def __init__(self, model: Any, tokenizer: Any) -> None:  # noqa: ANN401 (optional library)
        self.model = model
        self.special_tokens = (tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id)

    def __call__(self, batch: Sequence[_Piece]) -> torch.Tensor:
        """Unit vectors of the statements in a batch of windows, shape (statements, dimensions)."""
        import torch  # noqa: PLC0415 (optional)

        read = [document.tokens[window.first : window.end] for document, window in batch]
        ids, mask, spans = pack(read, [window for _, window in batch], *self.special_tokens)
        # Three times as fast as single precision with AVX-512, and twenty times as slow without.
        halves = "AVX512" in torch.backends.cpu.get_cpu_capability()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=halves):
            states = self.model(input_ids=torch.tensor(ids), attention_mask=torch.tensor(mask)).last_hidden_state
        means = torch.stack([states[row, start:end].float().mean(dim=0) for row, start, end in spans])
        return torch.nn.functional.normalize(means, dim=1)


def tune(
    model: Any,  # noqa: ANN401 (optional library)
    tokenizer: Any,  # noqa: ANN401 (optional library)
    annotations: Sequence[Annotation],
    codebook: Codebook,
    *,
    settings: Settings | None = None,
    teacher: NDArray[np.float64] | None = None,
    voices: NDArray[np.float64] | None = None,
    progress: Progress = ignore,
) -> NDArray[np.float32]:
    """Tune a Hugging Face encoder in place, and the heads that go with it.

    Args:
        model: an encoder such as MiniLM or MPNet.
        tokenizer: its tokenizer.
        annotations: what to learn from, in whole documents; every statement is used.
        codebook: the questions.
        settings: how.
        teacher: a better model's probabilities for the settled annotations, shape (n, labels), to learn from as well
            (distillation: Hinton et al. 2015).
        voices: whose words the settled annotations are, shape (n, voices), NaN where unknown: more questions to learn,
            after the codebook's.
        progress: told how many statements have been learned from, batch by batch.

    Returns:
        The heads: weights of the vector, of the actors, and the intercept, shape (labels and voices, dimensions +
        actors + 1).

    Raises:
        AmurError: a question has too few answers of a kind.
    """
    import torch  # noqa: PLC0415 (optional)

    settings = settings or Settings()
    chance = random.Random(settings.seed)  # noqa: S311 (nothing secret)
    torch.manual_seed(settings.seed)
    documents = _documents(annotations, codebook, tokenizer, settings, teacher, voices)
    encoder = _Encoder(model, tokenizer)
    head = _probe(encoder, documents)
    dropout = torch.nn.Dropout(settings.dropout)
    importance = torch.full((len(head.bias),), settings.theme_weight)
    importance[: len(QUESTIONS)] = 1.0
    rarity = torch.ones(len(head.bias))
    rarity[QUESTIONS.index("friction")] = settings.friction_weight
    batches = [batch for _ in range(settings.epochs) for batch in _batches(documents, settings, chance)]
    optimizer = torch.optim.AdamW(_groups(model, head, settings), weight_decay=0.01, fused=True)
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
        answers = torch.cat([document.answers[window.start : window.end] for document, window in batch])
        losses = torch.nn.functional.binary_cross_entropy_with_logits(
            head(dropout(_features(encoder, batch))), answers.nan_to_num(), pos_weight=rarity, reduction="none"
        )
        answered = int((~answers.isnan()).any(dim=1).sum())
        loss = (losses * importance * ~answers.isnan()).sum() / max(answered, 1)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for group in optimizer.param_groups for p in group["params"]], 1.0)
        optimizer.step()
        schedule.step()
        progress(answered)
    model.eval()
    return np.hstack([head.weight.detach().numpy(), head.bias.detach().numpy()[:, None]])


def _documents(
    annotations: Sequence[Annotation],
    codebook: Codebook,
    tokenizer: Any,  # noqa: ANN401 (optional library)
    settings: Settings,
    teacher: NDArray[np.float64] | None,
    voices: NDArray[np.float64] | None,
) -> list[_Document]:
    import torch  # noqa: PLC0415 (optional)

    settled = settle(annotations)
    answers = answer_matrix(settled, codebook)
    check_answers(answers, codebook.labels)
    if teacher is not None:
        share = settings.teacher_share
        answers = np.where(np.isnan(answers), teacher, (1 - share) * answers + share * teacher)
    if voices is not None:
        answers = np.hstack([answers, voices])
    read: dict[tuple[str, ...], NDArray[np.float64]] = {}
    for passage, row in zip(in_places(settled), answers, strict=True):
        unknown = np.full((len(passage.document), answers.shape[1]), np.nan)
        read.setdefault(passage.document, unknown)[passage.at] = row
    return [
        _Document(
            tokenizer(list(document), add_special_tokens=False, truncation=True, max_length=LONGEST)["input_ids"],
            torch.tensor([actor_features(passage, codebook.actors) for passage in in_place(document)]) * WEIGHTS[1],
            torch.tensor(known, dtype=torch.float32),
        )
        for document, known in read.items()
    ]


def _batches(documents: Sequence[_Document], settings: Settings, chance: random.Random) -> Iterator[list[_Piece]]:
    """Every statement once: windows of random cuts, a few of like length at a time, in random order."""
    pieces = [
        (document, window)
        for document in documents
        for window in windows(_lengths(document), WINDOW, opening=chance.randint(WINDOW // 4, WINDOW))
    ]
    chance.shuffle(pieces)
    size = settings.windows_a_batch
    for at in range(0, len(pieces), _POOL * size):
        pool = sorted(pieces[at : at + _POOL * size], key=_tokens_read)
        batches = [pool[start : start + size] for start in range(0, len(pool), size)]
        chance.shuffle(batches)
        yield from batches


def _lengths(document: _Document) -> list[int]:
    return [len(statement) for statement in document.tokens]


def _tokens_read(piece: _Piece) -> int:
    document, window = piece
    return sum(_lengths(document)[window.first : window.end])


def _features(encoder: _Encoder, batch: Sequence[_Piece]) -> torch.Tensor:
    """What the heads see of each statement in a batch of windows, shape (statements, dimensions + actors)."""
    import torch  # noqa: PLC0415 (optional)

    actors = torch.cat([document.actors[window.start : window.end] for document, window in batch])
    return torch.cat([WEIGHTS[0] * encoder(batch), actors], dim=1)


def _probe(encoder: _Encoder, documents: Sequence[_Document]) -> torch.nn.Linear:
    """Heads fitted on the encoder as it is."""
    import torch  # noqa: PLC0415 (optional)

    encoder.model.eval()
    with torch.no_grad():
        parts = [_features(encoder, [(d, window) for window in windows(_lengths(d), WINDOW)]) for d in documents]
    features, answers = torch.cat(parts).numpy(), torch.cat([document.answers for document in documents]).numpy()
    head = torch.nn.Linear(features.shape[1], answers.shape[1])
    for at, column in enumerate(answers.T):
        known: NDArray[np.bool_] = ~np.isnan(column)
        fit = LogisticRegression(C=0.5, max_iter=1000).fit(features[known], column[known] > 0.5)  # noqa: PLR2004 (even odds)
        head.weight.data[at] = torch.tensor(fit.coef_[0], dtype=torch.float32)
        head.bias.data[at] = float(fit.intercept_[0])
    return head


def _groups(model: Any, head: torch.nn.Linear, settings: Settings) -> list[dict[str, Any]]:  # noqa: ANN401
    """Parameters with their learning rates: the lower a layer, the smaller; embeddings and frozen layers not at all."""
    layers = model.encoder.layer
    top = settings.encoder_rate * _WIDTH / model.config.hidden_size
    for parameter in model.parameters():
        parameter.requires_grad = False
    groups: list[dict[str, Any]] = [{"params": list(head.parameters()), "lr": settings.head_rate}]
    for depth, layer in enumerate(layers):
        if depth >= round(settings.frozen * len(layers)):
            for parameter in layer.parameters():
                parameter.requires_grad = True
            rate = top * settings.layer_decay ** (len(layers) - 1 - depth)
            groups.append({"params": list(layer.parameters()), "lr": rate})
    return groups
