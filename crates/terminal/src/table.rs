//! Tables and lists for a terminal, in columns that fit Chinese and English alike.

use domain::Text;

use crate::Language;

/// A table: heads, then rows of cells that are already words.
#[derive(Debug)]
pub struct Table {
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
    right: Vec<bool>,
}

impl Table {
    /// An empty table with these heads.
    pub fn new(language: Language, heads: &[Text]) -> Self {
        let heads: Vec<String> = heads.iter().map(|head| language.words(head).to_owned()).collect();
        let right = vec![false; heads.len()];
        Self { heads, rows: Vec::new(), right }
    }

    /// Puts the numbers of these columns to the right.
    #[must_use]
    pub fn right(mut self, columns: &[usize]) -> Self {
        for column in columns {
            self.right[*column] = true;
        }
        self
    }

    /// Adds a row, a cell a head.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Whether it has no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lines to print, without spaces at their ends.
    pub fn lines(&self) -> Vec<String> {
        let widths: Vec<usize> = (0..self.heads.len())
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells.chain([&self.heads[column]]).map(|cell| width(cell)).max().unwrap_or(0)
            })
            .collect();
        let line = |cells: &Vec<String>| {
            let mut line = String::new();
            for ((cell, wide), right) in cells.iter().zip(&widths).zip(&self.right) {
                let gap = " ".repeat(wide - width(cell));
                let cell = if *right { gap + cell } else { format!("{cell}{gap}") };
                line.push_str(&cell);
                line.push_str("  ");
            }
            line.truncate(line.trim_end().len());
            line
        };
        [&self.heads].into_iter().chain(&self.rows).map(line).collect()
    }
}

/// A list of named values: one line each, the values below one another.
pub fn list(language: Language, entries: &[(Text, String)]) -> Vec<String> {
    let name = |entry: &(Text, String)| language.words(&entry.0).to_owned();
    let widest = entries.iter().map(|entry| width(&name(entry))).max().unwrap_or(0);
    let line = |entry: &(Text, String)| {
        let name = name(entry);
        format!("{name}{}  {}", " ".repeat(widest - width(&name)), entry.1)
    };
    entries.iter().map(line).collect()
}

/// How many columns of a terminal a text takes: a Chinese character takes two.
pub fn width(text: &str) -> usize {
    let wide = |char: char| {
        matches!(char,
            '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}'
            | '\u{ffe0}'..='\u{ffe6}' | '\u{20000}'..='\u{3fffd}')
    };
    text.chars().map(|char| if wide(char) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use domain::Text;

    use super::{Table, list};
    use crate::Language;
    use crate::phrases;

    #[test]
    fn columns_stand_below_one_another_in_chinese_too() {
        let heads = [phrases::head_name(), phrases::head_matches()];
        let mut table = Table::new(Language::Zh, &heads).right(&[1]);
        table.row(vec!["税务局".into(), "5".into()]);
        table.row(vec!["bank".into(), "1,000".into()]);
        assert_eq!(table.lines(), ["名称    匹配数", "税务局       5", "bank     1,000"]);
    }

    #[test]
    fn a_list_puts_its_values_below_one_another() {
        let entries = [(Text::same("a"), "1".to_owned()), (Text::same("long"), "2".to_owned())];
        assert_eq!(list(Language::En, &entries), ["a     1", "long  2"]);
    }
}
