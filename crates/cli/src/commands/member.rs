//! `tacit member`: who takes part (有进有出).

use std::path::Path;

use control::Client;
use control::messages::{Member, MemberChange};
use serde_json::{Value, json};

use crate::arguments::{MemberArguments, MemberCommand};
use crate::commands::{json_line, print};
use crate::failure::Failure;
use crate::language::Text;
use crate::phrases;
use crate::say::Voice;
use crate::table::Table;
use crate::units::{Day, moment, record};

pub(super) async fn member(
    dir: &Path,
    command: &MemberCommand,
    voice: Voice,
) -> Result<(), Failure> {
    let control = Client::open(dir).await?;
    let (member, changes) = match command {
        MemberCommand::List(json) => return list(&control, json.json, voice).await,
        MemberCommand::Assess { member, until } => (member, vec![assess(member, *until)]),
        MemberCommand::Admit { member, assessed_until } => {
            let assessed = assessed_until.map(|until| assess(member, until));
            (member, assessed.into_iter().chain([change(member, "admit")]).collect())
        }
        MemberCommand::Suspend(member) => (member, vec![change(member, "suspend")]),
        MemberCommand::Resume(member) => (member, vec![change(member, "resume")]),
        MemberCommand::Remove(member) => (member, vec![change(member, "remove")]),
    };
    let mut changed = Vec::new();
    for change in changes {
        // What is shown is how the member stands after the last change.
        changed = vec![control.change_member(change).await?];
    }
    show(changed, member.json, voice);
    Ok(())
}

fn change(member: &MemberArguments, word: &str) -> MemberChange {
    MemberChange {
        name: member.name.to_string(),
        change: word.into(),
        assessed_until: String::new(),
        reason: member.reason.clone(),
    }
}

fn assess(member: &MemberArguments, until: Day) -> MemberChange {
    MemberChange { assessed_until: until.to_string(), ..change(member, "assess") }
}

async fn list(control: &Client, json: bool, voice: Voice) -> Result<(), Failure> {
    let members = control.members().await?;
    if members.is_empty() && !json {
        voice.note(&phrases::no_peers());
        return Ok(());
    }
    show(members, json, voice);
    Ok(())
}

fn show(members: Vec<Member>, json: bool, voice: Voice) {
    if json {
        for member in &members {
            json_line(&object(member));
        }
    } else {
        print(&lines(members, voice));
    }
}

fn lines(members: Vec<Member>, voice: Voice) -> Vec<String> {
    let heads = [
        phrases::head_name(),
        phrases::head_duties(),
        phrases::head_state(),
        phrases::head_assessed_until(),
        phrases::head_admitted(),
        phrases::head_updated(),
        phrases::head_reason(),
    ];
    let mut table = Table::new(voice.language(), &heads);
    for member in members {
        let admitted = if member.admitted { phrases::yes() } else { phrases::no() };
        let until = member.assessed_until;
        table.row(vec![
            member.name,
            member.duties.join(", "),
            voice.words(&state(&member.state)).to_owned(),
            if until.is_empty() { "-".into() } else { until },
            voice.words(&admitted).to_owned(),
            moment(member.changed_ms),
            member.reason,
        ]);
    }
    table.lines()
}

fn object(member: &Member) -> Value {
    json!({
        "name": member.name,
        "duties": member.duties,
        "state": member.state,
        "assessed_until": Some(&member.assessed_until).filter(|until| !until.is_empty()),
        "admitted": member.admitted,
        "changed": record(member.changed_ms),
        "reason": member.reason,
    })
}

/// A state in both languages; one that we do not know, in its own word.
fn state(word: &str) -> Text {
    match word {
        "applied" => phrases::member_applied(),
        "assessed" => phrases::member_assessed(),
        "admitted" => phrases::member_admitted(),
        "suspended" => phrases::member_suspended(),
        "removed" => phrases::member_removed(),
        other => Text::same(other),
    }
}

#[cfg(test)]
mod tests {
    use control::messages::Member;
    use domain::MemberState;

    use super::{lines, object, state};
    use crate::language::{Language, Text};
    use crate::say::Voice;

    #[test]
    fn every_state_of_a_member_has_a_word_in_both_languages() {
        for known in MemberState::ALL {
            assert_ne!(state(known.code()), Text::same(known.code()));
        }
        assert_eq!(state("later"), Text::same("later"));
    }

    #[test]
    fn a_member_that_was_never_assessed_has_no_day() {
        let member = Member { name: "tax".into(), state: "applied".into(), ..Member::default() };
        let read = object(&member);
        assert!(read["assessed_until"].is_null() && read["changed"].is_null());
        assert_eq!(read["admitted"].as_bool(), Some(false));
        let lines = lines(vec![member], Voice::new(Language::En));
        assert!(lines.len() == 2 && lines[1].contains("applied"), "{lines:?}");
    }
}
