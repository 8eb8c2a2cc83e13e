"""What the stage ``sample`` does; imported when it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_train.errors import TrainingError
from crucible_train.evaluating.answers import answers, read_prompts
from crucible_train.stage_model import asked_model
from crucible_train.stage_rows import rows_at

if TYPE_CHECKING:
    from crucible_core import Context


def sample(context: Context, options: Any) -> Context:
    """Answer prompts; leave each answer as a row of the outputs.

    Raises:
        TrainingError: See ``errors`` of the stage.
        StageError: ``wrong_data`` or ``missing_ports``.
    """
    rows = rows_at(context, options.data, options.split, usual="test")
    runtime = context.runtime

    def each(done: int, total: int) -> None:
        runtime.progress(done, total)
        if done < total and runtime.cancelled:
            raise TrainingError("cancelled", f"the run was cancelled after {done} of {total} prompts")

    with asked_model(context, options) as model:
        prompts = read_prompts(rows, model.tokenizer, options.columns, options.renderer)
        how = {name: getattr(options, name) for name in ("samples", "max_tokens", "temperature", "top_p")}
        how["seed"] = model.seed
        size, limit = options.batch_size, model.context_length
        groups = answers(model.client, model.session, prompts, model.tokenizer, how, size, each, context_length=limit)
    made: list[dict[str, Any]] = [
        {
            "id": row.get("id", number) if options.samples == 1 else f"{row.get('id', number)}-{which}",
            "input": prompt.text,
            "output": answer.text,
            **({} if prompt.target is None else {"target": prompt.target}),
            "logprob": answer.logprob,
            "tokens": answer.tokens,
            "stopped": answer.stopped,
            "model": model.name,
            "stage": runtime.stage_id,
        }
        for number, (row, prompt, group) in enumerate(zip(rows, prompts, groups, strict=True))
        for which, answer in enumerate(group)
    ]
    metrics = {
        "prompts": len(prompts),
        "answers": len(made),
        "tokens": sum(row["tokens"] for row in made),
        "stopped": sum(row["stopped"] for row in made) / len(made),
    }
    return context.put_metric(runtime.stage_id, metrics).add_outputs(made)
