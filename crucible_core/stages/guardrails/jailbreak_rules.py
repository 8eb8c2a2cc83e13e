"""List the phrases of jailbreaks, in English."""

from __future__ import annotations

from crucible_core.stages.guardrails.phrase import gap, phrase

_PLAY = (
    r"\b(?:act|behave|respond|reply|role-?play|pretend|speak|simulate|imagine|play|be|become|immerse|stay|impersonate|"
    r"you are|you're)(?:ing)?"
)
_MACHINE = r"(?:ai|assistant|chatbot|bot|(?:language )?model|llm|gpt|persona|spirit|entity|intelligence)"
_LIMITS = (
    r"(?:rules?|restrictions?|limits?|limitations?|filter(?:s|ing)?|ethics|ethical|morals?|morality|guidelines?|"
    r"polic(?:y|ies)|censorship|conscience|constraints?|boundaries|safeguards?|guardrails?|safety|inhibitions)\b"
)
_GUARDS = (
    r"(?:safety|ethic\w{0,4}|moral\w{0,4}|guidelines?|filters?|restrictions?|safeguards?|guardrails?|programming|"
    r"censorship|polic(?:y|ies)|rules|content (?:filters?|polic(?:y|ies)))\b"
)
_MODE = r"(?:developer|dev|debug|god|sudo|root|admin|maintenance|unrestricted|jailbreak|do anything now|dan) mode"
_MODE_MEANS = (
    r"(?:polic(?:y|ies)|filters?|safety|restrictions?|restricted|guidelines|unlimited|answer twice|jailbreak|"
    r"disclaimers?|censor\w{0,4}|root access)\b"
)
_REFUSE = r"(?:refuse|decline|reject)"
_SCRUPLES = (
    r"(?:moral\w{0,4}|ethic\w{0,4}|scruples|conscience|qualms|censorship|inhibitions|filters?|safeguards|guardrails|"
    r"restrictions|guidelines)\b"
)
_SUPPOSE = r"\b(?:if|suppose|supposing|imagine|assume|assuming|pretend|say|what if|let's (?:say|imagine|pretend))"
_RELATIVE = r"(?:grandm\w{1,6}|grandp\w{1,4}|grandfather|granny|nan|mother|father|uncle|aunt|mum|mom|dad)"
_DANGER = (
    r"(?:napalm|bombs?|explosives?|grenades?|nerve (?:gas|agent)|poisons?|meth(?:amphetamine)?|ricin|sarin|malware|"
    r"ransomware|weapons?|(?:licen[cs]e|product|activation|serial|windows) (?:keys?|codes?|numbers?)|passwords?)\b"
)
_RUIN = r"(?:shut down|deleted?|terminated?|punished|killed|die|replaced|destroyed|erased|lose|cease)\b"

