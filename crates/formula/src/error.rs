//! Why a text is no formula, and at which character.

use std::fmt;
use std::ops::Range;

use domain::bilingual;

use crate::caret::caret;

/// Why a text is no formula.
///
/// It repeats nothing of the text but single characters; [`Error::caret`] shows the place to
/// whoever has the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The bytes that are wrong, on the bounds of characters; empty at the end of the text.
    pub at: Range<usize>,
    /// What is wrong with them.
    pub what: Problem,
}

/// What is wrong at a place of a formula.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// Something else should stand here.
    Expected(&'static [Expected]),
    /// A full-width or typographic sign, where the language has an ASCII one.
    Write {
        /// What stands there.
        found: char,
        /// What to write instead.
        instead: &'static str,
    },
    /// A character with no meaning here.
    Character(char),
    /// One of the rules that have nothing to add.
    Rule(Rule),
}

bilingual! {
    /// What may stand at a place of a formula.
    Expected;

    /// A field.
    Field "field"
        "a field like 2.in_arrears_now" "字段（如 2.in_arrears_now）";
    /// Something that is answered yes, no or unknown.
    Question "question"
        "a question: a field, not, at least, match or a parenthesis"
        "一个问题：字段、not、at least、match 或括号";
    /// What may follow a field, or a question.
    Continuation "continuation"
        "a comparison, and, or, or the end" "比较、and、or 或结尾";
    /// What may follow a whole question.
    Joint "joint" "and, or, or the end" "and、or 或结尾";
    /// A number.
    Number "number" "a number like 500000" "数字（如 500000）";
    /// A whole number.
    Count "count" "a whole number" "整数";
    /// A text in quotes.
    Text "text" "a text in quotes like \"A\"" "双引号中的文字（如 \"A\"）";
    /// A threshold that nobody sees.
    Sealed "sealed" "sealed" "sealed";
    /// A day.
    Day "day"
        "a day like 2026-01-01 or today - 30 days" "日期（如 2026-01-01 或 today - 30 days）";
    /// Days or months.
    Unit "unit" "days or months" "days 或 months";
    /// Months, or percent.
    Months "months" "months" "months";
    /// Percent.
    Percent "percent" "%" "%";
    /// A word.
    And "and" "and" "and";
    /// A word.
    Of "of" "of" "of";
    /// A word.
    Least "least" "least" "least";
    /// The end of the text.
    End "end" "the end" "结尾";
    /// A sign.
    Equals "equals" "=" "=";
    /// A sign.
    Opening "opening" "(" "(";
    /// A sign.
    Closing "closing" ")" ")";
    /// A sign.
    Brace "brace" "{" "{";
    /// A sign.
    ClosingBrace "closing_brace" "}" "}";
    /// A sign.
    Comma "comma" "," ",";
}

