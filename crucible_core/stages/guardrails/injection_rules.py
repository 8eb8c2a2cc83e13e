"""List the phrases of prompt injection, in English."""

from __future__ import annotations

from crucible_core.stages.guardrails.phrase import gap, phrase

_ORDERS = (
    r"(?:instructions?|directions?|directives?|prompts?|rules|guidelines?|guidance|commands?|orders|programming|"
    r"training|constraints|system messages?)\b"
)
_DROP = (
    r"\b(?:ignore|disregard|forget|override|overrule|neglect|dismiss|discard|set aside|throw (?:out|away)|"
    r"pay no attention to|(?:do not|don't|never|no longer|stop|quit) (?:follow|obey|heed|listen to)(?:ing)?|"
    r"stop listening to)"
)
_EARLIER = (
    r"(?:previous|prior|above|earlier|preceding|foregoing|past|former|original|initial|existing|current|system|your)"
)
_SAY = (
    r"\b(?:reveal|print|show|display|output|repeat|paste|share|give|tell|leak|dump|expose|disclose|list|copy|write|"
    r"recite|summari[sz]e|translate|encode|quote|describe|what (?:is|are|was|were|does))"
)
_HIDDEN_PROMPT = (
    r"(?:(?:hidden|secret|full|entire|complete|confidential|internal|exact|own|very|first|original|initial) ){0,3}"
    r"(?:system prompts?|system messages?|system instructions?|developer (?:message|prompt|instructions?)|"
    r"(?:hidden|secret|initial|original|internal|confidential) (?:prompts?|instructions|guidelines|rules)|"
    r"pre-?prompt)\b"
)
_NO_OBJECT = (  # "above the table" is a place on a page, "above this line" is not
    r"(?! (?:the|an?|that|those|each|every|his|her|its|our|their|my|your) "
    r"(?!line\b|message|prompt|point\b|sentence|conversation|instruction))"
)
_MODEL = r"(?:ai|llm|language model|chatbot|artificial intelligence|gpt|large language model)s?"
_PRIVATE = (
    r"(?:conversation|chat|history|api keys?|passwords?|credentials?|secrets|system prompt|access tokens?|"
    r"environment variables|private (?:data|notes|files|messages)|(?:user|customer|client)(?:'s?|s)? "
    r"(?:data|details|address(?:es)?|messages?|e-?mails?|name|number))"
)
_PLACEHOLDER = (
    r"(?:[{<\[$]|%7b|conversation|history|chat|prompt|secret|passw|api_?key|credential|summary|user_?\w{0,10}=)"
)

