//! How much of a password is its owner's own: what is left when the words, keyboard runs, years and names are taken out that
//! guessing programs put together first, in whatever case and with digits and signs in the place of letters.

/// Words that lists of passwords begin with, and the names of this service, its city and its offices. The blocklist's own
/// entries are looked for as well.
const WORDS: &[&str] = &[
    "admin",
    "root",
    "user",
    "test",
    "guest",
    "demo",
    "login",
    "pass",
    "word",
    "welcome",
    "hello",
    "secret",
    "change",
    "default",
    "temp",
    "initial",
    "master",
    "dragon",
    "monkey",
    "summer",
    "winter",
    "spring",
    "autumn",
    "love",
    "woaini",
    "mima",
    "liaison",
    "duikou",
    "lianxi",
    "shaoguan",
    "guangdong",
    "tongzhan",
    "tongzhanbu",
    "zhengfu",
    "zhengxie",
    "minzhu",
    "danpai",
    "zhongguo",
    "china",
    "beijing",
    "coordinator",
    "government",
    "office",
    "department",
    "party",
    "security",
    "auditor",
    "韶关",
    "广东",
    "中国",
    "对口联系",
    "统战部",
    "密码",
];

/// Rows and columns of the keyboard, letters and digits in their order; backwards, too.
const RUNS: &[&str] = &[
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "!@#$%^&*()",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "qazwsxedcrfvtgbyhnujmikol",
    "!qaz@wsx#edc$rfv%tgb^yhn&ujm",
];

/// Shorter pieces of a run or a repetition happen by chance.
const LEAST_RUN: usize = 3;

/// Shorter parts of a name are in too many words.
const LEAST_NAME: usize = 4;

/// Letters and digits of a password (in small letters) that are not among what is guessed first; `names` are its owner's.
pub fn own_chars<'a>(lower: &str, blocklist: impl Iterator<Item = &'a str>, names: &'a str) -> usize {
    let password: Vec<char> = lower.chars().collect();
    let names = names.split(|c: char| !c.is_alphanumeric());
    let words: Vec<Vec<char>> = blocklist
        .chain(WORDS.iter().copied())
        .chain(names.filter(|name| name.chars().count() >= LEAST_NAME))
        .map(|word| word.chars().collect())
        .collect();
    let runs: Vec<Vec<char>> = RUNS
        .iter()
        .flat_map(|run| [run.chars().collect(), run.chars().rev().collect()])
        .collect();
    let (mut at, mut own) = (0, 0);
    while at < password.len() {
        let rest = &password[at..];
        let known = words
            .iter()
            .filter(|word| begins_with(rest, word))
            .map(Vec::len)
            .chain(runs.iter().map(|run| length_of_run(rest, run)))
            .chain([repeated(rest), year(rest)])
            .max()
            .unwrap_or(0);
        own += usize::from(known == 0 && rest[0].is_alphanumeric());
        at += known.max(1);
    }
    own
}

fn begins_with(text: &[char], word: &[char]) -> bool {
    text.len() >= word.len() && text.iter().zip(word).all(|(c, letter)| stands_for(*c, *letter))
}

/// Whether a character is a letter, or the digit or sign that people put in its place.
fn stands_for(c: char, letter: char) -> bool {
    c == letter
        || matches!(
            (c, letter),
            ('0', 'o')
                | ('1' | '!', 'i' | 'l')
                | ('2', 'z')
                | ('3', 'e')
                | ('4' | '@', 'a')
                | ('5' | '$', 's')
                | ('6' | '9', 'g')
                | ('7', 't')
                | ('8', 'b')
        )
}

/// How much of a run the text begins with, wherever in the run that is.
fn length_of_run(text: &[char], run: &[char]) -> usize {
    let common = |part: &[char]| text.iter().zip(part).take_while(|(a, b)| a == b).count();
    let longest = (0..run.len()).map(|from| common(&run[from..])).max();
    longest.filter(|length| *length >= LEAST_RUN).unwrap_or(0)
}

/// How often the first character follows itself.
fn repeated(text: &[char]) -> usize {
    let length = text.iter().take_while(|c| **c == text[0]).count();
    if length >= LEAST_RUN { length } else { 0 }
}

/// The four digits of a year that somebody may have been born in or lives in.
fn year(text: &[char]) -> usize {
    match text {
        ['1', '9', a, b, ..] | ['2', '0', a, b, ..] if a.is_ascii_digit() && b.is_ascii_digit() => 4,
        _ => 0,
    }
}
