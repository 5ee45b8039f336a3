"""What needs no knowledge is recognised, and a question is never taken for it."""

import pytest

from bot.agent.language import is_other_language
from bot.agent.small_talk import is_emoji_only, is_empty, is_greeting, is_thanks, wants_person

WISHES = [
    "talk to a human",
    "Can I talk to a human please?",
    "get me someone",
    "get me a human",
    "I want to speak to a real person",
    "I'd like to talk to someone from support",
    "I’d rather speak with an agent",
    "Could you connect me with a human agent?",
    "please transfer me to a support agent",
    "human please",
    "agent",
    "Is there a real person here?",
    "I need a human",
    "Can you get someone to look at this? please get me someone from the team",
    "hi, can I speak with someone about my invoice?",
    "put me through to support",
    "This is not helping. I want to talk to a person",
    "please escalate this",
    "can you escalate my ticket?",
    "hand this over to a person please",
    "get a person",
    "How can I reach a human?",
    "I tried everything on the page, twice, restarted the hub, waited ten minutes, and the ring is still red, and "
    "nothing in the app tells me why. This is the third time this week. Please let me talk to a person.",
    "contact support please",
    "let me talk to somebody",
    "I want a human, now!",
]
NO_WISHES = [
    "",
    "How do I add a person to my team?",
    "How do I invite someone to my board?",
    "Can people outside my company see a shared board?",
    "How do I talk to customers through the chat widget?",
    "How can I contact my team members?",
    "What is the support agent role?",
    "How do I remove an agent?",
    "Can I transfer a project to someone else?",
    "How do I connect to the agent API?",
    "Who can see my invoices?",
    "What are your support hours?",
    "The person who set this up has left, how do I get admin rights?",
    "how do I get someone's calendar into the app",
    "can I ask for a refund?",
    "what is the escalation policy?",
    "Does the human resources export include salaries?",
    "how do I talk to the API",
    "call forwarding does not work",
    "reach of my posts fell",
    "I need someone's approval to publish, where do I ask for it?",
]
THANKS = [
    "thanks",
    "Thank you!",
    "thx :+1:",
    "Thanks a lot, that worked!",
    "thank you so much for the quick help",
    "perfect, thanks",
    "ok thanks",
    "Cheers mate",
    "That solved it, thank you!",
    "thanks, that's exactly what I needed :tada:",
    "much appreciated",
    "ty",
    "Great, it works now, thanks again everyone",
]
NO_THANKS = [
    "",
    "thanks but it still fails",
    "Thanks, but how do I do that on mobile?",
    "thanks, and the other one?",
    "thanks in advance",
    "Thanks for nothing",
    "no thanks",
    "thanks, that did not help",
    "thanks it doesn't work",
    "thanks, still broken",
    "how do I send a thank you mail?",
    "thanks! Next question: where is the export",
    "it works",
    "great",
    "thanks, I will try that tomorrow",
]


@pytest.mark.parametrize("text", WISHES)
def test_a_wish_for_a_person_is_heard(text: str) -> None:
    assert wants_person(text)


@pytest.mark.parametrize("text", [*NO_WISHES, *THANKS, *NO_THANKS])
def test_a_question_about_people_is_no_wish_for_one(text: str) -> None:
    assert not wants_person(text)


@pytest.mark.parametrize("text", THANKS)
def test_thanks_and_nothing_else_is_thanks(text: str) -> None:
    assert is_thanks(text)


@pytest.mark.parametrize("text", [*NO_THANKS, *WISHES, *NO_WISHES])
def test_whatever_might_still_be_open_is_no_thanks(text: str) -> None:
    assert not is_thanks(text)


@pytest.mark.parametrize("text", ["hi", "Hello!", "hey there", "good morning everyone", "Hi bot, how are you?", "help"])
def test_a_bare_hello_is_a_greeting(text: str) -> None:
    assert is_greeting(text)


@pytest.mark.parametrize(
    "text",
    ["hi, how do I export?", "hello world app fails", "morning report is missing", "", "help with billing", "there"],
)
def test_a_hello_before_a_question_is_a_question(text: str) -> None:
    assert not is_greeting(text)


@pytest.mark.parametrize("text", [":tada:", ":+1::skin-tone-3: :wave:", "🎉🎉", "👍🏽", "❤️ ☀"])
def test_emoji_alone_are_told_from_words(text: str) -> None:
    assert is_emoji_only(text)
    assert not is_empty(text)


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "???", "…", "-- ! --"])
def test_what_holds_no_words_is_empty(text: str) -> None:
    assert is_empty(text)
    assert not is_emoji_only(text)


@pytest.mark.parametrize("text", ["why :thinking_face:", "C#", "如何重置密码", "42", "🎉 how?"])
def test_any_word_in_any_script_is_not_empty(text: str) -> None:
    assert not is_empty(text)
    assert not is_emoji_only(text)


@pytest.mark.parametrize(
    "text",
    [
        "Wie kann ich mein Passwort zurücksetzen?",
        "Comment puis-je réinitialiser mon mot de passe ?",
        "¿Cómo puedo restablecer la contraseña de mi cuenta?",
        "Come posso cambiare la mia password?",
        "Como posso mudar o meu plano?",
        "Hoe kan ik mijn wachtwoord wijzigen?",
        "如何重置密码",
        "как сбросить пароль",
        "كيف أعيد تعيين كلمة المرور",
        "パスワードを忘れました",
    ],
)
def test_another_language_is_recognised(text: str) -> None:
    assert is_other_language(text)


@pytest.mark.parametrize(
    "text",
    [
        "How do I reset my password?",
        "reset password",
        "export csv",
        "Can I do a la carte billing in the app?",
        "What does 'die Rechnung' mean on my invoice?",
        "El Paso office address",
        "2FA",
        "naïve café settings",
    ],
)
def test_english_and_short_texts_count_as_english(text: str) -> None:
    assert not is_other_language(text)
