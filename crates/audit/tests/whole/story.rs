//! A whole release, with all its parties: what the tests of records, receipts and reports share.

use audit::{
    Answer, Asked, Authorised, Chain, Checkpoint, Clock, Counts, Event, KeyName, Keys, LegalBasis,
    Logged, Method, Moment, Named, NoteKey, PartyKeys, Proof, Protocol, Pseudonym, PseudonymKey,
    Receipt, RegistryLeaf, Release, Released, Salt, Shown, ShownQuestion, Stamp, Use, Version,
};
use consent::{
    Asks, Authorisation, Capacity, Draft, LogPlace, Question, SignedQuestion, Signer, State,
    Statement, SubjectCertificate, SubjectSalt, SubjectSigner, Term,
};
use domain::{
    CheckMode, Digest, Duty, Field, Output, PartyId, Purpose, RunId, Subject, SubjectKind,
};
use envelope::{Envelope, SigningKey};
use sha2::Digest as _;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::support::Log;

/// When the release is made.
pub(crate) const NOW: OffsetDateTime = datetime!(2026-03-10 10:00 +8);

/// The keys of this cast, by number.
pub(crate) mod seed {
    pub(crate) const ISSUER: u8 = 1;
    pub(crate) const NODE: u8 = 2;
    pub(crate) const TAX: u8 = 3;
    pub(crate) const TAX_NOTES: u8 = 4;
    pub(crate) const PLATFORM: u8 = 5;
    pub(crate) const FIRM: u8 = 6;
    pub(crate) const PERSON: u8 = 7;
    pub(crate) const WITNESS: u8 = 8;
    pub(crate) const BANK: u8 = 9;
}

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

pub(crate) fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

pub(crate) fn digest(byte: u8) -> Digest {
    Digest::from_bytes([byte; 32])
}

pub(crate) fn fields(names: &[&str]) -> audit::Fields {
    audit::Fields::new(names.iter().map(|name| name.parse::<Field>().unwrap()).collect()).unwrap()
}

pub(crate) fn firm() -> Subject {
    subject(SubjectKind::Uscc, "91320500PDY0001750")
}

pub(crate) fn person() -> Subject {
    subject(SubjectKind::CnId, "11010519491231002X")
}

fn subject(kind: SubjectKind, text: &str) -> Subject {
    Subject::parse(kind, text, CheckMode::Report).unwrap().value
}

pub(crate) fn pseudonym(subject: &Subject) -> Pseudonym {
    PseudonymKey::from_bytes([9; 32]).subject(subject)
}

pub(crate) fn stamp(time: OffsetDateTime) -> Stamp {
    Stamp { time: Moment::new(time).unwrap(), clock: Clock::Synchronised, duty: Duty::Holder }
}

pub(crate) fn asked(run: u8) -> Asked {
    Asked {
        request: digest(0x10 + run),
        run: RunId::from_bytes([run; 16]),
        fields: fields(&["1.vat_paid_12m_cny", "2.in_arrears_now"]),
        output: Output::Verify,
        purpose: Purpose::PreLoan,
        question: audit::Question::Predicate { hash: digest(0x11) },
        platform: party("platform-js"),
        receiver: party("bank-a"),
    }
}

pub(crate) fn release(run: u8, ground: LegalBasis) -> Release {
    let (catalogue, profile, batch) = (digest(0x21), digest(0x22), digest(0x23));
    Release { asked: asked(run), ground, catalogue, profile, batch }
}

pub(crate) fn used(release: Release, version: u16) -> Use {
    Use {
        release,
        subject: Some(pseudonym(&firm())),
        operator: Some(PseudonymKey::from_bytes([9; 32]).operator("wang")),
        method: Method { protocol: Protocol::Verification, version, parameters: digest(0x31) },
    }
}

/// The subject's authorisation as a draft; a story changes it before it is signed.
pub(crate) fn draft(id: &str, subject: &Subject) -> Draft {
    let kind = if subject.kind() == SubjectKind::CnId { "person" } else { "legal_rep" };
    let json = format!(
        r#"{{"authorisation_id":"{id}","version":1,
        "subject":{{"kind":"{}","id":"{}"}},
        "signer":{{"kind":"{kind}","identity_method":"electronic_business_licence",
            "identity_level":3,"identity_checked_at":"2026-03-02T09:12:00+08:00"}},
        "consent":{{"notice_version":"N-7","notice_shown_at":"2026-03-02T09:13:10+08:00",
            "act":"signed","self_initiated":true}},
        "grantee":{{"institution_id":"bank-a","platform_id":"platform-js","node_id":"node-js"}},
        "scope":[{{"class":1,"fields":["*"],"outputs":["verify","score"]}},
            {{"class":2,"fields":["in_arrears_now"],"outputs":["verify"]}},
            {{"class":8,"fields":["*"],"outputs":["verify"]}}],
        "model_ids":["basic@1"],"purpose":"pre_loan",
        "term":{{"not_before":"2026-03-02T00:00:00+08:00","not_after":"2026-04-01T00:00:00+08:00"}},
        "limits":{{"max_uses":3,"min_interval_s":0,"onward_sharing":false}},
        "letter":{{"template_id":"js-enterprise-zh-3","hash":"{}","language":"zh"}}}}"#,
        subject.kind().code(),
        subject.reveal(),
        digest(0x41),
    );
    Draft::from_json(json.as_bytes()).unwrap()
}

