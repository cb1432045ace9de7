import pytest

from hotline.speech.vocabulary.phones import PronunciationError, from_ipa, parse


@pytest.mark.parametrize(
    ("ipa", "phones"),
    [
        ("ʃ_t_ɾ_ˈɑː_s_ə", "S t R a: s @"),
        ("ˈuː_ɾ", "u: 6"),
        ("b_ˈa_ŋ_k", "b a N k"),
        ("d_??_ç", "d U 6 C"),
        ("h_ˈɑː_f_ə_n_s_ɪ_t_i", "h a: f @ n s I t i:"),
    ],
)
def test_what_espeak_prints_becomes_phones_of_the_net(ipa, phones):
    assert " ".join(from_ipa(ipa)) == phones


def test_a_typed_phone_that_the_net_does_not_know_is_named():
    with pytest.raises(PronunciationError, match="„q“ gibt es nicht"):
        parse("v a q")


def test_a_phone_said_twice_is_heard_once():
    assert parse("S t a t t aI l") == ("S", "t", "a", "t", "aI", "l")
