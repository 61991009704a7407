use session::{Chunk, Role, Session, Turn};

use super::*;

const FROM: Role = Role(0);

fn subjects(texts: &[&str]) -> Vec<Subject> {
    let subject =
        |text: &&str| Subject::parse(SubjectKind::Opaque, text, CheckMode::Report).unwrap().value;
    texts.iter().map(subject).collect()
}

/// Sends `sent` in chunks of `length` to a party that agreed to the list of `agreed`.
fn carry(agreed: &[&str], sent: &str, length: usize) -> Result<String, Error> {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own/run.list");
    let agreed = write(&own, SubjectKind::Opaque, subjects(agreed)).unwrap();
    let theirs = folder.path().join("theirs/run.list");
    let mut receiver = Receiver::new(&theirs, agreed).unwrap();
    let chunks: Vec<&[u8]> = sent.as_bytes().chunks(length).collect();
    let carried = chunks.iter().enumerate().try_for_each(|(at, body)| {
        let body = Bytes::copy_from_slice(body);
        receiver.receive(FROM, Chunk { round: ROUND, last: at + 1 == chunks.len(), body })
    });
    drop(receiver);
    let folder = theirs.parent().unwrap();
    let left = fs::read_dir(folder).unwrap().count();
    assert_eq!(
        left,
        usize::from(carried.is_ok()),
        "a list is there when it is right, and no scrap"
    );
    carried?;
    Ok(fs::read_to_string(theirs).unwrap())
}

#[test]
fn a_list_arrives_whole_however_it_is_cut() {
    for length in [1, 2, 3, 7, 1_000] {
        let came = carry(&["b", "a,1", "甲", "b"], "a,1\nb\n甲\n", length).unwrap();
        assert_eq!(came, "a,1\nb\n甲\n");
    }
}

#[test]
fn a_sender_and_a_receiver_agree() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own.list");
    let many: Vec<String> = (0..50_000).map(|at| format!("firm {at}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let agreed = write(&own, SubjectKind::Opaque, subjects(&many)).unwrap();
    let theirs = folder.path().join("theirs.list");
    let mut sender = Sender::new(&own, FROM).unwrap();
    let mut receiver = Receiver::new(&theirs, agreed).unwrap();
    while let Turn::Send(_, chunk) = sender.advance().unwrap() {
        receiver.receive(FROM, chunk).unwrap();
    }
    assert!(matches!(receiver.advance(), Ok(Turn::Done(()))));
    assert_eq!(fs::read(&own).unwrap(), fs::read(&theirs).unwrap());
    let from = Subjects::open(&theirs, SubjectKind::Opaque, 49_998).unwrap();
    let last: Vec<String> = from.map(|found| found.unwrap().reveal().to_owned()).collect();
    assert_eq!(last, ["firm 9998", "firm 9999"]);
}

#[test]
fn more_subjects_than_agreed_are_refused() {
    let more = carry(&["a", "b"], "a\nb\nc\n", 4);
    assert!(matches!(more, Err(Error::TooMany { agreed: 2, .. })));
}

#[test]
fn fewer_subjects_than_agreed_are_refused() {
    for short in ["a\n", "a\nb", "a\nbc"] {
        let fewer = carry(&["a", "bc"], short, 9);
        assert!(matches!(fewer, Err(Error::TooFew { found: 1, agreed: 2, .. })), "{short}");
    }
}

#[test]
fn a_duplicate_is_refused_wherever_the_chunks_are_cut() {
    for length in 1..6 {
        let twice = carry(&["a", "b"], "a\na\n", length);
        assert!(matches!(twice, Err(Error::Duplicate { line: 2, .. })));
    }
}

#[test]
fn another_order_and_another_list_are_refused() {
    assert!(matches!(carry(&["a", "b"], "b\na\n", 9), Err(Error::Unordered { line: 2, .. })));
    assert!(matches!(carry(&["a", "b"], "a\nc\n", 9), Err(Error::OtherList { .. })));
}

#[test]
fn what_is_no_identifier_is_refused_and_not_kept_in_memory() {
    let long = "x".repeat(65) + "\n";
    for bad in ["\n", " a\n", "a\r\n", "\u{7}\n", &long, &"x".repeat(100_000)] {
        for length in [1, 1_000_000] {
            let refused = carry(&["a"], bad, length);
            assert!(matches!(refused, Err(Error::NoSubject { line: 1, .. })), "{bad:?}");
        }
    }
}

#[test]
fn a_list_has_the_hash_that_sha256sum_prints_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let code = |text| Subject::parse(SubjectKind::Uscc, text, CheckMode::Strict).unwrap().value;
    let hash = |subjects| {
        let listed = write(&folder.path().join("run.list"), SubjectKind::Uscc, subjects).unwrap();
        hex::encode(listed.hash)
    };
    // printf 'tacit/party/v1/listuscc\n91320100PDY00001XR\n91320500PDY0001750\n' | sha256sum
    let rows = vec![code("91320500-PDY0001750"), code(" 91320100pdy00001xr ")];
    assert_eq!(hash(rows), "2714602e21bdaa349f0dbef44bd720aa3a40a4d277176c5f9809a0845dbfdf15");
    // printf 'tacit/party/v1/listuscc\n' | sha256sum
    assert_eq!(
        hash(Vec::new()),
        "e45ed9c8eda71ec14ff410a59928bf7202f2b9fb256f7045e70a8987ac9d2664"
    );
}
