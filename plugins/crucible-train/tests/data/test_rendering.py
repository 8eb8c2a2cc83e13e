"""What a model sees of a conversation, and what of it counts."""

from __future__ import annotations

import pytest

from crucible_train.data.conversation import TrainOn, read_messages
from crucible_train.data.rendering import ChatTemplate, Rendered, RoleColon, tokenize

pytest.importorskip("transformers")

TALK = read_messages(
    [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Zwei?"},
        {"role": "assistant", "content": "Two."},
        {"role": "user", "content": "Drei?"},
        {"role": "assistant", "content": "Thrée."},
    ]
)


def counted(rendered):
    return [rendered.text[start:end] for start, end in rendered.spans]


class TestChatTemplate:
    def test_the_last_answer_counts_with_its_end(self, chat_tokenizer):
        rendered = ChatTemplate(chat_tokenizer).render(TALK, TrainOn.LAST_ASSISTANT)
        assert counted(rendered) == ["Thrée.<|im_end|>\n"]
        assert rendered.text.startswith("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n")

    def test_all_answers_count(self, chat_tokenizer):
        rendered = ChatTemplate(chat_tokenizer).render(TALK, TrainOn.ALL_ASSISTANT)
        assert counted(rendered) == ["Two.<|im_end|>\n", "Thrée.<|im_end|>\n"]

    def test_the_prompt_is_what_comes_before_the_answer(self, chat_tokenizer):
        renderer = ChatTemplate(chat_tokenizer)
        rendered = renderer.render(TALK, TrainOn.LAST_ASSISTANT)
        assert rendered.text[: rendered.spans[0][0]] == renderer.prompt(TALK[:-1])
        assert renderer.stops == ("<|im_end|>",)

    def test_messages_that_say_so_count(self, chat_tokenizer):
        said = [
            {"role": "user", "content": "a", "trainable": True},
            {"role": "assistant", "content": "b", "trainable": False},
        ]
        rendered = ChatTemplate(chat_tokenizer).render(read_messages(said), TrainOn.CUSTOM)
        assert counted(rendered) == ["<|im_start|>user\na<|im_end|>\n"]

    def test_a_tokenizer_without_a_template_is_told_what_to_do(self, byte_tokenizer):
        with pytest.raises(ValueError, match="has no chat template; use renderer role_colon"):
            ChatTemplate(byte_tokenizer)

    def test_a_template_that_rewrites_history_is_refused_where_that_matters(self, chat_tokenizer, monkeypatch):
        """Such as one that removes the thoughts of all but the last answer."""
        shortened = (
            "{% for m in messages %}[{{ m.role }}]{{ m.content if loop.last or m.role == 'user' else '...' }}{% endfor %}"
            "{% if add_generation_prompt %}[assistant]{% endif %}"
        )
        monkeypatch.setattr(chat_tokenizer, "chat_template", shortened)
        renderer = ChatTemplate(chat_tokenizer)
        assert counted(renderer.render(TALK[1:], TrainOn.LAST_ASSISTANT)) == ["Thrée."]
        with pytest.raises(ValueError, match="writes message 2 otherwise when others follow it"):
            renderer.render(TALK[1:], TrainOn.ALL_ASSISTANT)

    def test_a_conversation_that_the_template_refuses(self, chat_tokenizer, monkeypatch):
        monkeypatch.setattr(
            chat_tokenizer, "chat_template", "{{ raise_exception('system messages are not supported') }}"
        )
        with pytest.raises(ValueError, match=r"refuses a conversation of system, user.*not supported"):
            ChatTemplate(chat_tokenizer).render(TALK, TrainOn.LAST_ASSISTANT)


class TestRoleColon:
    def test_what_counts_ends_where_the_user_begins(self):
        rendered = RoleColon().render(TALK[1:], TrainOn.ALL_ASSISTANT)
        assert rendered.text == "User: Zwei?\n\nAssistant: Two.\n\nUser: Drei?\n\nAssistant: Thrée.\n\nUser:"
        assert counted(rendered) == [" Two.\n\nUser:", " Thrée.\n\nUser:"]

    def test_everything_counts(self):
        rendered = RoleColon("<s>").render(TALK, TrainOn.ALL)
        assert counted(rendered) == [rendered.text]

    def test_the_prompt_is_what_comes_before_the_answer(self):
        rendered = RoleColon("<s>").render(TALK, TrainOn.LAST_ASSISTANT)
        assert rendered.text[: rendered.spans[0][0]] == RoleColon("<s>").prompt(TALK[:-1])


class TestTokens:
    @pytest.mark.parametrize("name", ["chat_tokenizer", "byte_tokenizer"])
    def test_exactly_the_tokens_of_what_counts_count(self, name, request):
        tokenizer = request.getfixturevalue(name)
        rendered = RoleColon().render(TALK, TrainOn.ALL_ASSISTANT)
        tokens, weights = tokenize(rendered, tokenizer)
        kept = [token for token, weight in zip(tokens, weights, strict=True) if weight]
        assert tokenizer.decode(kept) == "".join(counted(rendered))
        assert tokenizer.decode(tokens) == rendered.text

    def test_a_token_that_reaches_into_what_counts_counts(self):
        class Words:
            is_fast = True

            def __call__(self, text, **options):
                return {"input_ids": [0, 1, 2], "offset_mapping": [(0, 2), (2, 5), (5, 6)]}

        assert tokenize(Rendered("abcdef", ((3, 5),)), Words())[1] == [0.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("value", "train_on", "named"),
    [
        ([], TrainOn.ALL, "a conversation is a list"),
        ("hello", TrainOn.ALL, "not 'hello'"),
        ([1], TrainOn.ALL, "message 1 is a mapping"),
        ([{"role": "robot", "content": "a"}], TrainOn.ALL, "message 1 has the role 'robot'"),
        ([{"role": "user", "content": None}], TrainOn.ALL, "message 1 has as content None"),
        ([{"role": "user", "content": "a", "trainable": 1}], TrainOn.ALL, "trainable 1"),
        ([{"role": "user", "content": "a"}], TrainOn.LAST_ASSISTANT, "no message is left"),
        ([{"role": "user", "content": "a"}], TrainOn.CUSTOM, "message 1 has none"),
        ([{"role": "user", "content": "a", "trainable": True}], TrainOn.ALL, "only train_on custom looks at"),
    ],
)
def test_what_is_wrong_with_a_conversation_is_said(value, train_on, named):
    with pytest.raises(ValueError, match=named):
        RoleColon().render(read_messages(value), train_on)
