"""The options of the stages."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from crucible_core import ModuleName, StageOptions
from crucible_core.ir import TrainingConfig

Steps = Annotated[int, Field(ge=0, le=10_000_000)]
Counted = Annotated[int, Field(ge=1, le=10_000_000)]
Share = Annotated[float, Field(ge=0, lt=1)]
Name = Annotated[str, Field(min_length=1)]
Key = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]*$")]


class DataOptions(StageOptions):
    """Where the rows are and how they become examples."""

    data: str = "assigns.dataset"
    """Context path of the rows."""

    split: Name | None = None
    """The split of the dataset; where null, train (to evaluate: test) if there is one, else all rows."""

    format: Literal["auto", "messages", "prompt_completion", "text", "tokens"] = "auto"
    """What a row is: a conversation in the field messages; a prompt and its completion; a text; token ids in the field
    tokens, with weights besides where not all count alike. Where auto, the first of these whose fields the first row
    has."""

    columns: dict[str, str] = Field(default_factory=dict)
    """Field (messages, prompt, completion, text, tokens, weights) to the column that holds it, where it is called
    otherwise."""

    train_on: Literal["last_assistant", "all_assistant", "all", "custom"] = "last_assistant"
    """Which messages of a conversation count; custom: those with trainable: true. Of a prompt and its completion, the
    completion counts."""

    renderer: Literal["chat_template", "role_colon"] = "chat_template"
    """How a conversation is written: by the tokenizer's chat template, or as "User: ... Assistant: ...", for base
    models."""

    truncation: Literal["refuse", "left", "right", "split"] = "refuse"
    """What becomes of an example with more than max_length tokens: an error; cut from the left or the right, the
    targets that are lost counted; or split into several. One that would lose all of its targets is an error."""

    max_length: Annotated[int, Field(ge=2, le=10_000_000)] | None = None
    """Tokens of an example, and of a packed row, at most; those of the model's context where null."""


