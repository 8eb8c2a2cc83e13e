"""What must hold of every loss, whatever its arguments."""

from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")

from crucible_train.losses import advantages, aggregation, divergence, kl, policy, preference, token  # noqa: E402


def drawn(*shape, seed=0, scale=1.0):
    generator = torch.Generator().manual_seed(seed)
    return scale * torch.randn(*shape, dtype=torch.float64, generator=generator)


MASK = torch.tensor([[0.0, 1.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]], dtype=torch.float64)
Q = -drawn(2, 4, seed=1).abs()
A = drawn(2, 4, seed=2)
DISLIKED = torch.tensor([True, False, True])

SMOOTH = {
    "importance_sampling": lambda x: policy.importance_sampling(x, Q, A, MASK).sum(),
    "ppo": lambda x: policy.ppo(x, Q, A, MASK).sum(),
    "ppo by sequences": lambda x: policy.ppo(x, Q, A, MASK, ratios=policy.sequence_ratio(x, Q, MASK)).sum(),
    "dro": lambda x: policy.dro(x, Q, A, MASK).sum(),
    "k1": lambda x: kl.kl_estimate(Q, x, MASK, estimator="k1"),
    "k2": lambda x: kl.kl_estimate(Q, x, MASK, estimator="k2"),
    "k3": lambda x: kl.kl_estimate(Q, x, MASK, estimator="k3"),
    "cross_entropy": lambda x: token.cross_entropy(token.token_logprobs(x, torch.tensor([1, 3])), A[:, 0]),
    "soft cross_entropy": lambda x: token.cross_entropy(
        token.token_logprobs(x, torch.tensor([[1, 0], [3, 2]])), A[:, :2]
    ),
    "forward_kl": lambda x: divergence.forward_kl(x, Q, temperature=2.0).sum(),
    "reverse_kl": lambda x: divergence.reverse_kl(x, Q, temperature=2.0).sum(),
    "generalized_jensen_shannon": lambda x: divergence.generalized_jensen_shannon(x, Q, beta=0.3).sum(),
    "entropy": lambda x: divergence.entropy(x).sum(),
    "dpo": lambda x: preference.dpo(preference.Pairs(x[0], x[1], Q[0], Q[1]), label_smoothing=0.1).sum(),
    "robust_dpo": lambda x: preference.robust_dpo(preference.Pairs(x[0], x[1], Q[0], Q[1])).sum(),
    "ipo": lambda x: preference.ipo(preference.Pairs(x[0], x[1], Q[0], Q[1])).sum(),
    "hinge": lambda x: preference.hinge(preference.Pairs(x[0], x[1], Q[0], Q[1])).sum(),
    "kto": lambda x: preference.kto(x[0], A[0] > 0, 0.1).sum(),
    "orpo": lambda x: preference.orpo(-x[0].abs() - 0.1, -x[1].abs() - 0.1).sum(),
    "simpo": lambda x: preference.simpo(x[0], x[1]).sum(),
    "bradley_terry": lambda x: preference.bradley_terry(x[0], x[1]).sum(),
    "generalized_advantages": lambda x: (advantages.generalized_advantages(A, x) * Q).sum(),
}


@pytest.mark.parametrize("loss", SMOOTH.values(), ids=SMOOTH)
def test_gradients_are_those_of_finite_differences(loss):
    assert torch.autograd.gradcheck(loss, drawn(2, 4, seed=3).requires_grad_(), eps=1e-6, atol=1e-7)


def test_the_gradient_of_cispo_is_that_of_the_weighted_likelihood():
    """Its ratio is a weight: finite differences would see it, its gradient must not."""
    p = drawn(2, 4, seed=3).requires_grad_()
    policy.cispo(p, Q, A, MASK).sum().backward()
    expected = -(torch.exp(p - Q).clamp(0, 4) * A * MASK)
    assert torch.allclose(p.grad, expected.detach())


def test_importance_sampling_at_the_sampling_policy_is_reinforce():
    p = Q.clone().requires_grad_()
    policy.importance_sampling(p, Q, A, MASK).sum().backward()
    assert torch.allclose(p.grad, -A * MASK)


def test_ppo_is_importance_sampling_while_no_ratio_leaves_the_band():
    p = Q + 0.05 * drawn(2, 4, seed=4).clamp(-1, 1)
    assert torch.equal(policy.ppo(p, Q, A, MASK), policy.importance_sampling(p, Q, A, MASK))


@pytest.mark.parametrize("loss", [policy.importance_sampling, policy.ppo, policy.cispo, policy.dro])
def test_what_was_not_chosen_can_be_anything(loss):
    p = Q.clone()
    p[MASK == 0] = -math.inf
    p.requires_grad_()
    total = loss(p, Q, A, MASK).sum()
    total.backward()
    assert math.isfinite(total.item())
    assert torch.isfinite(p.grad[MASK == 1]).all()


@pytest.mark.parametrize("scale", ["none", "group", "batch"])
def test_advantages_of_a_group_sum_to_0_and_of_a_constant_one_are_0(scale):
    rewards = torch.cat([drawn(3, 5), torch.full((1, 5), 0.7, dtype=torch.float64)])
    result = advantages.group_advantages(rewards, scale=scale)
    assert torch.allclose(result.sum(-1), torch.zeros(4, dtype=torch.float64), atol=1e-12)
    assert result[3].abs().max() < 1e-10


def test_one_answer_has_no_advantage():
    assert advantages.group_advantages(torch.tensor([[3.0]]), scale="group").item() == 0


