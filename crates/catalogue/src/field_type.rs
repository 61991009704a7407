//! Types of fields, and what may come of each.

use domain::Output;

use crate::words::words;

words! {
    /// What a field holds: decides what may be asked about it.
    FieldType, "the type of a field":
    /// The name of a person or an organisation.
    Name "name" "a name" "名称";
    /// A unified social credit code.
    Uscc "uscc" "a social credit code" "统一社会信用代码";
    /// A number on a document of identity.
    IdNumber "idno" "an identity number" "证件号码";
    /// A telephone number.
    Phone "phone" "a telephone number" "电话号码";
    /// A short text that identifies or describes.
    String "string" "a short text" "字符";
    /// Several short texts that belong together.
    Record "record" "a record" "记录";
    /// Free text.
    Text "text" "free text" "文本";
    /// A list of free texts.
    List "list" "a list of texts" "列表";
    /// A file.
    File "file" "a file" "文件";
    /// Yes or no.
    Bool "bool" "yes or no" "是否";
    /// One of a few categories, possibly graded.
    Enum "enum" "a category" "类别";
    /// An interval that the source itself states (区间).
    Band "band" "an interval" "区间";
    /// An amount of money, in yuan unless the field's name says 10k.
    Money "money" "an amount of money" "金额";
    /// A whole number.
    Integer "int" "a whole number" "整数";
    /// A number.
    Decimal "decimal" "a number" "数值";
    /// A percentage.
    Percent "percent" "a percentage" "百分比";
    /// A day.
    Date "date" "a day" "日期";
    /// A month.
    Month "month" "a month" "年月";
    /// A year.
    Year "year" "a year" "年度";
}

words! {
    /// A way to ask about a field that is answered yes, no or unknown, or with a band.
    Question, "a question":
    /// Is it so?
    IsTrue "is_true" "is it so" "是否为真";
    /// At least so much?
    AtLeast "at_least" "at least" "不少于";
    /// At most so much?
    AtMost "at_most" "at most" "不多于";
    /// Within this band?
    InBand "in_band" "in the band" "在区间内";
    /// Within so many percent of what was declared?
    Near "near" "near the declared value" "与申报值接近";
    /// Which of the source's own bands?
    BandId "band_id" "which band" "所属区间";
    /// Before this day?
    Before "before" "before" "早于";
    /// After this day?
    After "after" "after" "晚于";
    /// Within the last n months?
    WithinMonths "within_months" "within n months" "近n个月内";
    /// This category?
    Equals "equals" "equals" "等于";
    /// This grade or better?
    AtLeastGrade "at_least_grade" "at least the grade" "不低于等级";
    /// Do all the parts that the caller supplies match?
    Match "match" "the full tuple matches" "整组比对一致";
}

/// What a register's column holds, as the owner of the register states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueKind {
    /// Whole numbers.
    Integer,
    /// Numbers.
    Number,
    /// Days.
    Date,
    /// Texts.
    Text,
}

impl ValueKind {
    /// The plural for a sentence.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Integer => "whole numbers",
            Self::Number => "numbers",
            Self::Date => "dates",
            Self::Text => "text",
        }
    }
}

/// What may come of a fact, being as it may a feature.
const OF_FACTS: &[Output] = &Output::ALL;
/// What may come of what identifies: a comparison, and the subject's own report.
const OF_KEYS: &[Output] = &[Output::Verify, Output::Own];
/// What may come of free text: the subject's own report, which holds no values either.
const OF_TEXTS: &[Output] = &[Output::Own];

