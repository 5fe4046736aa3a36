"""Keys by name: what can be bound, what is refused and why, and how it is told."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from textual.binding import Binding
from textual.keys import _character_to_key

from btfview import tui
from btfview.keymap.keymap import DEFAULT, SETS, Keymap, read_keymap
from btfview.keymap.names import KeyNameError, key_name, shown_key
from btfview.keymap.places import CHAINS, PLACES, all_names
from btfview.keymap.table import KEYS


def test_every_binding_of_the_screen_has_a_name() -> None:
    unnamed = []
    for module in pkgutil.walk_packages(tui.__path__, f"{tui.__name__}."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, type) and value.__module__ == module.name:
                for one in value.__dict__.get("BINDINGS", ()):
                    assert isinstance(one, Binding)
                    if one.id not in all_names():
                        unnamed.append((name, one.key))
    assert not unnamed


def test_every_place_is_in_a_chain() -> None:
    assert {place for chain in CHAINS for place in chain} == PLACES.keys()


@pytest.mark.parametrize("char", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~aZ5ä")
def test_a_character_has_the_name_that_textual_gives_it(char: str) -> None:
    assert key_name(char) == _character_to_key(char)
    assert shown_key(key_name(char)) == char


@pytest.mark.parametrize("key_set", SETS)
def test_no_set_has_one_key_for_two_actions(key_set: str) -> None:
    assert read_keymap(key_set, {}) == (Keymap(SETS[key_set]), ())


@pytest.mark.parametrize(
    ("bound", "said"),
    [
        pytest.param({"complie": "x"}, 'no action is called "complie"; did you mean compile?', id="name"),
        pytest.param({"quit": "x"}, "x is the key of quit and of export: bind one of them anew", id="taken"),
        pytest.param({"list.first": ["g", "f3"]}, "g is the key of list.first and of generate", id="pane"),
        pytest.param({"leave": "x"}, "is text where this is used", id="typed"),
        pytest.param({"fix": "ctrl+c"}, "nothing else can be bound to it: it copies", id="reserved"),
        pytest.param({"fix": "ctrl+i"}, "a terminal sends the same as for tab", id="same"),
        pytest.param({"fix": "hyper+f"}, "there is no modifier hyper", id="modifier"),
        pytest.param({"fix": "ctrl+nokey"}, "a key is a character", id="unknown"),
        pytest.param({"fix": ""}, "is empty; [] is no key at all", id="empty"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_and_has_its_default(bound: dict[str, object], said: str) -> None:
    keymap, wrong = read_keymap("both", bound)
    assert [one.name for one in wrong] == list(bound)
    assert said in wrong[0].text
    assert keymap == DEFAULT


def test_two_may_swap_their_keys() -> None:
    keymap, wrong = read_keymap("both", {"compile": "w", "watch": "r", "fix": []})
    assert not wrong
    assert keymap.for_textual == {"compile": "w", "watch": "r", "fix": "none"}


def test_a_name_left_out_that_another_counted_on_leaves_that_out_too() -> None:
    keymap, wrong = read_keymap("both", {"compile": "no such key", "watch": "r"})
    assert [one.name for one in wrong] == ["compile", "watch"]
    assert keymap == DEFAULT


def test_hints_tell_the_keys_that_are_in_force() -> None:
    keymap, _ = read_keymap("arrows", {"next": "f7", "generate": "ctrl+g"})
    assert keymap.told("j k", "workbench") == "↓ ↑"
    assert keymap.told("[ ]", "workbench") == "[ f7"
    assert keymap.told("g", "structs") == keymap.told("g", "browser list") == "ctrl+g"
    assert keymap.told("h l", "cell list") == "← →"
    with pytest.raises(KeyNameError):
        key_name("two words")


def test_every_key_that_is_shown_is_one_of_its_own() -> None:
    assert not [key.id for key in KEYS if not set(key.shown.split()) & set(DEFAULT.written(key.id).split())]


def test_names_may_stand_in_tables_of_a_configuration() -> None:
    """``generate = "x"`` and ``generate.insert = "y"`` could not, for TOML."""
    names = all_names()
    assert not [name for name in names if any(other.startswith(f"{name}.") for other in names)]