pub(crate) fn signed(draft: &Draft, signer: u8) -> Envelope {
    let at = datetime!(2026-03-02 09:13:40 +8);
    let certificate = SubjectCertificate {
        issuer: party("licence-authority"),
        subject: draft.subject.clone(),
        signer: Signer::new(
            if draft.subject.kind() == SubjectKind::CnId {
                Capacity::Person
            } else {
                Capacity::LegalRep
            },
            "electronic_business_licence".parse().unwrap(),
            3,
            datetime!(2026-03-02 09:12 +8),
        )
        .unwrap(),
        key: key(signer).public(),
        validity: Term::new(at - Duration::DAY, at + Duration::days(365)).unwrap(),
    };
    let certificate = certificate.sign(&key(seed::ISSUER)).unwrap();
    draft.sign(&SubjectSigner { key: &key(signer), certificate: &certificate, at }).unwrap()
}

/// The registry's statement about a record that is entry 5 of 11 in its log.
pub(crate) fn stated(record: &Envelope, edit: impl FnOnce(&mut Statement)) -> Envelope {
    let record = Authorisation::unverified(record).unwrap();
    let mut statement = Statement {
        registry: record.registry().clone(),
        issued_at: NOW - Duration::seconds(20),
        authorisation: record.id().clone(),
        version: record.version(),
        record_hash: record.record_hash(),
        state: State::Active,
        since: datetime!(2026-03-02 09:14 +8),
        log: LogPlace { index: 5, size: 11, root: digest(0), proof: Vec::new() },
    };
    let mut log = Log::default();
    for other in 0..11_u8 {
        let leaf = RegistryLeaf::from(&statement).to_bytes();
        log.append(if other == 5 { &leaf } else { std::slice::from_ref(&other) });
    }
    statement.log.root = log.head().root;
    statement.log.proof = log.inclusion(5, 11);
    edit(&mut statement);
    statement.sign(&key(seed::NODE)).unwrap()
}

pub(crate) fn named(shown: &Shown) -> Named {
    let record = Authorisation::unverified(&shown.record).unwrap();
    let statement = shown.statement.unverified(Statement::TYPE).unwrap();
    let hash = sha2::Sha256::digest(statement);
    Named {
        id: record.id().clone(),
        version: record.version(),
        record: record.record_hash(),
        statement: Digest::from_bytes(hash.into()),
    }
}

/// A holder's log with its tree.
pub(crate) struct Ledger {
    pub(crate) chain: Chain,
    pub(crate) tree: Log,
    pub(crate) records: Vec<Logged>,
}

impl Ledger {
    pub(crate) fn of(name: &str) -> Self {
        let chain = Chain::begin(party(name), Version([0, 1, 0]));
        Self { chain, tree: Log::default(), records: Vec::new() }
    }

    pub(crate) fn write(&mut self, at: OffsetDateTime, event: Event) -> Logged {
        let logged = self.chain.write(stamp(at), event);
        self.tree.append(logged.bytes());
        self.records.push(logged.clone());
        logged
    }
}

/// A release that is yet to be made; each test alters one thing.
pub(crate) struct Story {
    pub(crate) release: Release,
    pub(crate) shown: Vec<Shown>,
    pub(crate) time: OffsetDateTime,
    pub(crate) holder: u8,
    pub(crate) platform: u8,
    /// What the bank signs: nothing where nobody stands between, or before there were questions.
    pub(crate) question: Option<fn(&mut Question)>,
    /// The version of the method.
    pub(crate) version: u16,
}

impl Story {
    /// An answer about a firm, under its authorisation.
    pub(crate) fn verification() -> Self {
        let record = signed(&draft("AU-2026-000123", &firm()), seed::FIRM);
        let statement = stated(&record, |_| {});
        Self::shown(vec![Shown { record, statement }])
    }

