//! Full text as it is made and asked for, without a database.

use liaison::search::highlight::highlight;
use liaison::search::{Vector, Weight, Words};
use proptest::prelude::*;

const TEXT: &str = "关于修缮骑楼街区、开通校车与5G网络的建议：2026年起将A类项目交㐀村、𠮷洞办理";

fn finds(typed: &str, text: &str) -> bool {
    Words::of(typed).stand_in([text])
}

#[test]
fn every_two_characters_in_a_row_are_found() {
    let characters: Vec<char> = TEXT.chars().collect();
    let mut pairs = 0;
    let is_word = |pair: &&[char]| pair.iter().all(|one| one.is_alphabetic() && !one.is_ascii());
    for pair in characters.windows(2).filter(is_word) {
        let word: String = pair.iter().collect();
        let lexeme = format!("'{}':", word.to_lowercase());
        let vector = Vector::default().with(TEXT, Weight::A);
        assert!(finds(&word, TEXT), "{word}");
        assert!(vector.as_str().contains(&lexeme), "{word}");
        pairs += 1;
    }
    assert_eq!(pairs, 25);
}

#[test]
fn words_of_any_length_and_script_are_found() {
    for found in [
        "骑",
        "骑楼",
        "骑楼街",
        "修缮骑楼街区",
        "5G",
        "5g网络",
        "２０２６年",
        "2026",
        "Ａ类",
        "a类项目",
        "㐀",
        "㐀村",
        "𠮷洞",
        "校车 骑楼",
        "校车，骑楼",
        "《校车》",
        "骑楼 & 校车 | !楼",
        "校车:*",
        "骑楼' OR '1",
    ] {
        // The last three are words and signs that no text has: what is a word in them has to stand there, signs do not.
        let expected = !found.contains("OR");
        assert_eq!(finds(found, TEXT), expected, "{found}");
    }
    for missing in [
        "楼骑",
        "街校",
        "街区开通",
        "车校",
        "26年",
        "202",
        "G网络",
        "校车 公园",
    ] {
        assert!(!finds(missing, TEXT), "{missing}");
    }
}

#[test]
fn without_letters_or_digits_there_is_nothing_to_find() {
    for typed in ["", "  ", "！？——“”", "&|!():*<->", "'", "\u{200b}"] {
        assert!(Words::of(typed).is_empty(), "{typed}");
        assert!(!finds(typed, TEXT), "{typed}");
    }
}

#[test]
fn queries_hold_quoted_words_alone() {
    let words = Words::of("骑楼街区 & 'A类' | !x:* <-> \\");
    assert_eq!(words.lexemes(), "('骑楼' & '楼街' & '街区') & ('a类') & ('x')");
    assert_eq!(
        words.in_order().as_deref(),
        Some("('骑楼' <-> '楼街' <-> '街区') & ('a类') & ('x')")
    );
    assert_eq!(Words::of("骑楼 校车 骑楼").in_order(), None);
    assert_eq!(Words::of("骑楼").exact_of_author(), "('骑楼':AB)");
}

#[test]
fn texts_do_not_run_into_each_other() {
    let vector = Vector::default().with("骑", Weight::A).with("楼", Weight::B);
    assert_eq!(vector.as_str(), "'骑':4A '楼':7B ");
    assert!(!Words::of("骑楼").stand_in(["骑", "楼"]));
    assert!(Words::of("骑楼 校车").stand_in(["骑楼", "校车"]));
}

#[test]
fn hits_are_shown_in_pieces() {
    let shown = |typed: &str, text: &str| {
        highlight("title", text, &Words::of(typed)).map(|highlight| {
            let pieces = highlight.pieces.into_iter();
            let marked = pieces.map(|piece| {
                if piece.hit {
                    format!("[{}]", piece.text)
                } else {
                    piece.text
                }
            });
            marked.collect::<String>()
        })
    };
    assert_eq!(
        shown("骑楼 楼街", "修缮骑楼街区").as_deref(),
        Some("修缮[骑楼街]区")
    );
    assert_eq!(
        shown("5G", "开通５Ｇ网络，5g基站").as_deref(),
        Some("开通[５Ｇ]网络，[5g]基站")
    );
    assert_eq!(shown("<b>", "<b>加粗</b>").as_deref(), Some("<[b]>加粗</[b]>"));
    assert_eq!(shown("公园", "修缮骑楼街区"), None);
    let long = format!("{}骑楼{}", "前".repeat(300), "后".repeat(300));
    let excerpt = shown("骑楼", &long).expect("a hit");
    assert_eq!(excerpt, format!("…{}[骑楼]{}…", "前".repeat(24), "后".repeat(94)));
}

proptest! {
    /// Any text at all: a vector that can be quoted, and whatever of it is asked for is found again.
    #[test]
    fn what_stands_in_a_text_is_found(text in "\\PC{0,60}", from in 0usize..60, length in 1usize..6) {
        let vector = Vector::default().with(&text, Weight::B);
        prop_assert_eq!(vector.as_str().matches('\'').count() % 2, 0);
        prop_assert!(!vector.as_str().contains('\\'));
        let han: String = text.chars().filter(|one| matches!(one, '\u{4e00}'..='\u{9fff}')).collect();
        let part: String = han.chars().skip(from).take(length).collect();
        if !part.is_empty() {
            prop_assert!(Words::of(&part).stand_in([han.as_str()]));
            prop_assert!(highlight("title", &han, &Words::of(&part)).is_some());
        }
    }

    /// Pieces put together are the text.
    #[test]
    fn pieces_are_the_text(text in "[骑楼校车，a1 ]{1,100}", typed in "[骑楼校车a1]{1,3}") {
        if let Some(highlight) = highlight("title", &text, &Words::of(&typed)) {
            let whole: String = highlight.pieces.iter().map(|piece| piece.text.as_str()).collect();
            prop_assert_eq!(whole, text);
        }
    }
}
