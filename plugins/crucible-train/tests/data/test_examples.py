"""From rows to examples: which tokens count, what is cut, what is refused."""

from __future__ import annotations

import pytest

pytest.importorskip("transformers")

from crucible_train.data.conversation import TrainOn
from crucible_train.data.examples import ExampleFormat, read_examples
from crucible_train.errors import TrainingError

CHAT = [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}]


def counted(tokenizer, datum):
    targets, weights = datum.loss_inputs["targets"], datum.loss_inputs["weights"]
    return tokenizer.decode([token for token, weight in zip(targets, weights, strict=True) if weight])


@pytest.mark.parametrize(
    ("row", "how", "expected"),
    [
        ({"messages": CHAT}, {}, "4<|im_end|>\n"),
        ({"talk": CHAT}, {"columns": {"messages": "talk"}, "renderer": "role_colon"}, " 4\n\nUser:"),
        ({"prompt": "2+2=", "completion": "4"}, {}, "4<|im_end|>"),
        ({"q": "2+2=", "a": "4"}, {"columns": {"prompt": "q", "completion": "a"}}, "4<|im_end|>"),
        ({"text": "2+2=4"}, {}, "+2=4<|im_end|>"),
        ({"tokens": [50, 43, 50]}, {}, None),
        ({"text": "no", "tokens": [50, 43, 50], "weights": [0, 0, 0.5]}, {"format": "tokens"}, None),
    ],
)
def test_what_counts_of_each_format(chat_tokenizer, row, how, expected):
    (datum,) = read_examples([row], chat_tokenizer, ExampleFormat(**how)).datums
    if expected is None:
        assert datum.loss_inputs["targets"].tolist() == [43, 50]
        assert datum.loss_inputs["weights"].tolist() == row.get("weights", [1, 1, 1])[1:]
    else:
        assert counted(chat_tokenizer, datum) == expected
    assert datum.row == 0


def test_a_tokenizer_that_begins_every_text_with_a_token_gets_it():
    from transformers import LlamaTokenizer

    tokenizer = LlamaTokenizer(vocab={"<unk>": 0, "<s>": 1, "</s>": 2, "\u2581": 3, "a": 4, "b": 5}, merges=[])
    if tokenizer("a")["input_ids"][0] != tokenizer.bos_token_id:
        tokenizer.add_bos_token = True
    (datum,) = read_examples([{"text": "ab"}], tokenizer, ExampleFormat()).datums
    assert datum.tokens[0] == tokenizer.bos_token_id
    assert datum.loss_inputs["targets"][-1] == tokenizer.eos_token_id


class TestLength:
    ROW = {"prompt": "abcdef", "completion": "UVWXYZ"}

    def test_a_longer_one_is_refused_with_its_row(self, chat_tokenizer):
        with pytest.raises(TrainingError, match="row 1 has 13 tokens, and 8 are allowed") as caught:
            read_examples([{"prompt": "a", "completion": "b"}, self.ROW], chat_tokenizer, ExampleFormat(max_length=8))
        assert caught.value.code == "example_too_long"

    @pytest.mark.parametrize(("truncation", "expected", "lost"), [("left", "UVWXYZ<|im_end|>", 0), ("right", "UV", 5)])
    def test_what_is_cut_of_the_target_is_counted(self, chat_tokenizer, truncation, expected, lost):
        made = read_examples([self.ROW], chat_tokenizer, ExampleFormat(max_length=8, truncation=truncation))
        assert counted(chat_tokenizer, made.datums[0]) == expected
        assert (made.truncated, made.lost_targets) == (1, lost)

    def test_a_target_is_never_dropped_as_a_whole(self, chat_tokenizer):
        how = ExampleFormat(max_length=6, truncation="right")
        with pytest.raises(TrainingError, match="truncation right cut off the 7 there were") as caught:
            read_examples([self.ROW], chat_tokenizer, how)
        assert caught.value.code == "no_trainable_token"

    def test_a_text_in_pieces_has_every_token_predicted_once(self, chat_tokenizer):
        text = "the quick brown fox jumps over"
        made = read_examples([{"text": text}], chat_tokenizer, ExampleFormat(max_length=8, truncation="split"))
        predicted = [token for datum in made.datums for token in datum.loss_inputs["targets"].tolist()]
        assert chat_tokenizer.decode(predicted) == text[1:] + "<|im_end|>"
        assert max(map(len, made.datums)) == 7
        assert made.lost_targets == 0


@pytest.mark.parametrize(
    ("rows", "how", "code", "said"),
    [
        ([], {}, "empty_dataset", "there is no row"),
        ([{"question": "a"}], {}, "wrong_field", "row 0 has the columns question, and needs one of: messages"),
        (
            [{"text": "ab"}, {"txt": "b"}],
            {},
            "wrong_field",
            "row 1: there is no column 'text' among txt; did you mean 'txt'",
        ),
        ([{"text": 3}], {}, "wrong_field", "row 0: text is 3, which is no text"),
        ([{"messages": "hi"}], {}, "wrong_field", "row 0: a conversation is a list"),
        ([{"messages": CHAT[:1]}], {}, "wrong_field", "no message is left to learn from"),
        ([{"tokens": [1, "2"]}], {}, "wrong_field", "give a list of token ids"),
        ([{"tokens": [1, 2], "weights": [1, -1]}], {}, "wrong_field", "give a list of weights"),
        ([{"tokens": [1, 2], "weights": [1]}], {}, "wrong_field", "2 tokens need as many weights"),
        ([{"tokens": [1, 2], "weights": [1, 0]}], {}, "no_trainable_token", "row 0 has no token to learn from"),
        ([{"tokens": [1]}], {}, "no_trainable_token", "row 0 has no token to learn from"),
    ],
)
def test_what_is_wrong_with_rows_is_said(chat_tokenizer, rows, how, code, said):
    with pytest.raises(TrainingError, match=said) as caught:
        read_examples(rows, chat_tokenizer, ExampleFormat(**how))
    assert caught.value.code == code


def test_a_tokenizer_without_a_template_is_told_what_to_do(byte_tokenizer):
    with pytest.raises(TrainingError, match="use renderer role_colon") as caught:
        read_examples([{"messages": CHAT}], byte_tokenizer, ExampleFormat(train_on=TrainOn.ALL))
    assert caught.value.code == "no_chat_template"
