//! Showing a place of a text.

use std::ops::Range;

use unicode_width::UnicodeWidthChar;

/// Columns shown before the place and from its start.
const BEFORE: usize = 40;
const AFTER: usize = 40;

/// The line of `text` in which the place begins, and a line with a caret under each of its columns.
///
/// Chinese characters and full-width signs take two columns: under those before the place stands an
/// ideographic space, so that the carets are right wherever such characters are as wide as one
/// another. What a terminal would act on is shown as a replacement character; of a long line the
/// stretch around the place is shown. Quotes like “ that some screens draw wide count as narrow. A place off the bounds of characters begins at the one before.
#[must_use]
pub fn caret(text: &str, place: &Range<usize>) -> String {
    let start = floor(text, place.start);
    let end = floor(text, place.end).max(start);
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);

    let before: Vec<char> = text[line_start..start].chars().map(shown).collect();
    let from = fitting(before.iter().rev().copied(), BEFORE);
    let before = &before[before.len() - from..];
    let rest: Vec<char> = text[start..line_end].chars().map(shown).collect();
    let rest = &rest[..fitting(rest.iter().copied(), AFTER)];
    let marked = text[start..end.min(line_end)].chars().count().min(rest.len());

    let cut = |is_cut: bool| if is_cut { "…" } else { "" };
    let cut_before = text[line_start..start].chars().count() > before.len();
    let cut_after = text[start..line_end].chars().count() > rest.len();
    let under = |letter: &char| if width(*letter) == 2 { '\u{3000}' } else { ' ' };
    let columns: usize = rest[..marked].iter().copied().map(width).sum();
    format!(
        "{}{}{}{}\n{}{}{}",
        cut(cut_before),
        before.iter().collect::<String>(),
        rest.iter().collect::<String>(),
        cut(cut_after),
        if cut_before { " " } else { "" },
        before.iter().map(under).collect::<String>(),
        "^".repeat(columns.max(1)),
    )
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// How many of the characters fit into so many columns.
fn fitting(letters: impl Iterator<Item = char>, columns: usize) -> usize {
    letters
        .scan(0, |taken, letter| {
            *taken += width(letter);
            Some(*taken)
        })
        .take_while(|taken| *taken <= columns)
        .count()
}

/// Every character in one or two columns: those of none would hide under their neighbours.
fn shown(letter: char) -> char {
    match letter {
        '\t' => ' ',
        letter if letter.width().is_none_or(|width| width == 0) => '\u{fffd}',
        letter => letter,
    }
}

fn width(letter: char) -> usize {
    letter.width().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::caret;

    #[test]
    fn the_caret_stands_under_the_place_in_columns() {
        assert_eq!(caret("a 且 b", &(2..5)), "a 且 b\n  ^^");
        assert_eq!(caret("税务 x", &(7..8)), "税务 x\n\u{3000}\u{3000} ^");
        assert_eq!(caret("（a", &(3..4)), "（a\n\u{3000}^");
        assert_eq!(caret("ab", &(2..2)), "ab\n  ^");
        assert_eq!(caret("", &(0..0)), "\n^");
        assert_eq!(caret("one\n二 two\nthree", &(8..11)), "二 two\n\u{3000} ^^^");
        // A place within a character, or beyond the text, is no reason to panic.
        assert_eq!(caret("税", &(1..2)), "税\n^");
        assert_eq!(caret("a", &(7..9)), "a\n ^");
    }

    #[test]
    fn nothing_that_a_terminal_acts_on_is_shown_and_long_lines_are_cut() {
        let shown = caret("\u{1b}[2J\u{200b}x\ty", &(8..9));
        assert_eq!(shown, "\u{fffd}[2J\u{fffd}x y\n      ^");
        let long = format!("{}!{}", "税".repeat(100), "b".repeat(100));
        let shown = caret(&long, &(300..301));
        let (line, under) = shown.split_once('\n').unwrap();
        assert_eq!(line, format!("…{}!{}…", "税".repeat(20), "b".repeat(39)));
        assert_eq!(under, format!(" {}^", "\u{3000}".repeat(20)));
    }
}