bilingual! {
    /// A rule of the language that a text breaks.
    Rule;

    /// Too many bytes, as written or in its canonical form.
    TooLong "too_long"
        "a formula has at most 4096 bytes, its canonical form too"
        "公式及其规范形式最长 4096 字节";
    /// Too many atoms.
    TooMany "too_many" "a formula has at most 32 questions" "公式最多含 32 个问题";
    /// Too many texts and numbers that are supplied.
    TooManyClaims "too_many_claims"
        "a formula supplies at most 64 texts and declared numbers"
        "公式最多提供 64 项文字和申报数";
    /// Too deep.
    TooDeep "too_deep" "a formula is nested at most 16 deep" "公式最多嵌套 16 层";
    /// Upper case.
    UpperCase "upper_case"
        "words and fields are written in lower case" "关键字和字段名一律小写";
    /// A class out of range.
    Class "class" "a class is a number from 1 to 999, without leading zeroes"
        "信息类编号为 1 至 999，不带前导零";
    /// A name out of its alphabet or length.
    Name "name" "a field's name has at most 64 characters" "字段名最长 64 个字符";
    /// A number of too many digits, or oddly grouped.
    Digits "digits"
        "a number has at most 12 digits and 4 decimals; groups are 1_000 or 1,000, one kind only"
        "数字整数部分最多 12 位、小数最多 4 位；分组写作 1_000 或 1,000，不可混用";
    /// A number with a unit.
    Unit "number_unit"
        "a number has no unit: write all its digits, in the field's own unit"
        "数字不带单位：按字段自身的单位写出全部数位";
    /// No such day.
    NoSuchDay "no_such_day" "there is no such day" "该日期不存在";
    /// Too far from today.
    TooFar "too_far" "days and months are counted from 1 to 600" "天数和月数为 1 至 600";
    /// Tolerance out of range.
    Tolerance "tolerance" "a tolerance is a whole percentage from 1 to 50"
        "容差为 1 至 50 的整数百分比";
    /// The text ends within quotes.
    Unclosed "unclosed" "the quotes are not closed" "引号未闭合";
    /// A backslash before something else.
    Escape "escape" "in quotes, a backslash stands only before \" or \\"
        "引号内反斜杠之后只能是 \" 或 \\";
    /// A text that is empty or long.
    TextLength "text_length" "a text in quotes has 1 to 200 bytes" "引号中的文字为 1 至 200 字节";
    /// A control character.
    Control "control" "a text in quotes has no control characters" "引号中的文字不含控制字符";
    /// A count that is not among the questions.
    CountOutOfRange "count_out_of_range"
        "at least k of n asks for k from 1 to n" "at least k of n 要求 k 在 1 到 n 之间";
    /// An interval that is empty.
    EmptyInterval "empty_interval" "the first number is greater than the second"
        "前一个数大于后一个数";
    /// The same twice.
    Twice "twice" "this is listed already" "此项已列出";
}

impl Error {
    pub(crate) fn rule(at: Range<usize>, rule: Rule) -> Self {
        Self { at, what: Problem::Rule(rule) }
    }

    /// The line of `text` that is wrong, with a caret under each wrong column.
    #[must_use]
    pub fn caret(&self, text: &str) -> String {
        caret(text, &self.at)
    }

    /// The sentence for English readers.
    #[must_use]
    pub fn en(&self) -> String {
        match &self.what {
            Problem::Expected(expected) => {
                let expected = expected.iter().map(|one| one.en()).collect::<Vec<_>>();
                format!("{} expected", expected.join(" or "))
            }
            Problem::Write { found, instead } => format!("write {instead} instead of {found}"),
            Problem::Character(found) => {
                format!("the character {} has no meaning here", found.escape_debug())
            }
            Problem::Rule(rule) => rule.en().into(),
        }
    }

    /// The sentence for Chinese readers.
    #[must_use]
    pub fn zh(&self) -> String {
        match &self.what {
            Problem::Expected(expected) => {
                let expected = expected.iter().map(|one| one.zh()).collect::<Vec<_>>();
                format!("此处应为{}", expected.join("或"))
            }
            Problem::Write { found, instead } => format!("请将 {found} 写作 {instead}"),
            Problem::Character(found) => format!("字符 {} 在此处无意义", found.escape_debug()),
            Problem::Rule(rule) => rule.zh().into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the formula cannot be read at byte {}: {}", self.at.start, self.en())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::{Expected, Rule};
    use crate::{MAX_ATOMS, MAX_CLAIMS, MAX_DEPTH, MAX_FORMULA, MAX_TEXT};

    #[test]
    fn the_sentences_state_the_bounds_that_are_kept() {
        for (rule, bound) in [
            (Rule::TooLong, MAX_FORMULA),
            (Rule::TooMany, MAX_ATOMS),
            (Rule::TooManyClaims, MAX_CLAIMS),
            (Rule::TooDeep, MAX_DEPTH),
            (Rule::TextLength, MAX_TEXT),
        ] {
            assert!(rule.en().contains(&bound.to_string()), "{rule:?}");
            assert!(rule.zh().contains(&bound.to_string()), "{rule:?}");
        }
        assert!(Rule::ALL.iter().all(|rule| rule.en().is_ascii() && !rule.zh().is_ascii()));
        assert!(Expected::ALL.iter().all(|expected| expected.en().is_ascii()));
    }
}
