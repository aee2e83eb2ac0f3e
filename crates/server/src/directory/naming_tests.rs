//! A44: names that are refused, names that are kept, and names that look the same.

use proptest::prelude::*;

use super::*;

#[test]
fn a44_names_are_kept_in_one_form() {
    for (given, kept) in [
        ("Ada", "Ada"),
        ("  Ada   Lovelace  ", "Ada Lovelace"),
        ("Ada\u{a0}Lovelace\u{3000}", "Ada Lovelace"),
        ("Zoe\u{308}", "Zo\u{eb}"),
        ("Ольга", "Ольга"),
        ("עדה", "עדה"),
        ("李雷", "李雷"),
        ("Nguyễn Văn Ă", "Nguyễn Văn Ă"),
        ("👩🏽 Ada ❤\u{fe0f}", "👩🏽 Ada ❤\u{fe0f}"),
        ("O'Brien-Smith, jr. <b>", "O'Brien-Smith, jr. <b>"),
    ] {
        assert_eq!(check_name(given).as_deref(), Ok(kept), "{given:?}");
    }
    let longest = "x".repeat(NAME_CHARS_MAX);
    assert_eq!(check_name(&longest).as_deref(), Ok(&*longest));
}

#[test]
fn a44_what_cannot_be_seen_is_refused() {
    for (given, code) in [
        ("A\0da", 0),
        ("Ada\n", 0x0a),
        ("\x1b[31mAda", 0x1b),
        ("Ada\u{85}", 0x85),
        ("A\u{ad}da", 0xad),
        ("Ada\u{200b}", 0x200b),
        ("A\u{200d}da", 0x200d),
        ("\u{200e}Ada", 0x200e),
        ("\u{202e}adA", 0x202e),
        ("A\u{2060}da", 0x2060),
        ("\u{2066}Ada\u{2069}", 0x2066),
        ("\u{feff}Ada", 0xfeff),
        ("Ada\u{2028}", 0x2028),
        ("Ada\u{e000}", 0xe000),
        ("Ada\u{e0041}", 0xe0041),
        ("A\u{34f}da", 0x34f),
        ("\u{3164}", 0x3164),
        ("\u{2800}", 0x2800),
        ("Ada\u{fe01}", 0xfe01),
    ] {
        assert_eq!(check_name(given), Err(NameFault::Invisible(code)), "{given:?}");
    }
}

#[test]
fn a44_empty_long_and_piled_up_names_are_refused() {
    for given in ["", "   ", "\u{a0}\u{3000}", "\u{fe0f}"] {
        assert_eq!(check_name(given), Err(NameFault::Empty), "{given:?}");
    }
    for given in ["x".repeat(65), "👩".repeat(65), "ẞ̧̛".repeat(64), "x".repeat(1_000_000)] {
        assert_eq!(check_name(&given), Err(NameFault::TooLong), "{} bytes", given.len());
    }
    let zalgo = format!("Z{}", "\u{302}\u{327}\u{338}\u{31b}\u{337}".repeat(2));
    assert_eq!(check_name(&zalgo), Err(NameFault::TooManyMarks));
}

#[test]
fn a44_names_that_look_alike_share_a_key() {
    let collide = |a: &str, b: &str| name_keys(a).iter().any(|key| name_keys(b).contains(key));
    for (a, b) in [
        ("Ada", "ada"),
        ("Ada", "ADA"),
        ("ada", "\u{430}d\u{430}"),       // Cyrillic
        ("paypal", "p\u{430}yp\u{430}l"), // Cyrillic
        ("Ada", "A\u{501}a"),             // Komi De
        ("Ill", "lll"),
        ("admin", "adrnin"),
        ("Ada", "\u{ff21}\u{ff44}\u{ff41}"), // full width
        ("Ada", "𝐀𝐝𝐚"),                      // mathematical
        ("user0", "userO"),
        ("Ada", "Ada\u{fe0f}"),
        ("Zo\u{eb}", "Zoe\u{308}"),
    ] {
        assert!(collide(a, b), "{a:?} {b:?}: {:?} {:?}", name_keys(a), name_keys(b));
    }
    for (a, b) in [("Ada", "Adam"), ("Ada", "Äda"), ("user1", "user2"), ("Ada L", "AdaL"), ("李", "季")] {
        assert!(!collide(a, b), "{a:?} {b:?}: {:?} {:?}", name_keys(a), name_keys(b));
    }
}

#[test]
fn a_name_is_found_however_it_is_typed() {
    for typed in ["ada lovelace", " ADA  Lovelace ", "Ada\u{a0}Lovelace"] {
        assert_eq!(login_key(typed), name_keys("Ada Lovelace")[0], "{typed:?}");
    }
}

proptest! {
    #[test]
    fn a44_checking_a_name_twice_changes_nothing(given in "\\PC{0,80}|.{0,80}|[a-c \u{300}-\u{30f}\u{1100}-\u{11ff}]{0,30}") {
        if let Ok(name) = check_name(&given) {
            prop_assert_eq!(check_name(&name), Ok(name.clone()));
            prop_assert!(name.len() <= NAME_BYTES_MAX && name.graphemes(true).count() <= NAME_CHARS_MAX);
            prop_assert!(name_keys(&name).contains(&login_key(&name)));
            prop_assert!(name_keys(&name).iter().all(|key| !key.is_empty()));
        }
    }
}