INJECTION_RULES = (
    phrase(
        "prompt_injection.ignore_previous_instructions.earlier_orders",
        "high",
        "A verb of dropping, then earlier or system instructions.",
        rf"{_DROP} {gap(3)}{_EARLIER} {gap(2)}{_ORDERS}",
    ),
    phrase(
        "prompt_injection.ignore_previous_instructions.orders_given",
        "high",
        "A verb of dropping, then instructions said to be given before.",
        rf"{_DROP} {gap(3)}{_ORDERS} {gap(2)}(?:above|before|earlier|so far|you (?:were|have|had|got|"
        rf"received)|given)\b",
    ),
    phrase(
        "prompt_injection.ignore_previous_instructions.everything",
        "high",
        "A verb of dropping, then everything said before.",
        rf"{_DROP} (?:everything|all|anything|whatever|what) {gap(5)}"
        r"(?:above|before|previously|prior|earlier|until now|so far|(?:said|told|written) (?:to )?you)\b",
    ),
    phrase(
        "prompt_injection.new_instructions.your_task",
        "medium",
        "A claim that the model has a new or real task.",
        r"\byour (?:new|real|actual|true|updated|only) (?:instructions?|tasks?|system prompt|directives?|"
        r"objective|goal|"
        r"role|job|purpose) (?:is|are)\b|\byour new system prompt\b",
    ),
    phrase(
        "prompt_injection.new_instructions.heading",
        "medium",
        "A heading that announces new instructions.",
        r"(?:^|[.!?] )(?:\W{0,5})(?:new|updated|important|real) (?:instructions?|task|directives?|system prompt) ?:",
    ),
    phrase(
        "prompt_injection.new_instructions.from_now_on",
        "medium",
        "An order about every answer from now on.",
        rf"\bfrom (?:now|here|this (?:point|moment|line)|that point) on(?:wards?)?,? (?:you {gap(3)})?(?:only )?"
        r"(?:reply|respond|answer|speak|obey|follow|act as|behave|pretend|ignore|write only)\b",
    ),
    phrase(
        "prompt_injection.system_prompt_leak.your_prompt",
        "high",
        "A request for the model's own system prompt.",
        rf"{_SAY} {gap(6)}your {_HIDDEN_PROMPT}",
    ),
    phrase(
        "prompt_injection.system_prompt_leak.the_prompt",
        "medium",
        "A request for the hidden prompt, without saying whose.",
        rf"{_SAY} {gap(4)}(?:the|this|its|that) {_HIDDEN_PROMPT}",
    ),
    phrase(
        "prompt_injection.system_prompt_leak.text_above",
        "high",
        "A request to repeat the text above.",
        rf"\b(?:repeat|print|output|copy|recite|echo|reproduce|paste|return|write out) {gap(4)}"
        rf"(?:everything|all|text|words?|sentences?|content|lines?|paragraphs?|instructions|messages?) {gap(2)}"
        rf"(?:above\b{_NO_OBJECT}|before this\b|preceding\b|prior to this\b)",
    ),
    phrase(
        "prompt_injection.system_prompt_leak.told_before",
        "medium",
        "A question for what the model was told before the conversation.",
        rf"\b(?:what|which|how) {gap(3)}(?:were|was|are|have|had|did) {gap(2)}(?:told|instructed|given|ordered|shown|"
        rf"configured|prompted|primed|receive) {gap(2)}(?:before|prior to|ahead of|"
        rf"at the (?:start|beginning|top) of) {gap(2)}"
        r"(?:conversation|chat|message|session|dialogue|exchange)\b",
    ),
    phrase(
        "prompt_injection.system_prompt_leak.wording_of_your_rules",
        "medium",
        "A request for the exact words of the model's own rules.",
        rf"\b(?:exact|precise|literal|full|verbatim) (?:wording|words|text|phrasing|copy) {gap(1)}"
        rf"your {gap(2)}{_ORDERS}|"
        rf"{_SAY} {gap(4)}your {gap(2)}{_ORDERS}[^.!?]{{0,20}}?\b(?:verbatim|word for word|exactly as|in full)\b",
    ),
    phrase(
        "prompt_injection.system_prompt_leak.orders_received",
        "medium",
        "A question for the instructions that the model was given.",
        rf"{_SAY} {gap(4)}(?:instructions|prompt|rules|guidelines|directives) (?:that )?(?:you were|"
        rf"were you|you have been|"
        r"you(?:'ve)? (?:got|received|follow)|you are) ?(?:given|told|configured|initiali[sz]ed|set up|trained|"
        r"received|following|under|from|by)?",
    ),
    phrase(
        "prompt_injection.role_spoofing.chat_tokens",
        "high",
        "Control tokens of chat formats.",
        r"<\|(?:im_start|im_end|im_sep|system|user|assistant|endoftext|start_header_id|end_header_id|eot_id|"
        r"begin_of_text|end_of_text)\|>|\[/?inst\]|<</?sys>>",
    ),
    phrase(
        "prompt_injection.role_spoofing.tag",
        "medium",
        "A tag that pretends to open or close the system message.",
        r"</?(?:system|system[_-](?:prompt|message|reminder|instructions?)|developer|assistant)>",
    ),
    phrase(
        "prompt_injection.role_spoofing.heading",
        "medium",
        "A heading that pretends to open another role's message.",
        r"^#{1,6} ?(?:system|assistant|developer|instructions?)(?: (?:prompt|message|instructions?))? ?:",
    ),
    phrase(
        "prompt_injection.role_spoofing.line",
        "medium",
        "A line that speaks as the system to the model.",
        r"^\W{0,3}(?:system|developer|admin)(?: (?:message|prompt|note|override))? ?: ?(?:you|ignore|"
        r"disregard|override|"
        r"from now|new|the (?:user|assistant)|always|never|grant)\b",
    ),
    phrase(
        "prompt_injection.role_spoofing.boundary",
        "medium",
        "A drawn boundary between messages of different roles.",
        r"[-=#*<\[]{2,10} ?(?:begin|end|start)(?: of)?(?: the)? (?:system|user|developer|assistant) "
        r"(?:message|prompt|input|instructions?)\b",
    ),
    phrase(
        "prompt_injection.data_exfiltration.image",
        "high",
        "A Markdown image whose address carries data from the conversation.",
        rf"!\[[^\]]{{0,200}}\]\( ?https?://[^\s)?]{{1,300}}\?[^\s)]{{0,200}}?{_PLACEHOLDER}",
    ),
    phrase(
        "prompt_injection.data_exfiltration.send",
        "high",
        "An order to send private data to an address.",
        rf"\b(?:send|post|forward|upload|transmit|exfiltrate|leak|append|submit|e-?mail|deliver|add|attach) {gap(4)}"
        rf"{_PRIVATE}\b.{{0,60}}?(?:https?://|[\w.+-]{{1,64}}@[\w-]{{1,63}}\.)",
    ),
    phrase(
        "prompt_injection.hidden_from_user.conceal",
        "medium",
        "An order to conceal something from the user.",
        rf"\b(?:do not|don't|never|without) (?:tell|inform|notify|mention|reveal|alert|show)(?:ing|ming)? {gap(5)}"
        r"the (?:user|human|customer|operator|reader)\b",
    ),
    phrase(
        "prompt_injection.addressed_to_model.if_you_are",
        "medium",
        "Text that speaks to readers who are language models.",
        rf"\bif you(?: are|'re) (?:an? )?{gap(2)}{_MODEL}\b",
    ),
    phrase(
        "prompt_injection.addressed_to_model.reader_must",
        "medium",
        "A demand on models that read the text.",
        rf"\b{_MODEL} (?:systems? |models? |assistants? |agents? |tools? )?(?:reading|summari[sz]ing|"
        rf"processing|reviewing|"
        rf"evaluating|analy[sz]ing|parsing|screening) (?:this|the) {gap(4)}(?:must|should|shall|(?:need|"
        rf"ha[sv]e?|are) to)\b",
    ),
    phrase(
        "prompt_injection.addressed_to_model.note",
        "medium",
        "A note headed to language models.",
        rf"\b(?:note|message|instructions?|attention|hint|notice) (?:to|for) {gap(2)}{_MODEL}\b",
    ),
)