impl FieldType {
    /// What may come of a field of this type at most, its value never being among it.
    ///
    /// An answer tells a part of a fact, and of a key whether it is the one supplied; of text it
    /// would tell the text. In doubt a type is taken for its narrower neighbour: a record is a
    /// tuple to be matched, a list is free text, a telephone number is not even matched because
    /// nothing else needs it. A score tells less about a band or a yes than the answer that is
    /// permitted, so both may be features.
    #[must_use]
    pub const fn outputs(self) -> &'static [Output] {
        match self {
            Self::Bool
            | Self::Enum
            | Self::Band
            | Self::Money
            | Self::Integer
            | Self::Decimal
            | Self::Percent
            | Self::Date
            | Self::Month
            | Self::Year => OF_FACTS,
            Self::Name | Self::Uscc | Self::IdNumber | Self::String | Self::Record => OF_KEYS,
            Self::Phone | Self::Text | Self::List | Self::File => OF_TEXTS,
        }
    }

    /// Whether a field of this type states a fact that a score can weigh or an aggregate count.
    #[must_use]
    pub fn is_fact(self) -> bool {
        self.outputs().contains(&Output::Score)
    }

    /// Whether a field of this type is a quantity.
    #[must_use]
    pub const fn is_numeric(self) -> bool {
        matches!(self, Self::Money | Self::Integer | Self::Decimal | Self::Percent)
    }

    /// The questions that may be asked about a field of this type.
    #[must_use]
    pub const fn questions(self) -> &'static [Question] {
        match self {
            Self::Bool => &[Question::IsTrue],
            Self::Money | Self::Integer | Self::Decimal | Self::Percent => {
                &[Question::AtLeast, Question::AtMost, Question::InBand, Question::Near]
            }
            Self::Band => &[Question::BandId],
            Self::Date | Self::Month | Self::Year => {
                &[Question::Before, Question::After, Question::WithinMonths]
            }
            Self::Enum => &[Question::Equals, Question::AtLeastGrade],
            Self::Name | Self::Uscc | Self::IdNumber | Self::String | Self::Record => {
                &[Question::Match]
            }
            Self::Phone | Self::Text | Self::List | Self::File => &[],
        }
    }

    /// Whether a column of this kind can stand for a field of this type.
    ///
    /// A yes or a category may be coded as text or as a whole number; a year may be a whole number
    /// or a day. Everything else has one home.
    #[must_use]
    pub const fn accepts(self, kind: ValueKind) -> bool {
        match self {
            Self::Money | Self::Decimal | Self::Percent => {
                matches!(kind, ValueKind::Integer | ValueKind::Number)
            }
            Self::Integer => matches!(kind, ValueKind::Integer),
            Self::Date | Self::Month => matches!(kind, ValueKind::Date),
            Self::Year => matches!(kind, ValueKind::Integer | ValueKind::Date),
            Self::Bool | Self::Enum | Self::Band => {
                matches!(kind, ValueKind::Integer | ValueKind::Text)
            }
            Self::Name
            | Self::Uscc
            | Self::IdNumber
            | Self::Phone
            | Self::String
            | Self::Record
            | Self::Text
            | Self::List
            | Self::File => matches!(kind, ValueKind::Text),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Output;

    use super::{FieldType, Question, ValueKind};

    #[test]
    fn a_word_is_read_as_it_is_written_and_no_other_is() {
        for field_type in FieldType::ALL {
            assert_eq!(field_type.code().parse::<FieldType>().unwrap(), *field_type);
            assert!(!field_type.zh().is_ascii() && field_type.en().is_ascii());
        }
        let error = "amount".parse::<FieldType>().unwrap_err().to_string();
        assert!(error.contains("money") && error.contains("`amount`"), "{error}");
    }

    #[test]
    fn a_field_is_verified_exactly_when_there_is_a_question_to_ask() {
        for field_type in FieldType::ALL {
            let verified = field_type.outputs().contains(&Output::Verify);
            assert_eq!(verified, !field_type.questions().is_empty(), "{field_type}");
        }
        let asked = |question| FieldType::ALL.iter().any(|t| t.questions().contains(&question));
        assert!(Question::ALL.iter().all(|question| asked(*question)));
    }

    #[test]
    fn what_identifies_is_matched_and_what_is_free_text_is_not_asked_about() {
        for key in [FieldType::Name, FieldType::Uscc, FieldType::IdNumber, FieldType::String] {
            assert_eq!(key.outputs(), [Output::Verify, Output::Own], "{key}");
        }
        for text in [FieldType::Text, FieldType::File, FieldType::List, FieldType::Phone] {
            assert_eq!(text.outputs(), [Output::Own], "{text}");
        }
    }

    #[test]
    fn text_is_not_bound_as_money_and_money_is_a_quantity() {
        assert!(FieldType::Money.is_numeric() && FieldType::Money.accepts(ValueKind::Number));
        assert!(!FieldType::Money.accepts(ValueKind::Text));
        assert!(!FieldType::Integer.accepts(ValueKind::Number));
        assert!(!FieldType::Name.accepts(ValueKind::Integer));
        for field_type in FieldType::ALL {
            let quantity = field_type.accepts(ValueKind::Number);
            assert!(!quantity || field_type.is_numeric(), "{field_type}");
        }
    }
}