class SupervisedTrainOptions(DataOptions):
    """What to train, on what, and how; what is null is as training_config says, else the loop's default."""

    training_config: TrainingConfig | dict[str, Any] | None = None
    """A TrainingConfig of the IR, or a mapping with the names of its fields or of the options below, which win over
    it."""

    eval_split: Name | None = None
    """The split to evaluate on during training."""

    ports: dict[str, ModuleName] = Field(default_factory=dict)
    """Port to module:factory: training_client (by default that of this machine), and dataset_store for the dataset_ref
    of training_config."""

    model: Name | None = None
    """A directory, a name on the hub, or what to call the model that config makes."""

    config: dict[str, Any] | None = None
    """Makes a model with random weights: a configuration of transformers with its model_type."""

    tokenizer: Name | None = None
    """A directory or a name on the hub; bytes, or plain_bytes without a chat template, need no file. That of the
    model, or bytes for one that config makes, where null."""

    epochs: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Passes over the examples (1)."""

    max_steps: Counted | None = None
    """Optimizer steps after which to stop, whatever the epochs."""

    batch_size: Counted | None = None
    """Examples, or packed rows, of one forward pass (8)."""

    gradient_accumulation: Counted | None = None
    """Forward passes of one optimizer step (1); the loss is the mean over all of their tokens."""

    learning_rate: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Base of the schedule (1e-4)."""

    lr_schedule: Name | None = None
    """linear (the default), cosine, constant or wsd, after the warmup."""

    warmup_steps: Steps | None = None
    """Optimizer steps over which the rate rises from 0 (0)."""

    decay_steps: Counted | None = None
    """Optimizer steps of the last part of wsd; a tenth of all where null."""

    optimizer: Name | None = None
    """adam (the default), adamw, sgd or rmsprop."""

    adam_beta1: Share | None = None
    """Decay of the mean of gradients (0.9)."""

    adam_beta2: Share | None = None
    """Decay of the mean of their squares (0.95)."""

    adam_eps: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Added to the root of that (1e-8)."""

    weight_decay: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Weight decay of matrices (0)."""

    gradient_clipping: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Largest norm of the gradient; any where null."""

    loss_function: Name | None = None
    """cross_entropy, the loss of a language model."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    """What random weights, dropout, order and held-out examples are drawn from; the stage's own seed where null."""

    device: Name | None = None
    """auto (the default), cpu, cuda, cuda:1 or mps."""

    precision: Name | None = None
    """fp32 (the default), bf16, or fp16 where there is no cpu; weights stay in float32."""

    lora: dict[str, Any] | None = None
    """Train adapters of low rank: r (8), alpha (16), dropout (0), target_modules (all-linear, or names of layers). What
    is left is a model with the adapters added to its weights; by themselves they are below its directory. Needs the
    extra lora."""

    gradient_checkpointing: bool | None = None
    """Compute activations again in the backward pass instead of keeping them: slower, with less memory."""

    shuffle: bool | None = None
    """Draw the order of every epoch (true)."""

    length_bucketing: bool | None = None
    """Put examples of about the same length into one batch (false)."""

    packing: bool | None = None
    """Put several examples into one row, none of which sees another (false)."""

    validation_split: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Share of the rows to hold out and to evaluate on, where there is no eval_split."""

    eval_every: Steps | None = None
    """Optimizer steps between evaluations; once an epoch where 0, which is the default."""

    early_stopping: dict[str, int | float] | None = None
    """Stop after patience (3) evaluations in a row whose loss is not at least min_delta (0) below the best."""

    restore_best: bool | None = None
    """End with the weights of the best evaluation (false)."""

    checkpoint_every: Steps | None = None
    """Optimizer steps between checkpoints that are kept; none where 0, which is the default."""

    rolling_every: Steps | None = None
    """Optimizer steps between checkpoints of which only the last is kept; none where 0, which is the default."""

    resume: Name | None = None
    """A checkpoint of the same training to go on from, or a directory of which the last one is taken."""

    skip_not_finite: Steps | None = None
    """Optimizer steps that may be left out because loss or gradient is not finite (0)."""

    log_path: Name | None = None
    """Name of the file with the metrics of every step (metrics.jsonl)."""

    logger: Name | None = None
    """jsonl (the default), or none for no such file."""

    into: Key = "model"
    """Key under assigns of what is trained; its checkpoint is under that key with _checkpoint, its run with _run."""


class ModelOptions(StageOptions):
    """Which model answers, and where."""

    model_from: str = "assigns.model"
    """Context path of the model, as supervised_train leaves it, where neither model nor config is given."""

    model: Name | None = None
    """A directory, a name on the hub, or what to call the model that config makes."""

    config: dict[str, Any] | None = None
    """Makes a model with random weights: a configuration of transformers with its model_type."""

    tokenizer: Name | None = None
    """A directory or a name on the hub; bytes, or plain_bytes without a chat template, need no file. That of the model,
    or bytes for one that config makes, where null."""

    device: Name = "auto"
    """auto, cpu, cuda, cuda:1 or mps."""

    precision: Name = "fp32"
    """fp32, bf16, or fp16 where there is no cpu."""

    seed: Annotated[int, Field(ge=0, lt=2**62)] | None = None
    """What random weights and answers are drawn from; the stage's own seed where null."""

    batch_size: Counted = 8
    """Examples of one forward pass."""

    ports: dict[str, ModuleName] = Field(default_factory=dict)
    """Port to module:factory: sampling_client, by default that of this machine."""


class EvaluateOptions(DataOptions, ModelOptions):
    """What to measure, of which model, on which rows."""

    measure: Literal["loss", "exact_match", "multiple_choice"] = "loss"
    """loss: the mean negative log-likelihood of the targets, and perplexity; exact_match: the share of prompts whose
    likeliest answer is the completion, or the last message of the assistant; multiple_choice: the share of questions
    (prompt, choices, answer: the number of the right one from 0, or its text) whose right choice is the likeliest."""

    normalization: Literal["none", "tokens"] = "none"
    """multiple_choice: compare the probabilities of whole choices, or their geometric means over the tokens."""

    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)] = 64
    """exact_match: tokens of an answer at most."""

    ignore_case: bool = False
    """exact_match: whether upper and lower case are the same; blanks around an answer never count."""


class SampleOptions(ModelOptions):
    """Which prompts to answer, and how."""

    data: str = "assigns.dataset"
    """Context path of the rows."""

    split: Name | None = None
    """The split of the dataset; where null, test if there is one, else all rows."""

    columns: dict[str, str] = Field(default_factory=dict)
    """Field (prompt, completion, messages) to the column that holds it, where it is called otherwise."""

    renderer: Literal["chat_template", "role_colon"] = "chat_template"
    """How a conversation is written: by the tokenizer's chat template, or as "User: ... Assistant: ..."."""

    samples: Annotated[int, Field(ge=1, le=10_000)] = 1
    """Answers for each prompt."""

    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)] = 64
    """Tokens of an answer at most."""

    temperature: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1.0
    """What the scores of tokens are divided by; 0 takes the likeliest token."""

    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Draw among the likeliest tokens that have this much probability together."""
