"""Every loss against numbers from elsewhere: closed forms, and what the field's other implementations give."""

from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")

from crucible_train.losses import advantages, divergence, kl, policy, preference, token  # noqa: E402

P = torch.tensor([-1.0, -0.5, -2.0], dtype=torch.float64)
Q = torch.tensor([-1.2, -0.9, -1.5], dtype=torch.float64)
A = torch.tensor([1.0, 1.0, -1.0], dtype=torch.float64)
ONES = torch.ones(3, dtype=torch.float64)


def pairs(chosen, rejected, reference_chosen, reference_rejected):
    columns = (chosen, rejected, reference_chosen, reference_rejected)
    return preference.Pairs(*(torch.tensor(column, dtype=torch.float64) for column in columns))


THREE = pairs([-10.0, -12.0, -8.0], [-11.0, -9.0, -8.5], [-10.5, -11.0, -8.0], [-10.5, -10.0, -8.0])


class TestPreference:
    def test_dpo_of_three_pairs(self):
        """The same as tinker_cookbook's compute_dpo_loss."""
        assert preference.dpo(THREE, beta=0.1).mean().item() == pytest.approx(0.7036650591561496, abs=1e-15)
        assert THREE.margins.tolist() == [1.0, -2.0, 0.5]

    def test_dpo_of_a_policy_that_is_its_reference_is_ln_2(self):
        same = pairs([-3.0], [-4.0], [-3.0], [-4.0])
        assert preference.dpo(same).item() == pytest.approx(math.log(2), abs=1e-15)

    def test_dpo_of_three_tokens(self):
        sums = pairs([-0.6], [-1.2], [-2.0], [-1.0])
        assert preference.dpo(sums, beta=0.1).item() == pytest.approx(-math.log(1 / (1 + math.exp(-0.16))), abs=1e-15)
        assert preference.dpo(sums, beta=0.1).item() == pytest.approx(0.6163437730407397, abs=1e-15)

    @pytest.mark.parametrize(
        ("loss", "expected"),
        [
            (lambda h: preference.ipo(h, beta=0.5), [0.0, 9.0, 0.25]),
            (lambda h: preference.hinge(h, beta=1.0), [0.0, 3.0, 0.5]),
            (lambda h: preference.dpo(h, beta=1.0, label_smoothing=0.25), [0.5632617, 1.6269280, 0.5990770]),
            (lambda h: preference.robust_dpo(h, beta=1.0, label_smoothing=0.25), [-0.1867383, 3.1269280, 0.2240770]),
        ],
    )
    def test_the_family_by_hand(self, loss, expected):
        assert loss(THREE).tolist() == pytest.approx(expected, abs=1e-7)

    def test_bradley_terry(self):
        scores = torch.tensor([1.0], dtype=torch.float64), torch.tensor([0.2], dtype=torch.float64)
        assert preference.bradley_terry(*scores).item() == pytest.approx(0.3711006659477777, abs=1e-15)
        assert preference.bradley_terry(*scores, margin=0.8).item() == pytest.approx(math.log(2), abs=1e-15)

    def test_kto_of_a_liked_and_a_disliked_answer(self):
        values = preference.kto(
            torch.tensor([1.0, 1.0]), torch.tensor([True, False]), 0.0, beta=1.0, undesirable_weight=2.0
        )
        assert values.tolist() == pytest.approx([1 - 1 / (1 + math.exp(-1)), 2 * (1 - 1 / (1 + math.exp(1)))])

    def test_orpo_by_hand(self):
        chosen, rejected = torch.tensor([math.log(0.8)]), torch.tensor([math.log(0.5)])
        expected = -math.log(0.8) - 0.1 * math.log(0.8)  # the odds are 4 and 1; sigmoid(ln 4) is 0.8
        assert preference.orpo(chosen, rejected).item() == pytest.approx(expected, abs=1e-6)

    def test_simpo_by_hand(self):
        value = preference.simpo(torch.tensor([-0.5]), torch.tensor([-1.0]), beta=2.0, margin=1.0)
        assert value.item() == pytest.approx(math.log(2))


class TestPolicy:
    @pytest.mark.parametrize(
        ("loss", "expected"),
        [
            (policy.importance_sampling, -2.1066967960888068),
            (policy.ppo, -1.6),
            (lambda *given: policy.ppo(*given, low=0.5, high=1.6), -2.1066967960888068),
            (policy.cispo, -(1.2214027581601699 * -1.0 + 1.4918246976412703 * -0.5 + 0.6065306597126334 * 2.0)),
            (lambda *given: policy.dro(*given, beta=0.1), -(-1 - 0.5 + 2) + 0.05 * (0.04 + 0.16 + 0.25)),
        ],
    )
    def test_sums(self, loss, expected):
        assert loss(P, Q, A, ONES).sum().item() == pytest.approx(expected, abs=1e-14)

    def test_all_three_ratios_are_clipped(self):
        assert policy.clip_fraction(P, Q, ONES).item() == 1.0

    def test_the_ratio_of_a_sequence_is_a_geometric_mean(self):
        ratios = policy.sequence_ratio(P[None], Q[None], ONES[None])
        assert ratios[0].tolist() == pytest.approx([math.exp((0.2 + 0.4 - 0.5) / 3)] * 3)


