//! Every mistake is shown under its own characters, in columns.

use formula::Formula;

/// A text, and a line with `^` under the columns that are wrong; a Chinese character or full-width
/// sign takes two, and stands above `..` or `^^`.
const CASES: &[(&str, &str, &str)] = &[
    ("", "^", "a question: a field, not, at least, match or a parenthesis expected"),
    ("a and", ".....^", "a question: a field, not, at least, match or a parenthesis expected"),
    ("a b", "..^", "a comparison, and, or, or the end expected"),
    ("a >= 1 b", ".......^", "and, or, or the end expected"),
    ("a )", "..^", "a comparison, and, or, or the end expected"),
    ("(a", "..^", "and, or, or the end or ) expected"),
    ("a >=", "....^", "a number like 500000 or a text in quotes like \"A\" or sealed expected"),
    ("a = 5", "....^", "a text in quotes like \"A\" expected"),
    ("a = sealed", "....^^^^^^", "a text in quotes like \"A\" expected"),
    ("a ≥ 5", "..^", "write >= instead of ≥"),
    ("（a）", "^^", "write ( instead of （"),
    ("a >= ５", ".....^^", "write 5 instead of ５"),
    ("a in {\"一级\"，\"二级\"}", "............^^", "write , instead of ，"),
    ("a = “甲”", "....^", "write \" instead of “"),
    ("a 且 b", "..^^", "write and instead of 且"),
    ("税务 >= 5", "^^", "the character 税 has no meaning here"),
    ("a = \"示例\" 公", "...........^^", "the character 公 has no meaning here"),
    ("a = \"示例\" b", "...........^", "and, or, or the end expected"),
    (
        "a >= 50万",
        ".......^^",
        "a number has no unit: write all its digits, in the field's own unit",
    ),
    (
        "a >= 500k",
        "........^",
        "a number has no unit: write all its digits, in the field's own unit",
    ),
    ("A >= 5", "^", "words and fields are written in lower case"),
    ("a AND b", "..^", "words and fields are written in lower case"),
    ("aB", ".^", "words and fields are written in lower case"),
    ("0.a", "^", "a class is a number from 1 to 999, without leading zeroes"),
    ("1000.a", "^^^^", "a class is a number from 1 to 999, without leading zeroes"),
    ("01.a", "^^", "a class is a number from 1 to 999, without leading zeroes"),
    ("a >= 1234,567", ".....^^^^^^^^", "a number has at most 12 digits"),
    ("a >= 1_", ".....^^", "a number has at most 12 digits"),
    ("a >= 1_0,000", ".....^^^^^^^", "a number has at most 12 digits"),
    ("a >= 1.23456", ".....^^^^^^^", "a number has at most 12 digits"),
    ("a >= 1.", ".....^^", "a number has at most 12 digits"),
    ("a >= 1.2.3", ".....^^^^", "a number has at most 12 digits"),
    ("a >= 1234567890123", ".....^^^^^^^^^^^^^", "a number has at most 12 digits"),
    ("a before 2026-02-30", ".........^^^^^^^^^^", "there is no such day"),
    ("a before 2026", ".........^^^^", "a day like 2026-01-01 or today - 30 days expected"),
    ("a before today - days", ".................^^^^", "a whole number expected"),
    ("a after today - 5", ".................^", "days or months expected"),
    (
        "a after today - 601 days",
        "................^^^",
        "days and months are counted from 1 to 600",
    ),
    ("a within 0 months", ".........^", "days and months are counted from 1 to 600"),
    ("a within 12", "...........^", "months or % expected"),
    ("a within 51 % of 5", ".........^^", "a tolerance is a whole percentage from 1 to 50"),
    ("a within 5 % 480", ".............^^^", "of expected"),
    ("a within 1.5 months", ".........^^^", "a whole number expected"),
    ("a between 5 and 4", "..........^^^^^^^", "the first number is greater than the second"),
    ("a between 5, 6", "...........^", "and expected"),
    ("a between sealed and 6", "..........^^^^^^", "a number like 500000 expected"),
    ("a in \"A\"", ".....^^^", "{ expected"),
    ("a in {}", "......^", "a text in quotes like \"A\" expected"),
    ("a in {\"A\", \"A\"}", "...........^^^", "this is listed already"),
    ("a = \"A", "....^", "the quotes are not closed"),
    ("a = \"\"", "....^^", "a text in quotes has 1 to 200 bytes"),
    ("a = \"税\\n\"", ".......^", "in quotes, a backslash stands only before \" or \\"),
    ("at last 2 of (a, b)", "...^^^^", "least expected"),
    ("at least a of (a, b)", ".........^", "a whole number expected"),
    ("at least 2 (a, b)", "...........^", "of expected"),
    ("at least 2 of (a)", "................^", "and, or, or the end or , expected"),
    ("at least 3 of (a, b)", ".........^", "at least k of n asks for k from 1 to n"),
    ("at least 0 of (a, b)", ".........^", "at least k of n asks for k from 1 to n"),
    ("match(a)", ".......^", "= expected"),
    ("a >= claimed", ".....^^^^^^^", "a number like 500000 or a text"),
    ("match(a = 5)", "..........^", "a text in quotes like \"A\" expected"),
    ("match(a = \"名\", a = \"名\")", "................^", "this is listed already"),
    ("match a = \"A\"", "......^", "( expected"),
    ("not", "...^", "a question: a field, not, at least, match or a parenthesis expected"),
    ("and a", "^^^", "a question: a field, not, at least, match or a parenthesis expected"),
    ("a # b", "..^", "the character # has no meaning here"),
];

#[test]
fn every_caret_stands_under_the_right_character() {
    for (text, under, sentence) in CASES {
        let error = text.parse::<Formula>().unwrap_err();
        let shown = error.caret(text);
        let (line, carets) = shown.split_once('\n').unwrap();
        assert_eq!(line, *text);
        let columns = carets.replace('\u{3000}', "..").replace(' ', ".");
        assert_eq!(columns, *under, "{text}\n{shown}");
        assert!(error.en().starts_with(sentence), "{text}: {}", error.en());
        assert!(!error.zh().is_empty() && error.zh() != error.en(), "{}", error.zh());
        assert!(text.is_char_boundary(error.at.start) && text.is_char_boundary(error.at.end));
    }
}

#[test]
fn an_error_reads_in_both_languages() {
    let error = "1.vat_paid_12m_cny >= 50万".parse::<Formula>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the formula cannot be read at byte 24: a number has no unit: write all its digits, in the \
         field's own unit"
    );
    assert_eq!(error.zh(), "数字不带单位：按字段自身的单位写出全部数位");
    let error = "a b".parse::<Formula>().unwrap_err();
    assert_eq!(error.zh(), "此处应为比较、and、or 或结尾");
}
