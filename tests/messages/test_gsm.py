import pytest

from hotline.messages import gsm


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("ä" * 160, 1),
        ("ß" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("ж" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_a_text_is_paid_for_by_its_alphabet_and_length(text, count):
    assert gsm.segments(text) == count


@pytest.mark.parametrize(
    ("typographic", "plain"),
    [
        ("„Größe“ – STRAẞE…", '"Größe" - STRASSE...'),
        ("Dvořák-Straße", "Dvorak-Straße"),
        ("9:30\N{NO-BREAK SPACE}Uhr", "9:30 Uhr"),
        ("Übergröße, Äpfel, Öl", "Übergröße, Äpfel, Öl"),
        ("garçon é", "garcon é"),
    ],
)
def test_what_the_alphabet_lacks_is_written_as_what_reads_the_same(typographic, plain):
    assert gsm.plain(typographic) == plain
    assert gsm.septets(plain) is not None


def test_another_script_stays_as_it_is():
    assert gsm.plain("Київ") == "Київ"
    assert gsm.septets("Київ") is None
