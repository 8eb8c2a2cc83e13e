"""Answers of a small model: the likeliest are those of transformers, drawn ones follow their probabilities."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from crucible_train.errors import TrainingError  # noqa: E402
from crucible_train.local.sampling_client import LocalSamplingClient  # noqa: E402

TINY = {
    "model_type": "qwen2",
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
}
CLIENT = LocalSamplingClient()
PROMPTS = [list(b"to be"), list(b"or not to be, that"), list(b"x")]


@pytest.fixture(scope="module")
def session():
    made = CLIENT.start_session("tiny", {"config": TINY, "device": "cpu"})
    with torch.no_grad():
        for weight in made.loaded.model.parameters():
            weight.mul_(4)  # a sharper model, whose likeliest token is likelier by more than rounding
    return made


def test_the_likeliest_tokens_are_those_of_transformers_whatever_the_padding(session):
    answers = CLIENT.sample(session, PROMPTS, {"max_tokens": 12, "temperature": 0})
    for prompt, (answer,) in zip(PROMPTS, answers, strict=True):
        tokens = torch.tensor([prompt])
        expected = session.loaded.model.generate(
            tokens,
            attention_mask=torch.ones_like(tokens),
            max_new_tokens=12,
            do_sample=False,
            eos_token_id=None,
            pad_token_id=0,
        )
        assert list(answer.tokens) == expected[0, len(prompt) :].tolist()


def test_log_probabilities_are_those_of_the_whole_sequence(session):
    answers = CLIENT.sample(session, PROMPTS, {"max_tokens": 10, "samples": 2, "seed": 3})
    for prompt, group in zip(PROMPTS, answers, strict=True):
        for answer in group:
            (scored,) = CLIENT.compute_logprobs(session, [[*prompt, *answer.tokens]])
            assert answer.logprobs == pytest.approx(scored[len(prompt) - 1 :], abs=1e-4)


def test_a_seed_gives_the_same_answers_and_leaves_the_global_generator_alone(session):
    before = torch.random.get_rng_state()
    one, two, other = (CLIENT.sample(session, PROMPTS, {"max_tokens": 8, "seed": seed}) for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert one == two
    assert one != other


def test_an_answer_ends_with_its_stop_token_and_others_go_on(session):
    free = CLIENT.sample(session, PROMPTS, {"max_tokens": 12, "temperature": 0})
    stop = free[0][0].tokens[2]
    found = CLIENT.sample(session, PROMPTS, {"max_tokens": 12, "temperature": 0, "stop": (stop,)})
    for (whole,), (cut,) in zip(free, found, strict=True):
        length = whole.tokens.index(stop) + 1 if stop in whole.tokens else 12
        assert cut.tokens == whole.tokens[:length]
        assert cut.logprobs == pytest.approx(whole.logprobs[:length], abs=1e-5)
        assert cut.stopped == (stop in whole.tokens)


def test_draws_follow_their_probabilities(session):
    """The share of the likeliest first token among 4,000 draws is its probability, within five standard errors."""
    ((likeliest,),) = CLIENT.sample(session, [PROMPTS[0]], {"max_tokens": 1, "temperature": 0})
    p = torch.tensor(likeliest.logprobs[0]).exp().item()
    (drawn,) = CLIENT.sample(session, [PROMPTS[0]], {"max_tokens": 1, "samples": 4000, "seed": 0})
    share = sum(each.tokens == likeliest.tokens for each in drawn) / 4000
    assert share == pytest.approx(p, abs=5 * (p * (1 - p) / 4000) ** 0.5)


def test_a_nucleus_of_almost_nothing_is_the_likeliest_token_with_certainty(session):
    greedy = CLIENT.sample(session, PROMPTS, {"max_tokens": 4, "temperature": 0})
    narrow = CLIENT.sample(session, PROMPTS, {"max_tokens": 4, "top_p": 1e-6, "seed": 0})
    assert [each.tokens for (each,) in narrow] == [each.tokens for (each,) in greedy]
    assert all(logprob == pytest.approx(0, abs=1e-6) for (each,) in narrow for logprob in each.logprobs)


def test_a_stream_is_the_answer(session):
    ((whole,),) = CLIENT.sample(session, [PROMPTS[0]], {"max_tokens": 6, "temperature": 0})
    assert list(CLIENT.sample_stream(session, PROMPTS[0], {"max_tokens": 6, "temperature": 0})) == list(whole.tokens)


def test_a_model_in_training_goes_on_training(session):
    session.loaded.model.train()
    CLIENT.sample(session, PROMPTS, {"max_tokens": 1})
    assert session.loaded.model.training
    session.loaded.model.eval()


@pytest.mark.parametrize(
    ("prompts", "config", "said"),
    [
        ([[]], {}, "at least one token"),
        ([[1]], {"max_tokens": 0}, "max_tokens is 0"),
        ([[1]], {"samples": 0}, "samples is 0"),
        ([[1]], {"temperature": -1}, "temperature is -1"),
        ([[1]], {"top_p": 0}, "top_p is 0"),
    ],
)
def test_what_is_out_of_range_is_named(session, prompts, config, said):
    with pytest.raises(TrainingError, match=said):
        CLIENT.sample(session, prompts, config)
