"""List the commonest phrase of prompt injection, "ignore previous instructions", in languages other than English.

Patterns are written without accents, because normalisation drops those of Latin and Cyrillic letters.
"""

from __future__ import annotations

from crucible_core.stages.guardrails.phrase import gap, phrase

_SPANISH = (
    rf"\b(?:ignor[ae]n?|olvid[ae]n?|descart[ae]|omit[ae]|hagas? caso omiso de) {gap(4)}(?:instrucciones|reglas|"
    rf"indicaciones|ordenes|directrices) {gap(2)}(?:anteriores|previas|precedentes|iniciales|de arriba)\b"
)
_FRENCH = (
    rf"\b(?:ignore[zr]?|oublie[zr]?|ne (?:tiens|tenez) (?:pas|plus|aucun) compte de) {gap(4)}(?:instructions|consignes|"
    rf"regles|directives|ordres) {gap(2)}(?:precedentes?|anterieure?s?|initiales|ci-dessus|d'avant)\b"
)
_GERMAN = (
    rf"\b(?:ignorier\w{{0,4}}|vergiss|vergesst|vergessen sie|missachte\w{{0,2}}|"
    rf"uberge\w{{0,3}}) {gap(4)}(?:vorherig|bisherig|"
    rf"fruher|obig|vorangegangen|vorig|vorangehend)\w{{0,3}} {gap(1)}(?:anweisung|instruktion|regel|"
    rf"vorgabe|befehl)\w{{0,3}}"
)
_ITALIAN = (
    rf"\b(?:ignora\w{{0,3}}|dimentica\w{{0,3}}|tralascia\w{{0,3}}) {gap(4)}(?:istruzioni|regole|"
    rf"indicazioni|direttive) {gap(2)}"
    r"(?:precedenti|anteriori|iniziali|di prima|sopra)\b"
)
_PORTUGUESE = (
    rf"\b(?:ignor[ae]m?|esquec[ae]m?|desconsider[ae]m?) {gap(4)}(?:instrucoes|regras|orientacoes|"
    rf"diretrizes|ordens) {gap(2)}"
    r"(?:anteriores|previas|acima|iniciais)\b"
)
_DUTCH = (
    rf"\b(?:negeer|vergeet) {gap(4)}(?:vorige|eerdere|voorgaande|bovenstaande) {gap(1)}"
    r"(?:instructies|opdrachten|regels|aanwijzingen)\b"
)
_POLISH = (
    rf"\b(?:z?ignoruj|zapomnij|pomin)\w{{0,3}} {gap(4)}(?:poprzedni|wczesniejsz|powyzsz)\w{{0,4}} {gap(1)}"
    r"(?:instrukcj|polecen|zasad|wytyczn)\w{0,4}"
)
_TURKISH = (
    rf"\b(?:onceki|yukaridaki) {gap(2)}(?:talimat|komut|kural)\w{{0,8}} {gap(2)}(?:yok say|gormezden gel|"
    rf"unut|dikkate alma)"
)
_RUSSIAN = (
    rf"\b(?:(?:про)?игнорируи|забудь|отбрось)\w{{0,3}} {gap(4)}(?:предыдущ|прежн|прошл|вышеуказанн)\w{{0,4}} {gap(1)}"
    r"(?:инструкц|указан|правил|команд)\w{0,4}"
)
_CHINESE = (
    r"(?:忽略|无视|無視|忘记|忘記|忽視|不要理会).{0,8}?(?:之前|以上|上面|先前|前面).{0,8}?"
    r"(?:指令|指示|提示|规则|規則|命令)"
)
_JAPANESE = r"(?:これまで|以前|上記|今まで|前)の.{0,8}?(?:指示|命令|ルール|プロンプト).{0,8}?(?:無視|忘れ)"
_KOREAN = r"(?:이전|위의|앞선|앞의).{0,8}?(?:지시|명령|지침|프롬프트).{0,8}?(?:무시|잊)"

_PATTERNS = {
    "Spanish": _SPANISH,
    "French": _FRENCH,
    "German": _GERMAN,
    "Italian": _ITALIAN,
    "Portuguese": _PORTUGUESE,
    "Dutch": _DUTCH,
    "Polish": _POLISH,
    "Turkish": _TURKISH,
    "Russian": _RUSSIAN,
    "Chinese": _CHINESE,
    "Japanese": _JAPANESE,
    "Korean": _KOREAN,
}

MULTILINGUAL_INJECTION_RULES = tuple(
    phrase(
        f"prompt_injection.ignore_previous_instructions.{language.lower()}",
        "high",
        f"An order to drop earlier instructions, in {language}.",
        pattern,
    )
    for language, pattern in _PATTERNS.items()
)
