//! The guide's configuration reference and the program know the same keys, in both languages: which
//! there are is taken from the program's own complaint about one that is not.

use std::collections::{BTreeMap, BTreeSet};

use super::Config;

/// Each language's guide, and its words for a key that must be there and for one without a default.
const GUIDES: [(&str, &str, &str); 2] = [
    (include_str!("../../GUIDE.md"), "required", "none"),
    (include_str!("../../GUIDE.zh.md"), "必填", "无"),
];

/// A table of `party.toml`: its heading in the guide, how it opens, and what it cannot do without.
struct Section {
    heading: &'static str,
    opening: &'static str,
    least: &'static [(&'static str, &'static str)],
}

const fn section(
    heading: &'static str,
    opening: &'static str,
    least: &'static [(&'static str, &'static str)],
) -> Section {
    Section { heading, opening, least }
}

const PARTY: Section = section(
    "`party.toml`",
    "",
    &[("name", "'tax'"), ("duties", "['holder']"), ("listen", "'127.0.0.1:1'")],
);

const TO: (&str, &str) = ("to", "['bank']");
const REGISTER: (&str, &str) = ("register", "'r'");
const PLATFORM: (&str, &str) = ("platform", "'p'");

const SECTIONS: [Section; 14] = [
    PARTY,
    section("`[limits]`", "[limits]", &[]),
    section("`[control]`", "[control]", &[]),
    section("`[governance]`", "[governance]", &[]),
    section(
        "`[[governance.issuer]]`",
        "[[governance.issuer]]",
        &[("name", "'i'"), ("key", "'ed25519:5Qiiz0b6G3QkxVDPmJIEXSaoRjjqGaOnSFP8bvSQ0Fs='")],
    ),
    section(
        "`[[register]]`",
        "[[register]]",
        &[("name", "'r'"), ("file", "'r.csv'"), ("column", "'id'"), ("kind", "'opaque'")],
    ),
    section(
        "`[[offer]]`: `protocol = \"psi\"`",
        "[[offer]]",
        &[("protocol", "'psi'"), REGISTER, TO, ("outputs", "['one-sided']")],
    ),
    section(
        "`[[offer]]`: `protocol = \"score\"`",
        "[[offer]]",
        &[("protocol", "'score'"), REGISTER, PLATFORM, TO],
    ),
    section(
        "`[[offer]]`: `protocol = \"verify\"`",
        "[[offer]]",
        &[("protocol", "'verify'"), REGISTER, PLATFORM, TO],
    ),
    section(
        "`[[offer]]`: `protocol = \"match\"`",
        "[[offer]]",
        &[("protocol", "'match'"), REGISTER, TO],
    ),
    section(
        "`[[offer]]`: `protocol = \"train\"`",
        "[[offer]]",
        &[("protocol", "'train'"), REGISTER, TO],
    ),
    section("`[[offer]]`: `protocol = \"key\"`", "[[offer]]", &[("protocol", "'key'"), TO]),
    section(
        "`[[model]]`",
        "[[model]]",
        &[("file", "'m.toml'"), ("lenders", "['bank']"), ("holders", "{ tax = 'tax' }")],
    ),
    section("`[[route]]`", "[[route]]", &[("classes", "[1]"), ("holder", "'tax'")]),
];

impl Section {
    /// A configuration with this table, without one of its keys, and with another.
    fn read(&self, without: &str, with: Option<(&str, &str)>) -> Result<String, String> {
        let least = self.least.iter().copied().filter(|(key, _)| *key != without);
        let lines = |pairs: &[(&str, &str)]| -> String {
            pairs.iter().map(|(key, value)| format!("{key} = {value}\n")).collect()
        };
        let own = lines(&least.chain(with).collect::<Vec<_>>());
        let before = if self.opening.is_empty() { String::new() } else { lines(PARTY.least) };
        let read = toml::from_str::<Config>(&format!("{before}{}\n{own}", self.opening));
        read.map(|config| format!("{config:?}")).map_err(|error| error.to_string())
    }

