//! Texts and commands in lines that fit a terminal of eighty columns.

use terminal::table::width;

/// What everything fits in.
pub(super) const COLUMNS: usize = 80;

/// The lines of a text, each of at most `room` columns unless a word is wider: broken at spaces and
/// between Chinese characters, and no line begins with the end of a clause.
pub(super) fn folded(text: &str, room: usize) -> Vec<String> {
    filled(&pieces(text), room)
}

/// The same with an end that is never broken.
pub(super) fn folded_with(text: &str, end: &str, room: usize) -> Vec<String> {
    let mut pieces = pieces(text);
    pieces.push(Piece { gap: 2, text: end.into() });
    filled(&pieces, room)
}

/// The lines of a shell command, each but the last with the backslash that goes on. What stands in
/// single quotes stays whole, and so do an option with its value and a file with its arrow; in double
/// quotes a shell goes on over a backslash too.
pub(super) fn continued(command: &str, room: usize) -> Vec<String> {
    let mut words: Vec<Piece> = Vec::new();
    let mut quoted = false;
    for word in command.split(' ') {
        match words.last_mut() {
            Some(last) if quoted || belongs(&last.text, word) => {
                last.text.push(' ');
                last.text.push_str(word);
            }
            _ => words.push(Piece { gap: 1, text: word.into() }),
        }
        quoted ^= word.matches('\'').count() % 2 == 1;
    }
    // Two columns for the backslash, and room for the indentation of what follows.
    let mut lines = filled(&words, room.saturating_sub(2 + DEEPER.len()));
    let last = lines.len().saturating_sub(1);
    for (at, line) in lines.iter_mut().enumerate() {
        if at > 0 {
            line.insert_str(0, DEEPER);
        }
        if at < last {
            line.push_str(" \\");
        }
    }
    lines
}

/// Whether a word belongs on the line of what stands before it.
fn belongs(before: &str, word: &str) -> bool {
    let is_arrow = |word: &str| ["<", ">"].contains(&word);
    let is_option = before.starts_with("--") && !before.contains(' ') && !word.starts_with('-');
    is_option || is_arrow(word) || before.split(' ').next_back().is_some_and(is_arrow)
}

/// Before the second and every later line of a command.
const DEEPER: &str = "    ";

/// What is never broken, and the spaces before it.
#[derive(Debug)]
struct Piece {
    gap: usize,
    text: String,
}

fn filled(pieces: &[Piece], room: usize) -> Vec<String> {
    let (mut lines, mut line, mut taken) = (Vec::new(), String::new(), 0);
    for Piece { gap, text } in pieces {
        let wide = width(text);
        if !line.is_empty() && taken + gap + wide > room {
            lines.push(std::mem::take(&mut line));
            taken = 0;
        }
        if !line.is_empty() {
            line.push_str(&" ".repeat(*gap));
            taken += gap;
        }
        line.push_str(text);
        taken += wide;
    }
    lines.push(line);
    lines
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let (mut gap, mut before) = (0, ' ');
    for char in text.chars() {
        if char == ' ' {
            gap += 1;
            continue;
        }
        let between = (is_wide(before) || is_wide(char))
            && !CLOSING.contains(char)
            && !OPENING.contains(before);
        match pieces.last_mut() {
            Some(last) if gap == 0 && !between => last.text.push(char),
            _ => pieces.push(Piece { gap, text: char.into() }),
        }
        (gap, before) = (0, char);
    }
    pieces
}

fn is_wide(char: char) -> bool {
    width(char.encode_utf8(&mut [0; 4])) == 2
}

const CLOSING: &str = "，。；：、）」》？！〕”";
const OPENING: &str = "（「《〔“";

#[cfg(test)]
mod tests {
    use terminal::table::width;

    use super::{continued, folded, folded_with};

    #[test]
    fn a_text_is_broken_at_spaces_and_keeps_the_gaps_within_a_line() {
        assert_eq!(folded("AUC 0.84  KS 0.52", 80), ["AUC 0.84  KS 0.52"]);
        assert_eq!(folded("one two three", 8), ["one two", "three"]);
        assert_eq!(folded("a-word-that-is-too-wide b", 8), ["a-word-that-is-too-wide", "b"]);
        assert_eq!(folded("", 8), [""]);
    }

    #[test]
    fn chinese_is_broken_anywhere_but_before_the_end_of_a_clause() {
        let text = "各数据提供方只知道银行带来多少客户，不知道是哪些（PSI 之后也不知道）。";
        for room in 8..60 {
            let lines = folded(text, room);
            assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""), "{room}");
            for line in lines {
                assert!(width(&line) <= room + 4, "{room}: {line}");
                assert!(!line.starts_with(['，', '。', '）']), "{room}: {line}");
                assert!(!line.ends_with('（'), "{room}: {line}");
            }
        }
    }

    #[test]
    fn a_long_command_goes_on_over_backslashes_and_quotes_stay_whole() {
        let command = "tail -qn +2 on-tax.csv | awk '$1 == 3 {print $2}' > applicants.txt";
        let lines = continued(command, 40);
        assert!(lines.len() > 1 && lines[..lines.len() - 1].iter().all(|it| it.ends_with(" \\")));
        assert!(lines.iter().any(|line| line.contains("'$1 == 3 {print $2}'")), "{lines:?}");
        let again: Vec<_> = lines.iter().map(|it| it.trim_end_matches('\\').trim()).collect();
        assert_eq!(again.join(" "), command);
        assert_eq!(continued("tacit --help", 40), ["tacit --help"]);
        let lines = continued("tacit psi --register customers --result on-tax.csv", 32);
        assert_eq!(
            lines,
            ["tacit psi \\", "    --register customers \\", "    --result on-tax.csv"]
        );
    }

    #[test]
    fn an_end_stays_whole() {
        assert_eq!(folded_with("one two", "[4.0 ms]", 12), ["one two", "[4.0 ms]"]);
        assert_eq!(folded_with("one two", "[4.0 ms]", 20), ["one two  [4.0 ms]"]);
    }
}
