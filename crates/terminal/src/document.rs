//! A party's answer in JSON: as `--json` prints it, and shown member by member.

use serde::de::DeserializeOwned;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::answers::ToJson;
use crate::units::{count, moment, moment_of};

/// What stands for a member that is not there.
const ABSENT: &str = "-";

/// A party's answer.
#[derive(Clone, Debug)]
pub struct Document {
    json: String,
    value: Value,
}

impl Document {
    /// Puts an answer into JSON.
    pub fn of(answer: &impl ToJson) -> Self {
        let value = answer.to_json();
        Self { json: value.to_string(), value }
    }

    /// An answer as a test writes it.
    ///
    /// # Panics
    ///
    /// When it is no JSON.
    #[must_use]
    pub fn written(json: &str) -> Self {
        let value = serde_json::from_str(json).expect("a test writes JSON");
        Self { json: json.into(), value }
    }

    /// The answer in JSON.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// The answer's members.
    pub fn view(&self) -> View<'_> {
        View(&self.value)
    }
}

/// A part of an answer.
#[derive(Clone, Copy, Debug)]
pub struct View<'a>(&'a Value);

impl<'a> View<'a> {
    /// A member's own members.
    pub fn at(self, name: &str) -> Self {
        View(&self.0[name])
    }

    /// A member in words: texts and numbers as they are, a list with commas between.
    pub fn word(self, name: &str) -> String {
        words(&self.0[name])
    }

    /// This part as it came.
    pub fn value(self) -> &'a Value {
        self.0
    }

    /// A member as a type of ours; none where it is of another shape.
    pub fn read<T: DeserializeOwned>(self, name: &str) -> Option<T> {
        T::deserialize(&self.0[name]).ok()
    }

    /// This part itself, in words.
    pub fn itself(self) -> String {
        words(self.0)
    }

    /// A member that is a number.
    pub fn number(self, name: &str) -> Option<u64> {
        self.0[name].as_u64()
    }

    /// A member that counts something.
    pub fn count(self, name: &str) -> String {
        self.number(name).map_or_else(|| self.word(name), count)
    }

    /// A member that is a point in time, as an operator reads it: milliseconds or RFC 3339.
    pub fn time(self, name: &str) -> String {
        let value = &self.0[name];
        let parsed = value.as_str().and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
        match (value.as_i64(), parsed) {
            (Some(milliseconds), _) => moment(milliseconds),
            (None, Some(at)) => moment_of(at),
            (None, None) => words(value),
        }
    }

    /// A hash as much of it as tells it from others.
    pub fn short(self, name: &str) -> String {
        let whole = self.word(name);
        let digits = whole.strip_prefix("sha256:").unwrap_or(&whole);
        digits.get(..12).unwrap_or(digits).to_owned()
    }

    /// The items of a member that is a list; none where it is not.
    pub fn list(self, name: &str) -> impl Iterator<Item = View<'a>> {
        self.0[name].as_array().into_iter().flatten().map(View)
    }

    /// The counts of a member that is a map, in words.
    pub fn map(self, name: &str) -> String {
        let Some(map) = self.0[name].as_object() else { return words(&self.0[name]) };
        let pairs = map.iter().map(|(name, value)| format!("{name} {}", words(value)));
        pairs.collect::<Vec<_>>().join(", ")
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => ABSENT.into(),
        Value::String(text) if text.is_empty() => ABSENT.into(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
        Value::Array(items) if items.is_empty() => ABSENT.into(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::Document;

    fn read(json: &str) -> Document {
        Document::written(json)
    }

    #[test]
    fn members_are_words_and_what_is_missing_is_a_dash() {
        let document = read(
            r#"{"state":"active","version":2,"classes":[1,29],"empty":[],"by_mode":{"verify":3}}"#,
        );
        let view = document.view();
        let shown = ["state", "version", "classes", "empty", "other"].map(|name| view.word(name));
        assert_eq!(shown, ["active", "2", "1, 29", "-", "-"]);
        assert_eq!((view.map("by_mode"), view.map("other")), ("verify 3".into(), "-".into()));
        assert!(view.list("state").next().is_none() && view.at("other").word("x") == "-");
    }

    #[test]
    fn times_are_shown_in_shanghai_however_they_came() {
        let document =
            read(r#"{"ms":1700000000123,"text":"2023-11-14T22:13:20.123Z","day":"today"}"#);
        let shown = ["ms", "text", "day", "none"].map(|name| document.view().time(name));
        assert_eq!(shown, ["2023-11-15 06:13:20", "2023-11-15 06:13:20", "today", "-"]);
    }

    #[test]
    fn a_hash_is_shown_by_its_start() {
        let document =
            read(&format!(r#"{{"hash":"sha256:{}","odd":"企业企业企业"}}"#, "ab".repeat(32)));
        assert_eq!(document.view().short("hash"), "abababababab");
        assert_eq!(document.view().short("odd"), "企业企业");
    }
}