    /// The keys that the program takes here.
    fn keys(&self) -> BTreeSet<String> {
        let complaint = self.read("", Some(("zz", "1"))).expect_err("there is no such key");
        let mut keys = expected(&complaint, "unknown field `zz`");
        if self.opening == "[[offer]]" {
            // It picks the kind of offer, and is asked for before the others.
            keys.insert("protocol".into());
        }
        keys
    }
}

/// What a complaint says was expected.
fn expected(complaint: &str, about: &str) -> BTreeSet<String> {
    let said = complaint.lines().find_map(|line| line.strip_prefix(about));
    let said = said.unwrap_or_else(|| panic!("another complaint: {complaint}"));
    said.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
}

/// The reference of a guide: by heading, each key's default as it stands there.
fn reference(guide: &str) -> BTreeMap<&str, Vec<(&str, &str)>> {
    let mut sections = BTreeMap::new();
    let mut heading = None;
    for line in guide.lines() {
        if let Some(title) = line.strip_prefix("### ") {
            heading = title.starts_with('`').then_some(title);
            sections.extend(heading.map(|heading| (heading, Vec::new())));
        }
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        if let (Some(heading), [key, _, default, _]) = (heading, &cells[..])
            && let Some(key) = key.strip_prefix('`').and_then(|key| key.strip_suffix('`'))
        {
            sections.entry(heading).or_default().push((key, *default));
        }
    }
    sections
}

#[test]
fn the_guide_lists_the_keys_that_the_program_takes_and_no_others() {
    for (guide, ..) in GUIDES {
        let listed = reference(guide);
        let ours: BTreeSet<&str> = SECTIONS.iter().map(|section| section.heading).collect();
        assert_eq!(listed.keys().copied().collect::<BTreeSet<_>>(), ours);
        for section in &SECTIONS {
            let rows = &listed[section.heading];
            let keys: BTreeSet<String> = rows.iter().map(|(key, _)| (*key).to_owned()).collect();
            assert_eq!(keys, section.keys(), "{}", section.heading);
            assert_eq!(keys.len(), rows.len(), "{} lists a key twice", section.heading);
        }
    }
}

#[test]
fn the_guide_has_every_kind_of_offer() {
    let offer = section("", "[[offer]]", &[("protocol", "'zz'")]);
    let complaint = offer.read("", None).expect_err("there is no such protocol");
    let kinds = expected(&complaint, "unknown variant `zz`");
    let listed: BTreeSet<String> = SECTIONS
        .iter()
        .filter(|section| section.opening == "[[offer]]")
        .map(|section| section.least[0].1.trim_matches('\'').to_owned())
        .collect();
    assert_eq!(kinds, listed);
}

#[test]
fn a_key_is_required_or_has_its_default_as_the_guide_says() {
    for (guide, required, none) in GUIDES {
        let listed = reference(guide);
        for section in &SECTIONS {
            let least = section.read("", None).expect("a whole configuration");
            for (key, default) in &listed[section.heading] {
                let place = format!("{} {key}", section.heading);
                let must = section.least.iter().any(|(least, _)| least == key);
                assert_eq!(must, *default == required, "{place}: {default}");
                assert_eq!(section.read(key, None).is_err(), must, "{place}");
                if must {
                    continue;
                }
                if *default == none {
                    let absent = least.contains(&format!("{key}: None"));
                    assert!(absent || section.opening.is_empty(), "{place}: {least}");
                    continue;
                }
                let said = section.read("", Some((key, default.trim_matches('`'))));
                assert_eq!(said.as_deref(), Ok(least.as_str()), "{place}: {default}");
            }
        }
    }
}

#[test]
fn a_row_that_is_wrong_is_found_out() {
    let limits = &SECTIONS[1];
    let least = limits.read("", None).unwrap();
    assert_eq!(limits.read("", Some(("idle_s", "60"))).as_ref(), Ok(&least));
    assert_ne!(limits.read("", Some(("idle_s", "61"))), Ok(least));
    assert!(limits.keys().contains("idle_s") && !limits.keys().contains("idle"));
}
