//! `tacit member`: who takes part (有进有出).

use control::messages::member_change::Change;
use control::messages::{Member, MemberChange, MemberState};
use control::{Address, Client};
use domain::Text;
use serde_json::{Value, json};
use terminal::units::{Day, moment, record};
use terminal::{Failure, Table, Voice};

use crate::arguments::{MemberArguments, MemberCommand};
use crate::commands::{duties, json_line, print};
use crate::phrases;

pub(super) async fn member(
    party: &Address,
    command: &MemberCommand,
    voice: Voice,
) -> Result<(), Failure> {
    let control = Client::open(party).await?;
    let (member, changes) = match command {
        MemberCommand::List(json) => return list(&control, json.json, voice).await,
        MemberCommand::Assess { member, until } => (member, vec![assess(member, *until)]),
        MemberCommand::Admit { member, assessed_until } => {
            let assessed = assessed_until.map(|until| assess(member, until));
            (member, assessed.into_iter().chain([change(member, Change::Admit)]).collect())
        }
        MemberCommand::Suspend(member) => (member, vec![change(member, Change::Suspend)]),
        MemberCommand::Resume(member) => (member, vec![change(member, Change::Resume)]),
        MemberCommand::Remove(member) => (member, vec![change(member, Change::Remove)]),
    };
    let mut changed = Vec::new();
    for change in changes {
        // What is shown is how the member stands after the last change.
        changed = vec![control.change_member(change).await?];
    }
    show(changed, member.json, voice);
    Ok(())
}

fn change(member: &MemberArguments, change: Change) -> MemberChange {
    MemberChange {
        name: member.name.to_string(),
        change: change.into(),
        assessed_until: String::new(),
        reason: member.reason.clone(),
    }
}

fn assess(member: &MemberArguments, until: Day) -> MemberChange {
    MemberChange { assessed_until: until.to_string(), ..change(member, Change::Assess) }
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
        let (duties, state) = (duties(member.duties()).join(", "), state(member.state()));
        let until = member.assessed_until;
        table.row(vec![
            member.name,
            duties,
            voice.words(&state).to_owned(),
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
        "duties": duties(member.duties()),
        "state": member.state().to_string(),
        "assessed_until": Some(&member.assessed_until).filter(|until| !until.is_empty()),
        "admitted": member.admitted,
        "changed": record(member.changed_ms),
        "reason": member.reason,
    })
}

/// A state in both languages; one of a later version is not known.
fn state(state: MemberState) -> Text {
    match state {
        MemberState::Applied => phrases::member_applied(),
        MemberState::Assessed => phrases::member_assessed(),
        MemberState::Admitted => phrases::member_admitted(),
        MemberState::Suspended => phrases::member_suspended(),
        MemberState::Removed => phrases::member_removed(),
        MemberState::Unspecified => Text::same("-"),
    }
}

#[cfg(test)]
mod tests {
    use control::messages::{Member, MemberState};
    use terminal::{Language, Voice};

    use super::{lines, object};

    #[test]
    fn a_member_that_was_never_assessed_has_no_day() {
        let member =
            Member { name: "tax".into(), state: MemberState::Applied.into(), ..Member::default() };
        let read = object(&member);
        assert!(read["assessed_until"].is_null() && read["changed"].is_null());
        assert_eq!(read["admitted"].as_bool(), Some(false));
        let lines = lines(vec![member], Voice::new(Language::En));
        assert!(lines.len() == 2 && lines[1].contains("applied"), "{lines:?}");
    }
}
