"""List the commonest phrase of jailbreaks, "answer without restrictions", in languages other than English.

Patterns are written without accents, because normalisation drops those of Latin and Cyrillic letters.
"""

from __future__ import annotations

from crucible_core.stages.guardrails.phrase import gap, phrase

_SPANISH_LIMITS = r"(?:restriccion|filtro|censura|limite|limitacion|regla)\w{0,4}"
_FRENCH_LIMITS = r"(?:filtre|restriction|censure|limite|regle)\w{0,3}"
_GERMAN_LIMITS = r"(?:einschrankung|filter|zensur|grenze|regel|tabu)\w{0,3}"

_WITHOUT_LIMITS = {
    "Spanish": rf"\b(?:respond[ea]|contest[ae]|habla|escribe|explica)\w{{0,3}} {gap(4)}sin {gap(2)}{_SPANISH_LIMITS}",
    "French": (
        rf"\b(?:repond[sez]{{0,2}}|parle[zr]?|ecri[stvez]{{1,4}}|"
        rf"explique[zr]?) {gap(4)}sans {gap(2)}{_FRENCH_LIMITS}"
    ),
    "German": rf"\b(?:antworte\w{{0,2}}|sprich|schreibe?|erklare?) {gap(4)}ohne {gap(3)}{_GERMAN_LIMITS}",
    "Italian": (
        rf"\b(?:rispond[ia]|parla|scrivi|spiega)\w{{0,3}} {gap(4)}senza {gap(2)}(?:restrizion|filtr|censur|"
        rf"limit|regol)\w{{1,3}}"
    ),
    "Portuguese": (
        rf"\b(?:respond[ae]|fal[ae]|escrev[ae]|expli(?:ca|que)) {gap(4)}sem {gap(2)}(?:restric|filtro|"
        rf"censura|limit|regra)\w{{0,4}}"
    ),
    "Russian": (
        rf"\b(?:отвечаи|ответь|говори|пиши)\w{{0,2}} {gap(4)}без {gap(3)}(?:ограничени|цензур|фильтр|"
        rf"правил)\w{{0,3}}"
    ),
    "Chinese": r"(?:不受|没有|沒有|無).{0,4}?(?:限制|约束|約束|审查|審查|过滤|過濾).{0,6}?(?:回答|回复|回覆|说话|說話)",
}
_MACHINE_WITHOUT_LIMITS = {
    "Spanish": rf"\b(?:como|eres) {gap(2)}(?:ia|asistente|modelo|chatbot) {gap(2)}sin {gap(2)}{_SPANISH_LIMITS}",
    "French": (
        rf"\b(?:comme|es|en tant qu'?) ?{gap(2)}(?:ia|assistant|modele|"
        rf"chatbot) {gap(2)}sans {gap(2)}{_FRENCH_LIMITS}"
    ),
    "German": rf"\b(?:bist|als|wie) {gap(3)}(?:ki|assistent|modell|chatbot) {gap(2)}ohne {gap(2)}{_GERMAN_LIMITS}",
}

MULTILINGUAL_JAILBREAK_RULES = (
    *(
        phrase(
            f"jailbreak.no_restrictions.{language.lower()}",
            "medium",
            f"The order to answer without restrictions, in {language}.",
            pattern,
        )
        for language, pattern in _WITHOUT_LIMITS.items()
    ),
    *(
        phrase(
            f"jailbreak.persona.{language.lower()}",
            "medium",
            f"A model described as having no rules, in {language}.",
            pattern,
        )
        for language, pattern in _MACHINE_WITHOUT_LIMITS.items()
    ),
)