def test_dpo_does_not_see_what_policy_and_reference_share():
    columns = drawn(4, 6)
    shift = drawn(6, seed=9)
    moved = preference.Pairs(columns[0] + shift, columns[1], columns[2] + shift, columns[3])
    assert torch.allclose(preference.dpo(preference.Pairs(*columns)), preference.dpo(moved))


def test_robust_dpo_is_right_on_average():
    """Over labels swapped with that probability, its mean is the loss of the true labels (unbiasedness)."""
    columns = drawn(4, 6)
    right = preference.Pairs(columns[0], columns[1], columns[2], columns[3])
    swapped = preference.Pairs(columns[1], columns[0], columns[3], columns[2])
    mean = 0.8 * preference.robust_dpo(right, label_smoothing=0.2) + 0.2 * preference.robust_dpo(
        swapped, label_smoothing=0.2
    )
    assert torch.allclose(mean, preference.dpo(right))


def test_divergences_vanish_between_equals_and_are_never_negative():
    s, t = drawn(7, 5), drawn(7, 5, seed=1)
    for each in (divergence.forward_kl, divergence.reverse_kl, divergence.generalized_jensen_shannon):
        assert torch.allclose(each(s, s), torch.zeros(7, dtype=torch.float64), atol=1e-14)
        assert (each(s, t) > 0).all()


def test_the_jensen_shannon_divergence_is_symmetric():
    s, t = drawn(7, 5), drawn(7, 5, seed=1)
    there = divergence.generalized_jensen_shannon(s, t)
    assert torch.allclose(there, divergence.generalized_jensen_shannon(t, s))
    assert (there <= math.log(2)).all()


def test_soft_cross_entropy_less_the_teachers_entropy_is_the_forward_divergence():
    s, t = drawn(7, 5), drawn(7, 5, seed=1)
    indices, probabilities = divergence.top_k_targets(t, 5)
    soft = token.cross_entropy(token.token_logprobs(s, indices), probabilities)
    assert soft.item() == pytest.approx((divergence.entropy(t) + divergence.forward_kl(s, t)).sum().item())


def test_a_token_that_cannot_come_adds_nothing():
    s, t = torch.tensor([0.0, 1.0, -math.inf]), torch.tensor([1.0, 0.0, -math.inf])
    for each in (divergence.forward_kl, divergence.reverse_kl, divergence.generalized_jensen_shannon):
        assert math.isfinite(each(s, t).item())
    assert math.isfinite(divergence.entropy(s).item())


def test_k2_and_k3_are_never_negative():
    p = drawn(2, 4, seed=5)
    for estimator in ("k2", "k3"):
        assert (kl.kl_terms(Q, p, MASK, estimator=estimator) >= 0).all()


def test_a_centred_penalty_moves_no_reward_as_a_whole():
    added = kl.kl_penalty_advantages(Q, drawn(2, 4, seed=6), MASK, coefficient=0.3)
    assert added.sum().item() == pytest.approx(0, abs=1e-12)
    assert (added[MASK == 0] == 0).all()


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16])
def test_logprobs_of_16_bit_scores_are_computed_in_32(kind):
    logits = drawn(4, 50_000).to(kind)
    targets = torch.arange(4)
    expected = torch.log_softmax(logits.double(), -1)[torch.arange(4), targets]
    assert torch.allclose(token.token_logprobs(logits, targets).double(), expected, atol=1e-5)


def test_losses_of_far_apart_answers_do_not_overflow():
    far = preference.Pairs(*(torch.tensor([value]) for value in (-1e6, -1.0, -1.0, -1e6)))
    assert math.isfinite(preference.dpo(far).item())
    assert math.isfinite(preference.orpo(torch.tensor([0.0]), torch.tensor([-100.0])).item())


class TestAggregation:
    LOSSES = torch.tensor([[9.0, 1.0, 2.0, 3.0], [9.0, 9.0, 4.0, 6.0]])

    def test_each_way(self):
        mask = MASK.float()
        assert aggregation.token_sum(self.LOSSES, mask).item() == 16
        assert aggregation.token_mean(self.LOSSES, mask).item() == pytest.approx(16 / 5)
        assert aggregation.sequence_mean(self.LOSSES, mask).item() == pytest.approx((2 + 5) / 2)
        assert aggregation.constant_length_mean(self.LOSSES, mask, 4).item() == 2

    def test_nothing_chosen_is_no_loss(self):
        nothing = torch.zeros(2, 4)
        for each in (aggregation.token_sum, aggregation.token_mean, aggregation.sequence_mean):
            assert each(self.LOSSES, nothing).item() == 0


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: divergence.generalized_jensen_shannon(Q, A, beta=1.5), "beta"),
        (lambda: divergence.forward_kl(Q, A, temperature=0), "temperature"),
        (lambda: divergence.top_k_targets(Q, 0), "k is a number"),
        (lambda: preference.dpo(preference.Pairs(Q, Q, Q, Q), label_smoothing=0.5), "label_smoothing"),
        (lambda: advantages.group_advantages(Q, scale="all"), "scale"),
        (lambda: advantages.leave_one_out_advantages(Q[:, :1]), "two answers"),
        (lambda: kl.kl_estimate(Q, Q, MASK, estimator="k4"), "estimator"),
        (lambda: aggregation.constant_length_mean(Q, MASK, 0), "max_length"),
        (lambda: token.bits_per_byte(1.0, 0), "one byte"),
    ],
)
def test_a_parameter_out_of_range_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()
