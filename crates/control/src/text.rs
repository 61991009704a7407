//! Sentences as messages carry them.

use domain::Text;
use wire::control as messages;

/// Reads a sentence of a message; one that was not sent has no words.
#[must_use]
pub fn text(sentence: Option<messages::Text>) -> Text {
    let messages::Text { en, zh } = sentence.unwrap_or_default();
    Text { en, zh }
}
