//! `tacit model register | show | countersign | refuse | retire | list`: models as parties know them.

use control::messages::{JudgeModelRequest, RegistrationsRequest, RetireModelRequest};
use control::{Address, Client};
use domain::{ModelState, Text};
use scorecard::admission::Finding;
use terminal::answers::ToJson;
use terminal::{Document, Failure, Table, View, Voice, say, table};

use super::check::rules;
use crate::arguments::{JsonArguments, NamedModelArguments, RefuseModelArguments};
use crate::commands::{json_line, print};
use crate::phrases;

pub(super) async fn register(
    party: &Address,
    model: String,
    json: bool,
    voice: Voice,
) -> Result<(), Failure> {
    let answer = Document::of(&Client::open(party).await?.register_model(model).await?);
    told(&answer, json, voice)
}

pub(super) async fn countersign(
    party: &Address,
    named: &NamedModelArguments,
    voice: Voice,
) -> Result<(), Failure> {
    let answer = Document::of(&Client::open(party).await?.judge_model(request(named, None)).await?);
    told(&answer, named.json.json, voice)
}

pub(super) async fn refuse(
    party: &Address,
    refusal: &RefuseModelArguments,
    voice: Voice,
) -> Result<(), Failure> {
    let request = request(&refusal.named, Some(&refusal.reason));
    let answer = Document::of(&Client::open(party).await?.judge_model(request).await?);
    told(&answer, refusal.named.json.json, voice)
}

fn request(named: &NamedModelArguments, refusal: Option<&str>) -> JudgeModelRequest {
    JudgeModelRequest {
        model: named.model.to_string(),
        platform: named.platform.as_ref().map(ToString::to_string).unwrap_or_default(),
        countersign: refusal.is_none(),
        reason: refusal.unwrap_or_default().into(),
    }
}

pub(super) async fn retire(
    party: &Address,
    model: String,
    reason: String,
    json: bool,
    voice: Voice,
) -> Result<(), Failure> {
    let request = RetireModelRequest { model, reason };
    let answer = Document::of(&Client::open(party).await?.retire_model(request).await?);
    told(&answer, json, voice)
}

pub(super) async fn show(
    party: &Address,
    show: &NamedModelArguments,
    voice: Voice,
) -> Result<(), Failure> {
    let request = RegistrationsRequest {
        model: show.model.to_string(),
        platform: show.platform.as_ref().map(ToString::to_string).unwrap_or_default(),
    };
    let answer = Document::of(&Client::open(party).await?.registrations(request).await?);
    if show.json.json {
        say::line(answer.json());
        return Ok(());
    }
    let mut models = answer.view().list("models").peekable();
    if models.peek().is_none() {
        return Err(Failure::new("MODEL", phrases::not_registered(&show.model)));
    }
    models.for_each(|model| print(&whole(model, voice)));
    Ok(())
}

/// What a change has led to, and who could not be told of it.
fn told(answer: &Document, json: bool, voice: Voice) -> Result<(), Failure> {
    let view = answer.view();
    if json {
        say::line(answer.json());
    } else {
        let (model, Text { en, zh }) = (view.word("model"), state(view));
        voice.tell(&Text { en: format!("{model}: {en}"), zh: format!("{model}：{zh}") });
        // A platform's answer tells of each holder; a holder's has their names alone.
        for holder in view.list("holders").filter(|holder| holder.value().is_object()) {
            let (name, at) = (holder.word("holder"), state(holder));
            say::line(&format!("   {name}: {}", voice.words(&at)));
        }
    }
    let unreached: Vec<View<'_>> = view.list("not_reached").collect();
    if unreached.is_empty() {
        return Ok(());
    }
    let names = unreached.iter().map(|party| party.word("party")).collect::<Vec<_>>().join(", ");
    let first = &unreached[0];
    let what = Text {
        en: format!("not told: {names} ({}): {}", first.word("code"), first.word("en")),
        zh: format!("未能通知：{names}（{}）：{}", first.word("code"), first.word("zh")),
    };
    Err(Failure::new("NOT_REACHED", what).advise(phrases::not_reached_advice()))
}

