//! What a peer can upload, ask and answer in a verification.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use session::Role;
use verification::upload::{KeyReceiver, KeySender};
use verification::{
    Answer, Atom, Atoms, Carried, ClaimBox, ClaimKey, Combined, Comparison, Encode, Evaluation,
    EvaluationKey, Evaluator, Formula, HolderId, Known, LENDER, LenderKey, Opening, PLATFORM,
    PublicKey, Query, QueryId, QuestionDigest, RunId, SealedThreshold, Terms, Threshold, holder,
    verify,
};

use crate::script::{Script, mutated, provoke};

/// A lender with its keys, and one message of every kind as honest parties make it.
pub struct Honest {
    key: std::sync::Arc<LenderKey>,
    uploaded: EvaluationKey,
    evaluator: std::sync::Arc<Evaluator>,
    terms: Terms,
    sealed: SealedThreshold,
    /// The bytes of the key, of the threshold, of both holders' atoms, of the answer, of the box.
    key_bytes: Vec<u8>,
    threshold: Vec<u8>,
    atoms: [Vec<u8>; 2],
    combined: Vec<u8>,
    closed: Vec<u8>,
    claim_key: ClaimKey,
    carried: Carried,
}

const RUN: RunId = RunId([1; 16]);
const CLAIM: &[u8] = b"480000";

impl Honest {
    /// Takes a second or two.
    ///
    /// # Panics
    ///
    /// Never: all of it fits together.
    pub fn new() -> Self {
        let mut rng = ChaCha20Rng::from_seed([1; 32]);
        let (key, uploaded) = LenderKey::generate(&mut rng);
        let evaluator = uploaded.expand();
        let sealed = SealedThreshold::seal(&Threshold(7), &key, &mut rng);
        let comparison = Comparison::AtLeast;
        let atoms = vec![
            Atom::Plain { holder: 0 },
            Atom::Sealed { holder: 1, comparison, threshold: sealed.digest() },
        ];
        let formula = Formula::all([Formula::Atom(0), Formula::Atom(1)]);
        let holders = vec![HolderId([4; 32]), HolderId([5; 32])];
        let (fingerprint, question) = (uploaded.fingerprint(), QuestionDigest([2; 32]));
        let terms =
            Terms::new(fingerprint, question, RUN, QueryId([3; 16]), holders, atoms, &formula)
                .expect("they fit");
        let known = [Known::Answer(Answer::Yes), Known::Value(Some(9))];
        let [plain, value] = known.map(|known| vec![known]);
        let query = |at, known| Query::new(terms.clone(), holder(at), known).expect("they fit");
        let plain = query(0, plain).answer(uploaded.public(), &mut rng).expect("it fits");
        let compared = query(1, value)
            .compare(std::slice::from_ref(&sealed), &evaluator, &mut rng)
            .expect("it fits");
        let mut evaluation = Evaluation::new(terms.clone());
        evaluation.take(&plain).expect("it fits");
        evaluation.take(&compared).expect("it fits");
        let combined = evaluation.combine(&evaluator, &mut rng).expect("they fit").to_bytes();
        let claim_key = ClaimKey::from_secret_bytes(&[7; 32]);
        let opening = Opening::new(CLAIM, &mut rng).expect("it is short");
        let commitment = opening.commitment(RUN, 0);
        let carried = Carried { run: RUN, place: 0, parties: [8; 32], commitment };
        let closed = opening.sealed(&claim_key.public(), &carried, &mut rng).expect("a good key");
        Self {
            key_bytes: uploaded.to_bytes(),
            threshold: sealed.to_bytes(),
            atoms: [plain.to_bytes(), compared.to_bytes()],
            combined,
            closed: closed.to_bytes(),
            key: key.into(),
            evaluator: evaluator.into(),
            uploaded,
            terms,
            sealed,
            claim_key,
            carried,
        }
    }

    /// Every decoder and session against what the script makes of honest messages, or invents.
    ///
    /// # Panics
    ///
    /// When one of them panics, takes what is not bound to the terms, or blames the wrong party.
    pub fn play(&self, bytes: &[u8]) {
        let mut script = Script(bytes);
        match script.byte() % 8 {
            0 => self.upload(&mut script),
            1 => self.keys(&mut script),
            2 => self.thresholds(&mut script),
            3 => self.answers(&mut script),
            4 => self.claims(&mut script),
            5 => self.platform(&mut script),
            6 => self.holder(&mut script),
            _ => self.lender(&mut script),
        }
    }

