//! A bank and a department train one model. Neither sees the other's rows; the bank learns weights.
#![expect(clippy::print_stdout, reason = "a story is told on the screen")]

mod data;
mod upload;

use std::error::Error;

use rand::SeedableRng;
use rand::rngs::StdRng;
use session::{Fate, Network};
use sharing::Secret;
use training::{Column, Finished, Labels, Measures, Model, ROLES, Terms, Uploads, Whose};
use training::{begin, transfer};

fn main() -> Result<(), Box<dyn Error>> {
    let data = data::load()?;
    println!("{}: {} customers, three in ten of them held out.", data.name, data.bad.len());
    for (who, tables) in [
        ("the bank alone", vec![&data.bank]),
        ("bank and department", vec![&data.bank, &data.department]),
    ] {
        let (weights, held_out, sent) = told(train(&tables, &data.bad)?)?;
        let Measures { auc, ks, .. } = held_out;
        println!("{who:<20} {} weights, AUC {auc:.4}, KS {ks:.4}", weights.len());
        println!("{:<20} the bank's node has sent {:.1} MB", "", sent as f64 / 1e6);
    }
    Ok(())
}

/// Holders upload and leave; then the three roles train. Gives what the lender's role ends with.
fn train(tables: &[&data::Table], bad: &[bool]) -> Result<Finished, Box<dyn Error>> {
    let mut rng = StdRng::seed_from_u64(1);
    let columns =
        tables.iter().map(|table| u16::try_from(table.len())).collect::<Result<_, _>>()?;
    let mut terms = Terms::new(u32::try_from(bad.len())?, columns, [0; 32]);
    (terms.held_out_percent, terms.evaluation) = (30, true);
    let uploads = ROLES.into_iter().map(|role| Uploads::new(&terms, role));
    let mut uploads = uploads.collect::<Result<Vec<_>, _>>()?;
    for (holder, table) in tables.iter().enumerate() {
        let columns = table.iter().map(|numbers| Ok(Column::standardised(numbers)?.0));
        let columns = columns.collect::<Result<Vec<_>, training::Error>>()?;
        let session = transfer::send_columns(&terms, holder, columns, &ROLES, None, &mut rng)?;
        upload::to_all(&terms, Whose::Holder(holder), session, &mut uploads)?;
    }
    let labels = Labels::of_customers(bad);
    let session = transfer::send_labels(&terms, labels, &ROLES, None, &mut rng)?;
    upload::to_all(&terms, Whose::Labels, session, &mut uploads)?;

    let mut network = Network::new();
    let mut outcomes = Vec::new();
    for (role, uploads) in ROLES.into_iter().zip(uploads) {
        let (secret, inputs) = (Secret::random(&mut rng), uploads.complete()?);
        let training = begin(terms.clone(), role, secret, inputs, |_kept| Ok(()))?;
        outcomes.push(network.join(role, training));
    }
    network.run(|_from, _to, _chunk| Fate::Deliver)?;
    outcomes[2].take().ok_or_else(|| "the lender's role has ended".into())
}

fn told(end: Finished) -> Result<(Vec<f64>, Measures, u64), Box<dyn Error>> {
    let Model::Opened(weights) = end.model else { return Err("the lender learns weights".into()) };
    let held_out = end.findings.and_then(|findings| findings.held_out?.measures());
    Ok((weights, held_out.ok_or("rows of both classes were held out")?, end.traffic.total()))
}

#[cfg(test)]
mod tests;