/// A registered model with all that this party may see.
fn whole(model: View<'_>, voice: Voice) -> Vec<String> {
    let mut entries = vec![
        (phrases::head_model(), model.word("model")),
        (phrases::head_state(), voice.words(&state(model)).to_owned()),
        (phrases::head_reason(), model.word("reason")),
        (phrases::head_updated(), model.time("changed_ms")),
        (phrases::head_part(), model.word("part")),
        (phrases::head_platform(), model.word("platform")),
        (phrases::head_digest(), model.word("registration")),
        (phrases::head_research(), model.word("research")),
    ];
    if model.word("part") == "holder" {
        entries.extend([
            (phrases::head_holders(), model.word("holders")),
            (phrases::head_slot(), model.word("slot")),
            (phrases::head_most_points(), model.count("max_points")),
            (phrases::head_valid_until(), model.word("valid_until")),
        ]);
    }
    let mut lines = table::list(voice.language(), &entries);
    if model.word("part") != "holder" {
        let heads = [
            phrases::head_holder(),
            phrases::head_slot(),
            phrases::head_state(),
            phrases::head_reason(),
        ];
        let mut said = Table::new(voice.language(), &heads);
        for holder in model.list("holders") {
            let at = voice.words(&state(holder)).to_owned();
            said.row(vec![holder.word("holder"), holder.word("slot"), at, holder.word("reason")]);
        }
        lines.push(String::new());
        lines.extend(said.lines());
        return lines;
    }
    let mut features =
        Table::new(voice.language(), &[phrases::head_feature(), phrases::head_bins()]);
    for feature in model.list("features") {
        let bins: Vec<String> = feature.list("bins").map(View::itself).collect();
        features.row(vec![feature.word("column"), bins.join(" | ")]);
    }
    lines.push(String::new());
    lines.extend(features.lines());
    let figures: Vec<Finding> = model.read("figures").unwrap_or_default();
    if !figures.is_empty() {
        lines.push(String::new());
        lines.extend(rules(&figures, voice));
    }
    lines
}

/// A state in both languages; one that we do not know, in its own word.
fn state(of: View<'_>) -> Text {
    let word = of.word("state");
    match word.parse::<ModelState>() {
        Ok(state) => Text { en: state.en().into(), zh: state.zh().into() },
        Err(_) => Text::same(word),
    }
}

pub(super) async fn list(
    party: &Address,
    json: &JsonArguments,
    voice: Voice,
) -> Result<(), Failure> {
    let control = Client::open(party).await?;
    let registered = Document::of(&control.registrations(RegistrationsRequest::default()).await?);
    let published = control.models().await?;
    let registered: Vec<View<'_>> = registered.view().list("models").collect();
    if json.json {
        for model in registered {
            json_line(model.value());
        }
        for model in published {
            json_line(&model.to_json());
        }
        return Ok(());
    }
    if registered.is_empty() && published.is_empty() {
        voice.note(&phrases::no_models());
        return Ok(());
    }
    if !registered.is_empty() {
        print(&registrations(&registered, voice));
    }
    if !registered.is_empty() && !published.is_empty() {
        say::line("");
    }
    if published.is_empty() {
        return Ok(());
    }
    let heads = [
        phrases::head_published(),
        phrases::head_part(),
        phrases::head_lender(),
        phrases::head_platform(),
        phrases::head_holders(),
        phrases::head_digest(),
    ];
    let mut table = Table::new(voice.language(), &heads);
    for model in published {
        let part = model.part().to_string();
        let digest = model.digest.get(..16).unwrap_or(&model.digest).to_owned();
        let holders = model.holders.join(", ");
        table.row(vec![model.model, part, model.lender, model.platform, holders, digest]);
    }
    print(&table.lines());
    Ok(())
}

fn registrations(registered: &[View<'_>], voice: Voice) -> Vec<String> {
    let heads = [
        phrases::head_registered(),
        phrases::head_part(),
        phrases::head_platform(),
        phrases::head_state(),
        phrases::head_updated(),
        phrases::head_reason(),
    ];
    let mut table = Table::new(voice.language(), &heads);
    for model in registered {
        table.row(vec![
            model.word("model"),
            model.word("part"),
            model.word("platform"),
            voice.words(&state(*model)).to_owned(),
            model.time("changed_ms"),
            model.word("reason"),
        ]);
    }
    table.lines()
}
