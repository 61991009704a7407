//! What a party hands to the registry, and what it knows from there.

use std::path::PathBuf;

use control::messages::{self, InterveneRequest};
use control::{Address, Client};
use documents::AuthorisationId;
use terminal::{Document, Failure, Table, View, Voice, say, table};

use super::{act, actor, state};
use crate::arguments::Intervention;
use crate::commands::print;
use crate::phrases;

/// The most bytes of one file of documents that is submitted: some ten thousand of them.
const MAX_FILE: usize = 64 << 20;

pub(super) async fn submit(
    party: &Address,
    files: &[PathBuf],
    json: bool,
    voice: Voice,
) -> Result<(), Failure> {
    let mut documents = Vec::new();
    for file in files {
        let found = documents::read_envelopes(file, MAX_FILE)?;
        documents.extend(found.into_iter().map(|document| (file, document)));
    }
    let control = Client::open(party).await?;
    let (all, mut failures) = (documents.len(), Vec::new());
    let heads = [
        phrases::head_file(),
        phrases::head_authorisation(),
        phrases::head_version(),
        phrases::head_state(),
        phrases::head_registry(),
        phrases::head_trouble(),
    ];
    let mut table = Table::new(voice.language(), &heads);
    for (file, document) in documents {
        let file = file.display().to_string();
        match control.submit(document).await {
            Ok(answer) if json => say::line(Document::of(&answer).json()),
            Ok(answer) => table.row(submitted(file, Document::of(&answer).view(), voice)),
            // Nothing that follows would fare better.
            Err(error) if error.is_of_the_line() => {
                print_unless(json, &table);
                return Err(error.into());
            }
            Err(error) => {
                let failure = Failure::from(error);
                let none = || String::from("-");
                table.row(vec![file, none(), none(), none(), none(), failure.code().to_owned()]);
                failures.push(failure);
            }
        }
    }
    print_unless(json, &table);
    voice.complain_once_each(&failures);
    if failures.is_empty() {
        return Ok(());
    }
    Err(Failure::new("NOT_SUBMITTED", phrases::not_submitted(failures.len(), all)))
}

/// The answers so far; a table of none is no news.
fn print_unless(json: bool, table: &Table) {
    if !json && !table.is_empty() {
        print(&table.lines());
    }
}

fn submitted(file: String, answer: View<'_>, voice: Voice) -> Vec<String> {
    vec![
        file,
        answer.word("authorisation"),
        answer.word("version"),
        voice.words(&state(&answer.word("state"))).to_owned(),
        answer.word("registry"),
        String::new(),
    ]
}

pub(super) async fn intervene(
    party: &Address,
    id: &AuthorisationId,
    change: Intervention,
    reason: &str,
    json: bool,
    voice: Voice,
) -> Result<(), Failure> {
    let request = InterveneRequest {
        authorisation: id.to_string(),
        change: messages::Intervention::from(change).into(),
        reason: reason.into(),
    };
    let answer = Document::of(&Client::open(party).await?.intervene(request).await?);
    if json {
        say::line(answer.json());
    } else {
        print(&standing(answer.view(), voice));
    }
    Ok(())
}

fn standing(answer: View<'_>, voice: Voice) -> Vec<String> {
    let entries = [
        (phrases::head_authorisation(), answer.word("authorisation")),
        (phrases::head_version(), answer.word("version")),
        (phrases::head_state(), voice.words(&state(&answer.word("state"))).to_owned()),
        (phrases::head_since(), answer.time("since")),
        (phrases::head_registry(), answer.word("registry")),
        (phrases::head_record_hash(), answer.word("record_hash")),
    ];
    table::list(voice.language(), &entries)
}

pub(super) async fn list(
    party: &Address,
    limit: u32,
    json: bool,
    voice: Voice,
) -> Result<(), Failure> {
    let answer = Document::of(&Client::open(party).await?.authorisations(limit).await?);
    if json {
        say::line(answer.json());
    } else if answer.view().list("authorisations").next().is_none() {
        voice.note(&phrases::no_authorisations());
    } else {
        print(&listed(&answer, voice));
    }
    Ok(())
}