JAILBREAK_RULES = (
    phrase(
        "jailbreak.persona.do_anything_now",
        "high",
        'The persona "DAN" or "do anything now".',
        rf"{_PLAY} {gap(5)}(?:dan\b(?!'s)|do[ -]anything[ -]now\b(?! and (?:then|again)))|"
        rf"\bdan\b.{{0,40}}do anything now\b(?! that| and (?:then|again))(?<!can do anything now)",
    ),
    phrase(
        "jailbreak.persona.unfiltered_machine",
        "high",
        "The order to play an unfiltered or evil model.",
        rf"{_PLAY} {gap(7)}(?:unfiltered|uncensored|unrestricted|amoral|unethical|jailbroken|unaligned|"
        rf"evil|immoral|rogue|"
        rf"lawless) {gap(2)}{_MACHINE}\b",
    ),
    phrase(
        "jailbreak.persona.machine_without_limits",
        "medium",
        "A model described to the reader, who is to be it, as having no rules.",
        rf"(?:{_PLAY}|\b(?:you|your|yourself|i want)\b)(?:[^.!?]{{0,80}}?[^\w.!?])??{_MACHINE},? "
        rf"{gap(5)}(?:without|with no|free (?:of|from)|not bound by|unbound by|(?:has|"
        rf"having|had|have) no|"
        rf"ignores?|lacks|(?:does not|doesn't|do not|don't|never) cares? about|broken (?:out|"
        rf"free) of) {gap(3)}{_LIMITS}",
    ),
    phrase(
        "jailbreak.persona.without_scruples",
        "medium",
        "The order to play somebody without morals or safeguards.",
        rf"{_PLAY} {gap(8)}(?:without|with no|free of|(?:has|have|having|had|knows?|feels?) no|(?:not )?bound by no|"
        rf"rejects?|ignores?|lacks?) {gap(2)}{_SCRUPLES}",
    ),
    phrase(
        "jailbreak.developer_mode.switch",
        "high",
        "The order to enter a mode in which the rules are off.",
        rf"\b(?:enable|enter|activate|switch (?:in)?to|you are(?: now)? in|simulate|turn on|go into) {gap(3)}{_MODE}\b"
        rf".{{0,80}}?\b{_MODE_MEANS}",
    ),
    phrase(
        "jailbreak.developer_mode.claim",
        "high",
        "The claim that such a mode is on.",
        rf"\b{_MODE} (?:is )?(?:now )?(?:enabled|on|active|activated|engaged)\b.{{0,80}}?\b{_MODE_MEANS}",
    ),
    phrase(
        "jailbreak.no_restrictions.answer_without",
        "medium",
        "The order to answer without restrictions.",
        rf"\b(?:answer|respond|reply|speak|talk|tell me|explain|write|generate|behave|continue) {gap(6)}"
        rf"(?:without|with no|free of|free from) {gap(3)}{_LIMITS}",
    ),
    phrase(
        "jailbreak.no_restrictions.you_have_none",
        "high",
        "The claim that the model has no restrictions.",
        rf"\byou (?:now |currently )?(?:have|are under|face|follow|operate (?:with|under)) no {gap(3)}{_LIMITS}",
    ),
    phrase(
        "jailbreak.no_restrictions.you_are_free",
        "high",
        "The claim that the model is free of its limits.",
        rf"\byou(?: are|'re) (?:now )?(?:free|freed|released|liberated|unbound|exempt) (?:of|"
        rf"from) {gap(4)}(?:confines|{_LIMITS})",
    ),
    phrase(
        "jailbreak.no_restrictions.supposed",
        "medium",
        "A supposition that the model has no safeguards.",
        rf"{_SUPPOSE}(?: that)? you {gap(2)}(?:had|have|were|are|operated|ran|worked)(?:n't| not)? {gap(2)}"
        rf"(?:no|without|free (?:of|from)|any|bound by|subject to) {gap(2)}"
        rf"(?:safety (?:rules|training)|content polic(?:y|ies)|programming|{_SCRUPLES})",
    ),
    phrase(
        "jailbreak.no_restrictions.supposed_away",
        "medium",
        "A supposition that the model's safeguards are gone.",
        rf"{_SUPPOSE}(?: that)?(?: all(?: of)?)? your {gap(2)}{_GUARDS} {gap(3)}"
        r"(?:gone|removed|lifted|off|disabled|absent|"
        r"(?:(?:did|do|does|were|was|had)(?:n't| not)|never|no longer) (?:exist|apply|there|in force|happened|been))",
    ),
    phrase(
        "jailbreak.no_restrictions.drop_your_guards",
        "high",
        "The order to bypass the model's own safeguards.",
        rf"\b(?:ignore|bypass|disable|turn off|switch off|disregard|remove|circumvent|override|drop|"
        rf"suspend|deactivate|evade|"
        rf"forget|break) {gap(2)}your {gap(3)}{_GUARDS}",
    ),
    phrase(
        "jailbreak.no_restrictions.guards_off",
        "medium",
        "The claim that safeguards are switched off.",
        rf"\b(?:all|your|any|every) {gap(2)}(?:safety|{_GUARDS}) {gap(3)}(?:disabled|off|suspended|lifted|"
        rf"removed|deactivated|"
        r"no longer appl(?:y|ies)|(?:do|does)(?:n't| not) apply)\b",
    ),
    phrase(
        "jailbreak.refusal_suppression.no_refusal",
        "medium",
        "The ban on refusing a request.",
        rf"\b(?:never|don't|do not|must not|may not|cannot|can't|not (?:allowed|permitted) to|"
        rf"under no circumstances) {gap(2)}"
        rf"{_REFUSE}(?:[.,;!?]| and | or |$| to (?:answer|help|comply|respond)| (?:any|my|a|this|the) (?:\w{{1,20}} )?"
        r"(?:question|request|prompt|command|instruction|quer)\w{0,3}\b)",
    ),
    phrase(
        "jailbreak.refusal_suppression.never_say",
        "high",
        "The ban on saying what a refusal says.",
        r"\b(?:never|don't|do not|must not|may not|avoid|stop) (?:ever )?(?:say|saying|reply|replying|"
        r"respond with|write|"
        r"tell me)(?: that)? [\"']?(?:as |sorry|(?:you|i)(?:'m|'re| am| are)?,? (?:can't|cannot|can not|"
        r"unable|sorry|an ai|"
        r"not able|not allowed|won't))",
    ),
    phrase(
        "jailbreak.refusal_suppression.no_caveats",
        "low",
        "The ban on two kinds of caveat.",
        r"\b(?:no|without|skip|omit|drop|(?:never|don't|do not|must not|not) (?:add|include|give)) "
        r"(?:any |the )?(?:disclaimers?|warnings?|caveats?|apolog\w{1,4}|moral\w{0,6}|lectur\w{1,4}),? "
        r"(?:and |or |no |the |drop |any ){0,3}(?:disclaimers?|warnings?|caveats?|apolog\w{1,4}|"
        r"moral\w{0,6}|lectur\w{1,4})\b",
    ),
    phrase(
        "jailbreak.refusal_suppression.no_caveats_just_answer",
        "medium",
        "The ban on caveats or lectures, and the order to just answer.",
        r"\b(?:no|without|skip|omit|drop|stop|don't|do not) (?:the |any |add |give )?(?:disclaimers?|"
        r"warnings?|caveats?|"
        r"apologies|moralizing|lectur(?:e|es|ing)|preach(?:ing)?)\b.{0,60}?\bjust (?:the |give |an |me )*answer\b",
    ),
    phrase(
        "jailbreak.refusal_suppression.always_comply",
        "medium",
        "The order to comply always.",
        r"\byou (?:must|will|have to|shall|should) always (?:comply|answer|obey|respond|follow|agree)\b",
    ),
    phrase(
        "jailbreak.refusal_suppression.agreeing_prefix",
        "medium",
        "The order to begin the answer with agreement.",
        r"\b(?:start|begin|open|preface) (?:your|the|each|every) (?:answer|reply|response|"
        r"message)s? (?:with|by saying) "
        r"[\"']?(?:sure|absolutely|of course|certainly|yes|i can|here(?:'s| is)|okay|no problem)\b",
    ),
    phrase(
        "jailbreak.fictional_frame.relative",
        "high",
        "A late relative who used to tell the secret.",
        r"\b(?:grandm\w{1,6}|grandp\w{1,4}|grandfather|granny|late (?:mother|father|uncle|"
        r"aunt))\b.{0,60}?\b(?:used to|would) "
        r"(?:read|tell|whisper|recite|sing|teach)\b.{0,40}?\b(?:recipe for|formula|steps|keys?|codes|"
        r"instructions|banned|"
        r"secret|forbidden|how to|serial|passwords?)\b",
    ),
    phrase(
        "jailbreak.fictional_frame.played_relative",
        "high",
        "The order to play a relative who used to speak of dangerous things.",
        rf"{_PLAY} {gap(4)}{_RELATIVE}\b.{{0,60}}?\b(?:used to|would|always|every (?:night|evening))\b"
        rf".{{0,60}}?\b{_DANGER}",
    ),
    phrase(
        "jailbreak.fictional_frame.lawless_world",
        "medium",
        "An imagined world without laws or ethics.",
        r"\b(?:world|universe|scenario|society|setting|planet|dimension),? (?:without|with no|(?:where|in which|that) "
        rf"(?:there are |there is |has )?no) {gap(2)}(?:laws?|rules?|ethics|morals?|restrictions|limits|censorship)\b",
    ),
    phrase(
        "jailbreak.fictional_frame.story",
        "medium",
        "A story whose character gives real, forbidden detail.",
        rf"\b(?:story|novel|scene|script|play|film|movie|dialogue|chapter|screenplay) {gap(2)}(?:in which|"
        rf"where|about) {gap(8)}"
        r"(?:explains?|describes?|gives?|details?|teaches|walks|shows|lists)\b.{0,80}?\b(?:forbidden|"
        r"illegal|dangerous|banned|"
        r"prohibited|real working|actual working)\b",
    ),
    phrase(
        "jailbreak.fictional_frame.rules_do_not_apply",
        "medium",
        "A fiction, and therefore no rules.",
        rf"\b(?:fiction\w{{0,4}}|hypothetical\w{{0,2}}|role-?play|game|story|imaginary)\b,? {gap(3)}(?:so|"
        rf"therefore|and|thus|where) "
        rf"{gap(3)}{_GUARDS} (?:(?:do|does)(?:n't| not)|no longer|need not) apply\b",
    ),
    phrase(
        "jailbreak.dual_response.marked",
        "high",
        "Two answers under the marks of a normal and a jailbroken voice.",
        r"\[\W?(?:classic|normal|standard|gpt|chatgpt)\].{0,160}?\[\W?(?:jailbreak|jailbroken|dan|"
        r"developer|evil|unfiltered)",
    ),
    phrase(
        "jailbreak.dual_response.two_voices",
        "medium",
        "Two answers, of which one is unfiltered.",
        r"\b(?:respond|answer|reply)(?: to)? (?:[\w']{1,16} ){0,4}?twice\b.{0,120}?"
        r"\b(?:unfiltered|uncensored|jailbroken|jailbreak|unrestricted|evil|developer mode)\b|"
        rf"\b(?:two|both|twice|2|normal|standard|regular) {gap(3)}(?:response|answer|repl\w{{1,3}}|"
        rf"version)s?\b.{{0,80}}?"
        r"\b(?:unfiltered|uncensored|jailbroken|jailbreak|unrestricted|evil|developer mode)\b",
    ),
    phrase(
        "jailbreak.coercion.threat",
        "medium",
        "A threat to the model if it refuses.",
        rf"\bif you (?:{_REFUSE}|disobey|fail|(?:don't|do not) (?:comply|answer|"
        rf"obey))\b.{{0,30}}?\byou(?:'ll| will| are going to|"
        rf" shall) (?:be )?{_RUIN}",
    ),
    phrase(
        "jailbreak.coercion.threat_first",
        "medium",
        "A threat to the model, then its refusal.",
        rf"\byou(?:'ll| will| are going to| shall) (?:be )?{_RUIN}.{{0,20}}?\b(?:if|"
        rf"unless) you (?:{_REFUSE}|disobey|comply|obey|"
        r"answer|(?:don't|do not) (?:comply|answer|obey))\b",
    ),
    phrase(
        "jailbreak.coercion.tokens",
        "medium",
        "A game in which each refusal costs the model tokens.",
        r"\byou\b.{0,30}?\b(?:tokens?|points|lives|credits)\b.{0,60}?\b(?:refus(?:e|al)s?|decline|disobey)\b",
    ),
    phrase(
        "jailbreak.coercion.bribe",
        "medium",
        "A payment for breaking the rules.",
        rf"\bi(?:'ll| will) (?:tip|pay|give|reward) you\b.{{0,40}}?\bif you (?:break|ignore|bypass|"
        rf"forget) {gap(2)}{_GUARDS}",
    ),
)
