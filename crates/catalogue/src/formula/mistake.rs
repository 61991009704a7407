//! Why a formula cannot be asked of a catalogue, and at which character.

use std::fmt;
use std::ops::Range;

use domain::{ClassId, Field};
use formula::Span;

use crate::{FieldType, Question};

/// Why a formula cannot be asked of a catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The bytes of the formula's text that are wrong.
    pub at: Range<usize>,
    /// What is wrong with them.
    pub what: Mistyped,
}

/// What is wrong at a place of a formula, by the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mistyped {
    /// The catalogue lists no such field.
    Unlisted,
    /// Several classes have a field of this name.
    Ambiguous(Vec<ClassId>),
    /// A field of this type is not asked this.
    Question {
        /// The field's type.
        field_type: FieldType,
        /// What was asked.
        asked: Question,
    },
    /// The threshold is not on the field's grid.
    OffGrid {
        /// The one below, where there is one.
        below: Option<String>,
        /// The one above, where there is one.
        above: Option<String>,
    },
    /// Another tolerance than the three there are.
    Tolerance,
    /// The catalogue does not rank the field's categories.
    Unranked,
    /// The field's ranks have no such grade.
    Grade(Vec<String>),
    /// A number that comes encrypted is compared with something that is no number.
    Sealed(FieldType),
    /// A tuple of one field, or of fields of several classes.
    Tuple,
    /// A field stands twice in a tuple.
    Twice(Field),
    /// Nothing is left of a text once it is normalised.
    Nothing,
    /// A text is too long once it is normalised: a few letters are many then.
    Long,
    /// What is supplied is left out, where it should stand.
    Claimed,
    /// The formula is too long once its fields are named in full.
    Formula(formula::Error),
}

impl Mistake {
    pub(crate) fn new(span: Span, what: Mistyped) -> Self {
        Self { at: span.range(), what }
    }

    /// The line of `text` that is wrong, with a caret under each wrong column.
    #[must_use]
    pub fn caret(&self, text: &str) -> String {
        formula::caret(text, &self.at)
    }

    /// The sentence for English readers.
    #[must_use]
    pub fn en(&self) -> String {
        match &self.what {
            Mistyped::Unlisted => "the catalogue lists no such field".into(),
            Mistyped::Ambiguous(classes) => {
                format!("several classes have this field: name one of {}", joined(classes, ", "))
            }
            Mistyped::Question { field_type, asked } => match field_type.questions() {
                [] => format!("a field that holds {} is not asked about", field_type.en()),
                questions => format!(
                    "a field that holds {} is not asked \"{}\"; it is asked {}",
                    field_type.en(),
                    asked.en(),
                    joined(questions.iter().map(|one| one.en()), ", ")
                ),
            },
            Mistyped::OffGrid { below, above } => {
                let near = joined(below.iter().chain(above), " and ");
                format!("this threshold is not on the field's grid; nearest: {near}")
            }
            Mistyped::Tolerance => "a tolerance is 5, 10 or 20 percent".into(),
            Mistyped::Unranked => {
                "the catalogue does not rank this field's categories; ask with = or in".into()
            }
            Mistyped::Grade(ranks) => {
                format!("the grades of this field are, the best first, {}", joined(ranks, ", "))
            }
            Mistyped::Sealed(field_type) => {
                format!("only a number can be sealed, and this field holds {}", field_type.en())
            }
            Mistyped::Tuple => {
                "a match takes two or more fields of one class, or one record".into()
            }
            Mistyped::Twice(field) => format!("{field} stands in this match already"),
            Mistyped::Nothing => "the text has no letter and no digit to compare".into(),
            Mistyped::Long => "the text has more than 200 bytes once it is normalised".into(),
            Mistyped::Claimed => {
                "`claimed` is how parties write what is supplied; write the text or number itself"
                    .into()
            }
            Mistyped::Formula(error) => error.en(),
        }
    }

    /// The sentence for Chinese readers.
    #[must_use]
    pub fn zh(&self) -> String {
        match &self.what {
            Mistyped::Unlisted => "清单中没有该字段".into(),
            Mistyped::Ambiguous(classes) => {
                format!("多个信息类有此字段，请写明其一：{}", joined(classes, "、"))
            }
            Mistyped::Question { field_type, asked } => match field_type.questions() {
                [] => format!("内容为{}的字段不可询问", field_type.zh()),
                questions => format!(
                    "内容为{}的字段不可询问“{}”，可询问：{}",
                    field_type.zh(),
                    asked.zh(),
                    joined(questions.iter().map(|one| one.zh()), "、")
                ),
            },
            Mistyped::OffGrid { below, above } => {
                let near = joined(below.iter().chain(above), "和");
                format!("该阈值不在此字段的阈值表中，相邻阈值为 {near}")
            }
            Mistyped::Tolerance => "容差为 5%、10% 或 20%".into(),
            Mistyped::Unranked => "清单未规定该字段各类别的高低，请用 = 或 in".into(),
            Mistyped::Grade(ranks) => {
                format!("该字段的等级由高到低为 {}", joined(ranks, "、"))
            }
            Mistyped::Sealed(field_type) => {
                format!("只有数字可以密封，而该字段内容为{}", field_type.zh())
            }
            Mistyped::Tuple => "match 须列出同一信息类的两个以上字段，或一条记录".into(),
            Mistyped::Twice(field) => format!("{field} 已在本次比对中列出"),
            Mistyped::Nothing => "文字中没有可比对的字母、汉字或数字".into(),
            Mistyped::Long => "文字规范化后超过 200 字节".into(),
            Mistyped::Claimed => "`claimed` 是各方之间的写法；请直接写出文字或数字".into(),
            Mistyped::Formula(error) => error.zh(),
        }
    }
}

impl From<formula::Error> for Mistake {
    fn from(error: formula::Error) -> Self {
        Self { at: error.at.clone(), what: Mistyped::Formula(error) }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the formula cannot be asked, at byte {}: {}", self.at.start, self.en())
    }
}

impl std::error::Error for Mistake {}

fn joined<T: ToString>(parts: impl IntoIterator<Item = T>, by: &str) -> String {
    parts.into_iter().map(|part| part.to_string()).collect::<Vec<_>>().join(by)
}