    /// Reads bytes as every message there is; nothing of another length than its own is taken.
    ///
    /// # Panics
    ///
    /// When one takes them.
    pub fn refuse(&self, bytes: &[u8]) {
        assert!(EvaluationKey::from_bytes(bytes).is_err());
        assert!(PublicKey::from_bytes(bytes).is_err());
        assert!(LenderKey::from_secret_bytes(bytes).is_err());
        assert!(SealedThreshold::from_bytes(bytes, self.sealed.digest(), LENDER).is_err());
        assert!(Atoms::from_bytes(bytes, &self.terms, holder(0)).is_err());
        assert!(Atoms::from_bytes(bytes, &self.terms, holder(1)).is_err());
        assert!(Combined::from_bytes(bytes, &self.terms).is_err());
        assert!(ClaimBox::from_bytes(bytes).is_err());
    }

    fn upload(&self, script: &mut Script<'_>) {
        let receiver = KeyReceiver::new(self.uploaded.fingerprint());
        let sender = KeySender::new(&self.uploaded);
        if let Some(taken) = provoke((PLATFORM, receiver), (LENDER, sender), script) {
            assert_eq!(taken.fingerprint(), self.uploaded.fingerprint());
        }
    }

    fn keys(&self, script: &mut Script<'_>) {
        let bytes = mutated(&self.key_bytes, script);
        // Another public key may be another's; what it computes with is bound to it.
        if let Ok(key) = EvaluationKey::from_bytes(&bytes) {
            assert_eq!(key.to_bytes(), bytes);
        }
        let _ = PublicKey::from_bytes(script.0);
        let _ = LenderKey::from_secret_bytes(script.0);
    }

    fn thresholds(&self, script: &mut Script<'_>) {
        let bytes = mutated(&self.threshold, script);
        let read = SealedThreshold::from_bytes(&bytes, self.sealed.digest(), LENDER);
        assert_eq!(read.is_ok(), bytes == self.threshold);
    }

    fn answers(&self, script: &mut Script<'_>) {
        for (at, honest) in self.atoms.iter().enumerate() {
            let bytes = mutated(honest, script);
            let read = Atoms::from_bytes(&bytes, &self.terms, holder(at));
            assert_eq!(read.is_ok(), bytes == *honest);
        }
        let bytes = mutated(&self.combined, script);
        let read = Combined::from_bytes(&bytes, &self.terms);
        assert_eq!(read.is_ok(), bytes == self.combined);
    }

    fn claims(&self, script: &mut Script<'_>) {
        let bytes = mutated(&self.closed, script);
        let opened = ClaimBox::from_bytes(&bytes)
            .and_then(|closed| closed.open(&self.claim_key, &self.carried));
        assert_eq!(opened.is_ok(), bytes == self.closed);
        if let Ok(opened) = opened {
            assert_eq!(opened.reveal(), CLAIM);
        }
        if let Ok(closed) = ClaimBox::from_bytes(script.0) {
            assert!(closed.open(&self.claim_key, &self.carried).is_err());
        }
    }

    /// A platform that hears a lender alone: thresholds, and then whatever the script says.
    fn platform(&self, script: &mut Script<'_>) {
        let mut rng = ChaCha20Rng::from_seed([2; 32]);
        let platform = verify::Platform::new(
            self.terms.clone(),
            std::sync::Arc::clone(&self.evaluator),
            &mut rng,
        );
        hear(platform.expect("the key fits"), &[LENDER, holder(0), holder(1), Role(9)], script);
    }

    fn holder(&self, script: &mut Script<'_>) {
        let mut rng = ChaCha20Rng::from_seed([3; 32]);
        let query = Query::new(self.terms.clone(), holder(1), vec![Known::Value(None)]);
        let holder = verify::Holder::comparing(
            query.expect("it fits"),
            std::sync::Arc::clone(&self.evaluator),
            &mut rng,
        );
        hear(holder.expect("the key fits"), &[PLATFORM, LENDER], script);
    }

    fn lender(&self, script: &mut Script<'_>) {
        let sealed = std::slice::from_ref(&self.sealed);
        let lender =
            verify::Lender::new(self.terms.clone(), sealed, std::sync::Arc::clone(&self.key));
        hear(lender.expect("the key fits"), &[PLATFORM, holder(0)], script);
    }
}

impl Default for Honest {
    fn default() -> Self {
        Self::new()
    }
}

/// Says to a session what the script invents, until it refuses or the script is over.
fn hear(mut session: impl session::Session, from: &[Role], script: &mut Script<'_>) {
    while !script.0.is_empty() {
        loop {
            match session.advance() {
                Ok(session::Turn::Send(..)) => {}
                Ok(session::Turn::Await) => break,
                Ok(session::Turn::Done(_)) | Err(_) => return,
            }
        }
        let length = usize::from(script.byte()) * 40;
        let chunk = session::Chunk {
            round: u32::from(script.byte() % 6),
            last: script.byte() % 2 == 1,
            body: script.bytes(length).to_vec().into(),
        };
        let from = from[usize::from(script.byte()) % from.len()];
        if session.receive(from, chunk).is_err() {
            assert!(session.advance().is_err(), "it went on after an error");
            return;
        }
    }
}
