"""The stages that ask a model: their numbers beside transformers' own, and what they make of a model that has learned."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from crucible_core import run  # noqa: E402
from crucible_train.local.models import load_model  # noqa: E402
from crucible_train.stage_examples import CHATS, SUMS, TINY  # noqa: E402
from crucible_train.stages import Evaluate, Sample  # noqa: E402

MODEL = {"config": {**TINY, "hidden_size": 32}, "device": "cpu", "seed": 1}


def asked(stage, rows, **options):
    spec = {"id": "x", "pipeline": [{"id": "ask", "name": stage, "options": {**MODEL, **options}}]}
    context = run(spec, assigns={"dataset": rows}, persist=False, seed=3).unwrap()
    return context.metrics["ask"], list(context.outputs)


@pytest.fixture(scope="module")
def loaded():
    """The model that the options describe, and its tokenizer."""
    return load_model("model", config=MODEL["config"], seed=1)


def nll(loaded, tokens, start):
    """Return transformers' own negative log-likelihood of the tokens from one on."""
    ids = torch.tensor([tokens])
    labels = ids.clone()
    labels[0, :start] = -100
    with torch.no_grad():
        mean = loaded.model(ids, labels=labels).loss.item()
    return mean * (len(tokens) - max(start, 1))


class TestLoss:
    def test_it_is_that_of_transformers_token_by_token(self, loaded):
        metrics, items = asked("evaluate", SUMS, batch_size=4)
        expected = []
        for row in SUMS:
            prompt, whole = (
                loaded.tokenizer(text)["input_ids"]
                for text in (row["prompt"], row["prompt"] + row["completion"] + "<|im_end|>")
            )
            expected.append((nll(loaded, whole, len(prompt)), len(whole) - len(prompt)))
        assert [item["nll"] for item in items] == pytest.approx([total for total, _ in expected], abs=1e-4)
        assert [item["tokens"] for item in items] == [count for _, count in expected]
        loss = sum(total for total, _ in expected) / sum(count for _, count in expected)
        assert metrics["loss"] == pytest.approx(loss, abs=1e-5)
        assert metrics["perplexity"] == pytest.approx(math.exp(loss), rel=1e-4)

    def test_rows_keep_their_order_and_id_whatever_their_length(self):
        rows = [{"id": name, "text": "ab" * count} for name, count in (("short", 1), ("long", 20), ("middle", 5))]
        one, two = (asked("evaluate", rows, batch_size=size)[1] for size in (1, 8))
        assert [item["id"] for item in one] == ["short", "long", "middle"]
        assert [item["nll"] for item in one] == pytest.approx([item["nll"] for item in two], abs=1e-4)

    def test_a_text_in_pieces_is_one_item(self):
        _, items = asked(
            "evaluate", [{"text": "one and two and three"}, {"text": "four"}], max_length=8, truncation="split"
        )
        assert [item["tokens"] for item in items] == [21, 4]


class TestMultipleChoice:
    ROWS = [
        {"prompt": "2+2=", "choices": ["5", "4", "three"], "answer": "4"},
        {"prompt": "The sky is", "choices": [" blue", " a loaf of bread"], "answer": 0},
    ]

    @pytest.mark.parametrize("normalization", ["none", "tokens"])
    def test_the_likeliest_choice_is_chosen(self, loaded, normalization):
        metrics, items = asked("evaluate", self.ROWS, measure="multiple_choice", normalization=normalization)
        right = []
        for row, item in zip(self.ROWS, items, strict=True):
            start = len(row["prompt"])
            scores = [
                -nll(loaded, loaded.tokenizer(row["prompt"] + choice)["input_ids"], start) for choice in row["choices"]
            ]
            if normalization == "tokens":
                scores = [score / len(choice) for score, choice in zip(scores, row["choices"], strict=True)]
            answer = row["choices"].index(row["answer"]) if isinstance(row["answer"], str) else row["answer"]
            shares = torch.tensor(scores).softmax(0)
            assert item["prediction"] == row["choices"][scores.index(max(scores))]
            assert item["probability"] == pytest.approx(float(shares[answer]), abs=1e-4)
            right.append(item["prediction"] == row["choices"][answer])
            assert item["score"] == float(right[-1])
        assert metrics["accuracy"] == sum(right) / 2

    def test_chance_is_what_a_model_that_knows_nothing_gets(self):
        """Two choices of one letter, the right one drawn: 200 of them, within five standard errors of one half."""
        draw = random.Random(0)
        rows = [{"prompt": f"{n}:", "choices": ["a", "b"], "answer": draw.randrange(2)} for n in range(200)]
        metrics, _ = asked("evaluate", rows, measure="multiple_choice", batch_size=64)
        assert metrics["accuracy"] == pytest.approx(0.5, abs=5 * math.sqrt(0.25 / 200))

    @pytest.mark.parametrize(
        ("row", "said"),
        [
            ({"prompt": "a", "choices": ["b", "c"]}, "row 0: there is no column 'answer'"),
            ({"prompt": "a", "choices": ["b"], "answer": 0}, "give a list of two texts or more"),
            ({"prompt": "a", "choices": "bc", "answer": 0}, "give a list of two texts or more"),
            ({"prompt": "a", "choices": ["b", "c"], "answer": 2}, "answer is 2; give the number of a choice"),
            ({"prompt": 1, "choices": ["b", "c"], "answer": 0}, "prompt is 1, which is no text"),
        ],
    )
    def test_a_question_that_is_none_is_named(self, row, said):
        spec = {"id": "x", "pipeline": [{"name": "evaluate", "options": {**MODEL, "measure": "multiple_choice"}}]}
        failure = run(spec, assigns={"dataset": [row]}, persist=False).failure
        assert failure.code == "wrong_field"
        assert said in failure.message


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    """A run that trains on the sums and then asks."""
    rate = {"epochs": 150, "batch_size": 6, "learning_rate": 0.01, "lr_schedule": "cosine"}
    ask = {"measure": "exact_match", "device": "cpu", "max_tokens": 4}
    pipeline = [
        {"id": "train", "name": "supervised_train", "options": {**MODEL, **rate}},
        {"id": "exact", "name": "evaluate", "options": ask},
        {"id": "loss", "name": "evaluate", "options": {"device": "cpu"}},
        {"id": "answers", "name": "sample", "options": {"device": "cpu", "temperature": 0.0, "max_tokens": 4}},
        {"id": "control", "name": "evaluate", "options": {**ask, **MODEL}},
    ]
    spec = {"id": "x", "pipeline": pipeline}
    return run(spec, assigns={"dataset": SUMS}, output_dir=tmp_path_factory.mktemp("runs"), seed=3).unwrap()