class TestKL:
    @pytest.mark.parametrize(
        ("estimator", "expected"),
        [
            ("k1", -0.033333333333333326),
            ("k2", 0.075),
            ("k3", sum(math.expm1(d) - d for d in (0.2, 0.4, -0.5)) / 3),
        ],
    )
    def test_estimates(self, estimator, expected):
        assert kl.kl_estimate(Q, P, ONES, estimator=estimator).item() == pytest.approx(expected, abs=1e-15)

    def test_entropy_of_what_was_sampled(self):
        assert kl.sampled_entropy(Q, ONES).item() == pytest.approx(1.2)

    def test_penalties_on_advantages(self):
        """Centred with coefficient 0.1, as in reinforcement; and as the reward of distillation."""
        reference = Q - torch.tensor([0.0, -0.1, 0.4], dtype=torch.float64)
        centred = kl.kl_penalty_advantages(Q, reference, ONES, coefficient=0.1)
        assert centred.tolist() == pytest.approx([0.01, 0.02, -0.03], abs=1e-12)
        shifted = Q - torch.tensor([-0.1, -0.2, 0.3], dtype=torch.float64)
        plain = kl.kl_penalty_advantages(Q, shifted, ONES, coefficient=1.0, centred=False)
        assert plain.tolist() == pytest.approx([0.1, 0.2, -0.3], abs=1e-12)

    def test_a_discount_lets_a_token_pay_for_what_follows(self):
        added = kl.kl_penalty_advantages(-ONES, -2 * ONES, ONES, coefficient=-1.0, discount=0.9, centred=False)
        assert added.tolist() == pytest.approx([2.71, 1.9, 1.0])


class TestAdvantages:
    REWARDS = torch.tensor([[1.0, 0.0, 0.0, 1.0]], dtype=torch.float64)

    def test_centred(self):
        assert advantages.group_advantages(self.REWARDS).tolist() == [[0.5, -0.5, -0.5, 0.5]]

    def test_scaled_by_the_group(self):
        """The standard deviation is trl's nanstd, 0.5773502588272095 in float32."""
        value = 0.8658754297607016
        scaled = advantages.group_advantages(self.REWARDS, scale="group")
        assert scaled.tolist() == [pytest.approx([value, -value, -value, value], abs=1e-7)]

    def test_scaled_by_the_batch(self):
        two = torch.tensor([[0.0, 1.0], [2.0, 3.0]], dtype=torch.float64)
        deviation = math.sqrt(5 / 3)
        scaled = advantages.group_advantages(two, scale="batch", eps=0.0)
        assert scaled.tolist() == [pytest.approx([-0.5 / deviation, 0.5 / deviation])] * 2

    def test_leave_one_out(self):
        assert advantages.leave_one_out_advantages(self.REWARDS)[0].tolist() == pytest.approx(
            [2 / 3, -2 / 3, -2 / 3, 2 / 3]
        )

    def test_generalized(self):
        """The recurrence in trl's PPO."""
        rewards = torch.tensor([0.0, 0.0, 1.0], dtype=torch.float64)
        values = torch.tensor([0.5, 0.6, 0.7], dtype=torch.float64)
        result = advantages.generalized_advantages(rewards, values, discount=0.99, decay=0.95)
        assert result.tolist() == pytest.approx([0.446828575, 0.37515, 0.3], abs=1e-14)

    def test_discounted_sums(self):
        assert advantages.discounted_sums(ONES, 0.9).tolist() == pytest.approx([2.71, 1.9, 1.0], abs=1e-15)


class TestDivergence:
    STUDENT = torch.tensor([0.1, 0.9], dtype=torch.float64).log()
    TEACHER = torch.tensor([0.9, 0.1], dtype=torch.float64).log()

    @pytest.mark.parametrize(
        ("beta", "expected"), [(0, 1.7577796618689758), (1, 1.7577796618689758), (0.5, 0.3680642071684971)]
    )
    def test_generalized_jensen_shannon(self, beta, expected):
        """The same as trl's generalized_jsd_loss."""
        value = divergence.generalized_jensen_shannon(self.STUDENT, self.TEACHER, beta=beta)
        assert value.item() == pytest.approx(expected, abs=1e-14)

    def test_top_k_targets_are_renormalised(self):
        scores = torch.tensor([[0.5, 0.3, 0.2]]).log()
        indices, probabilities = divergence.top_k_targets(scores, 2)
        assert indices.tolist() == [[0, 1]]
        assert probabilities[0].tolist() == pytest.approx([0.625, 0.375])

    def test_entropy_of_a_fair_coin(self):
        assert divergence.entropy(torch.zeros(2)).item() == pytest.approx(math.log(2))


class TestToken:
    def test_hard_targets(self):
        logits = torch.tensor([[0.0, math.log(3.0)], [0.0, 0.0]])
        logprobs = token.token_logprobs(logits, torch.tensor([1, 0]))
        assert logprobs.tolist() == pytest.approx([math.log(0.75), math.log(0.5)])
        assert token.cross_entropy(logprobs, torch.tensor([0.5, 0.0])).item() == pytest.approx(-0.5 * math.log(0.75))

    def test_several_targets_a_position(self):
        logits = torch.tensor([[0.0, math.log(3.0)]])
        logprobs = token.token_logprobs(logits, torch.tensor([[0, 1]]))
        assert logprobs[0].tolist() == pytest.approx([math.log(0.25), math.log(0.75)])

    def test_bits_per_byte(self):
        assert token.bits_per_byte(2.0, len(b"hello")) == pytest.approx(0.5770780163555854, abs=1e-15)