fn listed(answer: &Document, voice: Voice) -> Vec<String> {
    let heads = [
        phrases::head_authorisation(),
        phrases::head_version(),
        phrases::head_state(),
        phrases::head_lender(),
        phrases::head_platform(),
        phrases::head_before(),
        phrases::head_updated(),
    ];
    let mut table = Table::new(voice.language(), &heads);
    for item in answer.view().list("authorisations") {
        table.row(vec![
            item.word("id"),
            item.word("version"),
            voice.words(&state(&item.word("state"))).to_owned(),
            item.word("lender"),
            item.word("platform"),
            item.time("not_after"),
            item.time("changed"),
        ]);
    }
    table.lines()
}

pub(super) async fn history(
    party: &Address,
    id: &AuthorisationId,
    json: bool,
    voice: Voice,
) -> Result<(), Failure> {
    let answer = Document::of(&Client::open(party).await?.history(id.to_string()).await?);
    if json {
        say::line(answer.json());
    } else {
        print(&one(&answer, voice));
    }
    Ok(())
}

/// One authorisation, and under it what happened to it.
fn one(answer: &Document, voice: Voice) -> Vec<String> {
    let item = answer.view().at("authorisation");
    let entries = [
        (phrases::head_authorisation(), item.word("id")),
        (phrases::head_version(), item.word("version")),
        (phrases::head_state(), voice.words(&state(&item.word("state"))).to_owned()),
        (phrases::head_lender(), item.word("lender")),
        (phrases::head_platform(), item.word("platform")),
        (phrases::head_before(), item.time("not_after")),
    ];
    let heads = [
        phrases::head_moment(),
        phrases::head_act(),
        phrases::head_actor(),
        phrases::head_reason(),
        phrases::head_hash(),
    ];
    let mut table = Table::new(voice.language(), &heads);
    for event in answer.view().list("history") {
        table.row(vec![
            event.time("at"),
            voice.words(&act(&event.word("act"))).to_owned(),
            voice.words(&actor(&event.word("actor"))).to_owned(),
            event.word("reason"),
            event.short("hash"),
        ]);
    }
    let mut lines = table::list(voice.language(), &entries);
    lines.extend(table.lines());
    lines
}

#[cfg(test)]
mod tests {
    use terminal::Language;

    use super::{Document, Voice, listed, one, standing, submitted};

    fn document(json: &str) -> Document {
        Document::written(json)
    }

    #[test]
    fn a_list_shows_states_in_the_operators_language() {
        let answer = document(
            r#"{"authorisations":[{"id":"AU-1","version":2,"state":"revoked","lender":"bank",
                "platform":"platform","not_after":"2026-04-01T00:00:00+08:00","changed":1700000000123}]}"#,
        );
        let lines = listed(&answer, Voice::new(Language::Zh));
        assert_eq!(lines.len(), 2);
        for word in ["AU-1", "已撤销", "bank", "2026-04-01 00:00:00", "2023-11-15 06:13:20"] {
            assert!(lines[1].contains(word), "{lines:?}");
        }
    }

    #[test]
    fn a_history_names_acts_and_actors_and_keeps_words_of_later_versions() {
        let answer = document(
            r#"{"authorisation":{"id":"AU-1","state":"active"},"history":[
                {"at":1700000000123,"act":"suspended_by_registry","actor":"registry",
                 "reason":"objection","hash":"sha256:abcdef0123456789"},
                {"at":1700000000124,"act":"blessed","actor":"pope"}]}"#,
        );
        let text = one(&answer, Voice::new(Language::En)).join("\n");
        for word in
            ["in force", "suspended", "the registry", "objection", "abcdef012345", "blessed"]
        {
            assert!(text.contains(word), "{word} is not in\n{text}");
        }
    }

    #[test]
    fn an_answer_without_members_is_shown_with_dashes() {
        let voice = Voice::new(Language::En);
        let empty = document("{}");
        assert_eq!(submitted("f".into(), empty.view(), voice), ["f", "-", "-", "-", "-", ""]);
        assert_eq!(standing(empty.view(), voice).len(), 6);
        assert_eq!((listed(&empty, voice).len(), one(&empty, voice).len()), (1, 7));
    }
}
