//! When two texts are the same, and by what a text is found.

use super::{is_invisible, shows_nothing};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// CJK Radicals Supplement (U+2E80–2EF3), which PDF files are full of, each before the ideograph that it looks like:
/// `Equivalent_Unified_Ideograph` of Unicode. Kangxi radicals (U+2F00–2FD5) are compatibility forms, which NFKC folds.
pub const RADICALS: &str = "\
⺁厂⺂乛⺃乚⺄乙⺅亻⺆冂⺇𠘨⺈刀⺉刂⺊卜⺋㔾⺌小⺍小⺎兀⺏尣⺐尢⺑𡯂⺒巳⺓幺⺔彑⺕彐⺖忄⺗心⺘扌⺙攵⺛旡⺜日⺝月⺞歺⺟母⺠民⺡氵⺢氺⺣灬\
⺤爫⺥爫⺦丬⺧牛⺨犭⺩王⺪𤴔⺫目⺬示⺭礻⺮𥫗⺯糹⺰纟⺱罓⺲罒⺳㓁⺴冗⺵𦉫⺶羊⺷𦍌⺸𦍋⺹耂⺺肀⺻聿⺼肉⺽𦥑⺾艹⺿艹⻀艹⻁虎⻂衤⻃覀⻄西\
⻅见⻆角⻇𧢲⻈讠⻉贝⻊𧾷⻋车⻌辶⻍辶⻎辶⻏邑⻐钅⻑長⻒镸⻓长⻔门⻕𨸏⻖阝⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻞𩙿⻟飠⻠饣⻡𩠐⻢马⻣骨⻤鬼⻥鱼⻦鸟\
⻧卤⻨麦⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱龜⻲亀⻳龟";

fn pairs(text: &str) -> impl Iterator<Item = (char, char)> {
    let firsts = text.chars().step_by(2);
    firsts.zip(text.chars().skip(1).step_by(2))
}

/// The ideograph in the place of a radical; any other character as it is.
pub fn radical(c: char) -> char {
    static FOLDED: LazyLock<Vec<char>> = LazyLock::new(|| {
        let mut folded: Vec<char> = ('\u{2e80}'..='\u{2eff}').collect();
        for (from, to) in pairs(RADICALS) {
            folded[from as usize - 0x2e80] = to;
        }
        folded
    });
    match c {
        '\u{2e80}'..='\u{2eff}' => FOLDED[c as usize - 0x2e80],
        _ => c,
    }
}

/// Ideographs that may be traditional; what lies beyond is too rare to be folded.
const IDEOGRAPHS: std::ops::RangeInclusive<char> = '\u{3400}'..='\u{9fff}';

/// The simplified character in the place of a traditional one, for finding alone: several may become one.
pub fn simplified(c: char) -> char {
    static FOLDED: LazyLock<Vec<char>> = LazyLock::new(|| {
        let mut folded: Vec<char> = IDEOGRAPHS.collect();
        for line in include_str!("simplified.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
        {
            for (from, to) in pairs(line) {
                folded[from as usize - 0x3400] = to;
            }
        }
        folded
    });
    match IDEOGRAPHS.contains(&c) {
        true => FOLDED[c as usize - 0x3400],
        false => c,
    }
}

/// The characters that are compared as one with this one, where there are others.
pub fn alike(c: char) -> &'static [char] {
    static ALIKE: LazyLock<HashMap<char, Vec<char>>> = LazyLock::new(|| {
        let mut alike: HashMap<char, Vec<char>> = HashMap::new();
        for traditional in IDEOGRAPHS.filter(|c| simplified(*c) != *c) {
            let simple = simplified(traditional);
            alike
                .entry(simple)
                .or_insert_with(|| vec![simple])
                .push(traditional);
        }
        alike
    });
    ALIKE.get(&simplified(c)).map_or(&[], Vec::as_slice)
}

/// Without anything that shows nothing, white space included, and in compatibility form: as numbers and addresses are read,
/// however wide they were typed.
pub fn bare(text: &str) -> String {
    let seen = text.chars().filter(|c| !is_invisible(*c));
    seen.nfkc().filter(|c| !shows_nothing(*c)).collect()
}

/// What two texts that look the same have in common: unique things are unique by it. As the database has it: `text_key`.
pub fn key(text: &str) -> String {
    bare(text).chars().map(radical).map(lower).collect()
}

/// One for one: of İ the i alone.
fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// What a text has in common with the words that find it in a list of names.
pub fn folded(text: &str) -> String {
    key(text).chars().map(simplified).collect()
}

/// Whether words stand in a text, as in a list of names.
pub fn mentions(text: &str, words: &str) -> bool {
    folded(text).contains(&folded(words))
}

/// A password as it is hashed: NFKC, as NIST SP 800-63B §3.1.1.2 wants it, so that it is the same from every keyboard.
pub fn password(typed: &str) -> Cow<'_, str> {
    match typed.is_ascii() {
        true => Cow::Borrowed(typed),
        false => Cow::Owned(typed.nfkc().collect()),
    }
}