    pub(crate) fn shown(shown: Vec<Shown>) -> Self {
        let (subject, persons) = shown.split_first().unwrap();
        let persons = persons.iter().map(named).collect();
        let ground = LegalBasis::Verification(Authorised { subject: named(subject), persons });
        Self { shown, ..Self::on(ground) }
    }

    /// One that needs no authorisation.
    pub(crate) fn on(ground: LegalBasis) -> Self {
        let (holder, platform) = (seed::TAX, seed::PLATFORM);
        let question: Option<fn(&mut Question)> = Some(|_| {});
        let (release, shown, version) = (release(1, ground), Vec::new(), 2);
        Self { release, shown, time: NOW, holder, platform, question, version }
    }

    /// What the bank has asked for, signed a second before the release.
    fn question(&self) -> Option<ShownQuestion> {
        let edit = self.question?;
        let asked = &self.release.asked;
        let salt = SubjectSalt::from_bytes([0x61; 32]);
        let asks = match &asked.question {
            audit::Question::Model { id, hash } => {
                Asks::Score { model: id.clone(), publication: *hash }
            }
            audit::Question::Predicate { hash } => Asks::Verify { formula: *hash },
        };
        let mut question = Question {
            lender: asked.receiver.clone(),
            platform: asked.platform.clone(),
            holders: vec![party("social"), party("tax")],
            run: asked.run,
            purpose: asked.purpose,
            asks,
            subject: salt.commit(&firm()),
            terms: digest(0x62),
        };
        edit(&mut question);
        let signed = question.sign(&key(seed::BANK), self.time - Duration::SECOND).unwrap();
        Some(ShownQuestion { signed, salt: (!self.shown.is_empty()).then_some(salt) })
    }

    /// Makes the release among others, and gives the receiver's proof.
    pub(crate) fn proof(&self, ledger: &mut Ledger) -> Proof {
        let question = self.question();
        let mut release = self.release.clone();
        if let Some(question) = &question {
            release.asked.request = SignedQuestion::id(&question.signed).unwrap();
        }
        let other = Event::Configuration { catalogue: digest(0x21), profile: digest(0x22) };
        ledger.write(self.time, other.clone());
        let used = used(release.clone(), self.version);
        let begun = ledger.write(self.time, Event::ReleaseBegun(used.clone())).leaf();
        ledger.write(self.time, other.clone());

        let (salt, answer) = (Salt::from_bytes([0x51; 32]), Answer::Bytes(b"a ciphertext".into()));
        let commitment = salt.commit(&answer);
        let receipt = Receipt {
            release,
            holder: party("tax"),
            time: Moment::new(self.time).unwrap(),
            commitment,
            previous: begun,
        };
        let receipt = receipt.sign(&key(self.holder));
        let (by, platform) = (key(self.holder).public(), key(self.platform));
        let receipt = Receipt::countersign(receipt, &by, &platform).unwrap();

        let receipt_id = Receipt::id(&receipt).unwrap();
        let counts =
            Counts { rows_in: 1, rows_out: 1, bytes: 12, milliseconds: 40, rows_dropped: 0 };
        let released = Released { begun, receipt: receipt_id, commitment, used, counts };
        let record = ledger.write(self.time, Event::Released(released));
        ledger.write(self.time, other);

        let head = ledger.tree.head();
        let checkpoint = Checkpoint { origin: party("tax"), head }.sign(&key(seed::TAX_NOTES));
        let checkpoint =
            checkpoint.cosign(KeyName::of(&party("node-js")), &key(seed::WITNESS)).unwrap();
        Proof {
            receipt,
            authorisations: self.shown.clone(),
            salt,
            answer,
            record: String::from_utf8(record.bytes().to_vec()).unwrap(),
            inclusion: ledger.tree.inclusion(record.record().sequence, head.size),
            checkpoint,
            question,
        }
    }
}

/// The keys of the cast, in their roles.
pub(crate) fn keys() -> Keys {
    let public = |seed| key(seed).public();
    let keys =
        |signing, notes| PartyKeys { signing: vec![public(signing)], notes: vec![public(notes)] };
    Keys {
        issuers: [(party("licence-authority"), vec![public(seed::ISSUER)])].into(),
        registries: [(party("node-js"), vec![public(seed::NODE)])].into(),
        holders: [(party("tax"), keys(seed::TAX, seed::TAX_NOTES))].into(),
        platforms: [(party("platform-js"), keys(seed::PLATFORM, seed::PLATFORM))].into(),
        lenders: ["bank-a", "bank-b"]
            .map(|bank| (party(bank), keys(seed::BANK, seed::BANK)))
            .into(),
        witnesses: vec![NoteKey::new(KeyName::of(&party("node-js")), public(seed::WITNESS))],
    }
}