class TestAModelThatHasLearned:
    """Six sums by heart: a model that was trained on them answers all, one that was not none."""

    def test_its_answers_are_right_and_those_of_a_control_are_not(self, learned):
        assert learned.metrics["exact"]["exact_match"] == 1.0
        assert learned.metrics["control"]["exact_match"] == 0.0

    def test_its_loss_is_near_nothing(self, learned):
        assert learned.metrics["loss"]["loss"] < 0.05

    def test_what_it_samples_is_what_it_learned(self, learned):
        answers = [row for row in learned.outputs if row["stage"] == "answers"]
        assert [(row["output"], row["target"]) for row in answers] == [(row["completion"],) * 2 for row in SUMS]
        assert all(row["stopped"] for row in answers)
        assert learned.metrics["answers"]["stopped"] == 1.0

    def test_scores_of_each_row_are_in_the_outputs(self, learned):
        scored = [row for row in learned.outputs if row["stage"] == "exact"]
        assert [(row["id"], row["score"], row["model"]) for row in scored] == [(n, 1.0, "model") for n in range(6)]


class TestSample:
    def test_several_answers_to_a_prompt_follow_the_seed(self):
        rows = [{"id": "q", "messages": CHATS[0][:1]}]
        one, two = (asked("sample", rows, samples=3, max_tokens=6)[1] for _ in range(2))
        assert one == two
        assert [row["id"] for row in one] == ["q-0", "q-1", "q-2"]
        assert len({row["output"] for row in one}) > 1
        assert asked("sample", rows, samples=3, max_tokens=6, seed=2)[1] != one

    def test_the_likeliest_answer_is_that_of_transformers(self, loaded):
        _, (row,) = asked("sample", [{"prompt": "to be"}], temperature=0.0, max_tokens=8)
        ids = loaded.tokenizer("to be", return_tensors="pt")["input_ids"]
        made = loaded.model.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=8, do_sample=False, pad_token_id=0
        )
        assert row["output"] == loaded.tokenizer.decode(made[0, ids.shape[1] :], skip_special_tokens=True)

    def test_a_prompt_that_leaves_no_room_for_its_answer_is_refused(self):
        """A model with learned positions has none beyond its context."""
        model = {
            "config": {"model_type": "gpt2", "n_embd": 16, "n_layer": 1, "n_head": 2, "n_positions": 8},
            "device": "cpu",
        }
        spec = {"id": "x", "pipeline": [{"name": "sample", "options": {**model, "max_tokens": 4}}]}
        assert run(spec, assigns={"dataset": [{"prompt": "abcd"}]}, persist=False).status == "succeeded"
        failure = run(spec, assigns={"dataset": [{"prompt": "abcd"}, {"prompt": "abcde"}]}, persist=False).failure
        assert failure.code == "example_too_long"
        assert "row 1: a prompt of 5 tokens and an answer of up to 4 are more than the 8" in failure.message

    def test_an_empty_prompt_is_named(self):
        spec = {"id": "x", "pipeline": [{"name": "sample", "options": MODEL}]}
        failure = run(spec, assigns={"dataset": [{"prompt": "a"}, {"prompt": ""}]}, persist=False).failure
        assert (failure.code, failure.details["row"]) == ("wrong_field", 1)


@pytest.mark.parametrize("stage", [Evaluate, Sample])
def test_the_examples_show_every_option_and_every_error(stage):
    used = [example.make("options") for example in stage.examples]
    assert {name for options in used for name in options} == set(stage.Options.model_fields)
    assert {example.raises for example in stage.examples} == {None, *stage.errors}


def test_the_model_is_where_the_training_left_it(tmp_path):
    """Also under another key."""
    options = {**MODEL, "max_steps": 1, "into": "speaker"}
    pipeline = [
        {"name": "supervised_train", "options": options},
        {"name": "evaluate", "options": {"model_from": "assigns.speaker", "device": "cpu"}},
    ]
    context = run({"id": "x", "pipeline": pipeline}, assigns={"dataset": SUMS}, output_dir=tmp_path).unwrap()
    assert Path(context.assigns["speaker"].artifact_uri).name == "model"
    assert context.metrics["evaluate"]["items"] == 6
