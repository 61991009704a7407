//! An asker that others wrote. What it hashes is computed here from the SPEC's words alone.

use psi::cached::ASKER;
use session::{Chunk, Session, Turn};
use sha2::{Digest, Sha512};
use voprf::{EvaluationElement, Group, OprfClient, OprfServer, Ristretto255};

use crate::{Run, tags};

fn domain(name: &str) -> Sha512 {
    Sha512::new().chain_update(format!("tacit/psi/v1/ristretto255-SHA512/cached/{name}"))
}

fn period(run: &Run) -> [u8; 64] {
    let period = run.terms.period;
    let hash = domain("period")
        .chain_update(period.items.to_be_bytes())
        .chain_update(period.queries.to_be_bytes())
        .chain_update(period.context);
    hash.finalize().into()
}

fn input(run: &Run, item: &str) -> [u8; 64] {
    domain("item").chain_update(period(run)).chain_update(item).finalize().into()
}

/// The OPRF's outputs for items, by the `voprf` crate in the asker's place.
fn ask(run: &Run, items: &[&str]) -> Vec<Vec<u8>> {
    let mut holder = run.holder();
    let terms = domain("terms")
        .chain_update(period(run))
        .chain_update([u8::from(run.terms.delivers)])
        .chain_update(run.terms.queries.to_be_bytes())
        .chain_update(run.terms.context)
        .finalize();
    let list = domain("list").chain_update(period(run));
    let list = list.chain_update(run.register().list().as_bytes()).finalize();
    let agreement = domain("agreement").chain_update(terms).chain_update(list).finalize();
    holder.receive(ASKER, Chunk::whole(1, agreement[..32].to_vec())).unwrap();
    let clients: Vec<_> = items
        .iter()
        .map(|item| {
            // A blind of our own choice: it hides nothing, and nothing here must be hidden.
            let mut blind = [0; 32];
            blind[..31].copy_from_slice(&input(run, item)[..31]);
            let blind = <Ristretto255 as Group>::deserialize_scalar(&blind).unwrap();
            let input = input(run, item);
            OprfClient::<Ristretto255>::deterministic_blind_unchecked(&input, blind).unwrap()
        })
        .collect();
    let blinded: Vec<u8> =
        clients.iter().flat_map(|client| client.message.serialize().to_vec()).collect();
    holder.receive(ASKER, Chunk::whole(3, blinded)).unwrap();
    let Ok(Turn::Send(ASKER, evaluated)) = holder.advance() else { panic!("no answers") };
    let rows = clients.iter().zip(items).zip(evaluated.body.chunks(32));
    rows.map(|((client, item), evaluated)| {
        let evaluated = EvaluationElement::deserialize(evaluated).unwrap();
        client.state.finalize(&input(run, item), &evaluated).unwrap().to_vec()
    })
    .collect()
}

#[test]
fn the_voprf_crate_can_be_the_asker() {
    let run = Run::new(30, 0, 3).padded(10, 0).kept();
    let (list, length) = (tags(run.register().list()), run.terms.period.tag_length());
    let outputs = ask(&run, &["uscc:0", "uscc:29", "uscc:30"]);
    let found: Vec<_> =
        outputs.iter().map(|output| list.contains(&output[..length].to_vec())).collect();
    assert_eq!(found, [true, true, false]);
}

#[test]
fn the_key_and_the_tags_are_those_of_rfc_9497() {
    let run = Run::new(5, 0, 0);
    let server = OprfServer::<Ristretto255>::new_from_seed(&run.seeds[1], &period(&run)).unwrap();
    let length = run.terms.period.tag_length();
    let mut expected: Vec<_> = run
        .entries
        .iter()
        .map(|entry| server.evaluate(&input(&run, entry)).unwrap()[..length].to_vec())
        .collect();
    expected.sort();
    assert_eq!(tags(run.register().list()), expected);
}

#[test]
fn an_evaluation_of_one_period_serves_no_other() {
    let run = Run::new(6, 0, 6).kept();
    let items: Vec<_> = run.items.iter().map(String::as_str).collect();
    let length = run.terms.period.tag_length();
    let mut next = run.clone();
    next.seeds[1] = [3; 32];
    let outputs = ask(&run, &items);
    let met = |run: &Run| {
        let list = tags(run.register().list());
        outputs.iter().filter(|output| list.contains(&output[..length].to_vec())).count()
    };
    assert_eq!([met(&run), met(&next)], [6, 0]);
}
