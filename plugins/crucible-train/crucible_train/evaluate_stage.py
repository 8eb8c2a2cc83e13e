"""What the stage ``evaluate`` does; imported when it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crucible_train.data.conversation import TrainOn
from crucible_train.data.examples import ExampleFormat, read_examples
from crucible_train.errors import TrainingError
from crucible_train.evaluating.answers import answers, read_prompts
from crucible_train.evaluating.likelihood import likelihoods
from crucible_train.evaluating.multiple_choice import choice_examples, chosen, read_questions
from crucible_train.stage_model import AskedModel, asked_model
from crucible_train.stage_rows import Rows, rows_at
from crucible_train.training_record import perplexity

if TYPE_CHECKING:
    from crucible_core import Context

    Result = tuple[dict[str, Any], list[dict[str, Any]]]


def evaluate(context: Context, options: Any) -> Context:
    """Measure a model; leave the measure in metrics and the score of each row in outputs.

    Raises:
        TrainingError: See ``errors`` of the stage.
        StageError: ``wrong_data`` or ``missing_ports``.
    """
    rows = rows_at(context, options.data, options.split, usual="test")
    if not rows:
        raise TrainingError("empty_dataset", f"{options.data} has no row to evaluate on")
    runtime = context.runtime
    with asked_model(context, options) as model:
        metrics, items = _MEASURES[options.measure](rows, model, options, _watching(runtime))
    named = [
        {"id": row.get("id", number), **item, "model": model.name, "stage": runtime.stage_id}
        for number, (row, item) in enumerate(zip(rows, items, strict=True))
    ]
    for name, value in metrics.items():
        if value is not None:
            runtime.log_metric(name, value)
    return context.put_metric(runtime.stage_id, {"items": len(items), **metrics}).add_outputs(named)


def _watching(runtime: Any) -> Callable[[int, int], None]:
    """Return what shows progress, and ends the stage when the run is to stop."""

    def each(done: int, total: int) -> None:
        runtime.progress(done, total)
        if done < total and runtime.cancelled:
            raise TrainingError("cancelled", f"the run was cancelled after {done} of {total}")

    return each


def _loss(rows: Rows, model: AskedModel, options: Any, each: Callable[[int, int], None]) -> Result:
    limit = options.max_length or model.context_length
    train_on = TrainOn(options.train_on)
    how = ExampleFormat(options.format, options.columns, train_on, options.renderer, limit, options.truncation)
    examples = read_examples(rows, model.tokenizer, how)
    totals: dict[int, tuple[float, float]] = {}
    for found in likelihoods(model.client, model.session, examples.datums, options.batch_size, each):
        logprob, weight = totals.get(found.row or 0, (0.0, 0.0))
        totals[found.row or 0] = logprob + found.logprob, weight + found.weight
    items = [
        {"score": logprob / weight, "nll": -logprob, "tokens": weight}
        for _, (logprob, weight) in sorted(totals.items())
    ]
    weight = sum(item["tokens"] for item in items)
    loss = sum(item["nll"] for item in items) / weight
    metrics = {"loss": loss, "perplexity": perplexity(loss), "tokens": weight, "lost_targets": examples.lost_targets}
    return metrics, items


def _multiple_choice(rows: Rows, model: AskedModel, options: Any, each: Callable[[int, int], None]) -> Result:
    questions = read_questions(rows, options.columns)
    datums = choice_examples(questions, model.tokenizer, options.max_length or model.context_length)
    found = likelihoods(model.client, model.session, datums, options.batch_size, each)
    items, start = [], 0
    for question in questions:
        number, probabilities = chosen(found[start : start + len(question.choices)], options.normalization)
        start += len(question.choices)
        items.append(
            {
                "input": question.prompt,
                "target": question.choices[question.answer],
                "prediction": question.choices[number],
                "score": float(number == question.answer),
                "probability": probabilities[question.answer],
            }
        )
    return {"accuracy": _mean(items)}, items


def _exact_match(rows: Rows, model: AskedModel, options: Any, each: Callable[[int, int], None]) -> Result:
    prompts = read_prompts(rows, model.tokenizer, options.columns, options.renderer)
    lacking = next((number for number, prompt in enumerate(prompts) if prompt.target is None), None)
    if lacking is not None:
        message = f"row {lacking} has no right answer: neither a completion nor a last message of the assistant"
        raise TrainingError("wrong_field", message, row=lacking)
    how = {"max_tokens": options.max_tokens, "temperature": 0.0}
    limit = model.context_length
    size = options.batch_size
    groups = answers(model.client, model.session, prompts, model.tokenizer, how, size, each, context_length=limit)
    items = []
    for prompt, (answer,) in zip(prompts, groups, strict=True):
        same = _plain(answer.text, options) == _plain(prompt.target or "", options)
        items.append({"input": prompt.text, "output": answer.text, "target": prompt.target, "score": float(same)})
    return {"exact_match": _mean(items)}, items


_MEASURES: Mapping[str, Callable[[Rows, AskedModel, Any, Callable[[int, int], None]], Result]] = {
    "loss": _loss,
    "exact_match": _exact_match,
    "multiple_choice": _multiple_choice,
}


def _plain(text: str, options: Any) -> str:
    return text.strip().casefold() if options.ignore_case else text.strip()


def _mean(items: Sequence[Mapping[str, Any]]) -> float:
    return float(sum(item["score"] for item in items)) / len(items)
