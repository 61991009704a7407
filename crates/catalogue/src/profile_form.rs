//! A profile's document as it is written.

use std::collections::BTreeMap;

use domain::Digest;
use serde::Deserialize;

use crate::text::{name, schema, text};
use crate::{Case, Citation, Effect, Error, MIN_COHORT, Position, Profile, Verdict};

/// A profile, of the right shape but not yet of sound content.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileForm {
    schema: u32,
    profile: String,
    document: String,
    minimum_cohort: u32,
    case: Vec<PositionForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PositionForm {
    case: String,
    verdict: String,
    article: Option<String>,
    zh: Option<String>,
    en: Option<String>,
    effect: Option<String>,
    because: Option<CitationForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CitationForm {
    article: String,
    zh: String,
    en: String,
}

impl ProfileForm {
    pub(crate) fn parse(self, fallback: Option<&Profile>) -> Result<Profile, Error> {
        schema(self.schema)?;
        if self.minimum_cohort < MIN_COHORT {
            let problem = format!("`minimum_cohort` is at least {MIN_COHORT}");
            return Err(Error::Document(problem));
        }
        let document = text("document", self.document).map_err(Error::Document)?;
        let mut positions = BTreeMap::new();
        for form in self.case {
            let (case, position) = form.parse(&document, fallback)?;
            if positions.insert(case, position).is_some() {
                return Err(Error::Case { case, problem: "the case is listed twice".into() });
            }
        }
        if let Some(case) = Case::ALL.iter().copied().find(|case| !positions.contains_key(case)) {
            return Err(Error::Case {
                case,
                problem: "the profile takes no position on it".into(),
            });
        }
        let mut profile = Profile {
            name: name("profile", self.profile)?,
            document,
            minimum_cohort: self.minimum_cohort,
            positions,
            hash: Digest::from_bytes([0; 32]),
        };
        profile.hash = profile.take_hash();
        Ok(profile)
    }
}

impl PositionForm {
    fn parse(self, document: &str, fallback: Option<&Profile>) -> Result<(Case, Position), Error> {
        let case: Case = self.case.parse()?;
        let wrong = |problem: String| Error::Case { case, problem };
        let word = |error: Error| wrong(error.to_string());
        let verdict: Verdict = self.verdict.parse().map_err(word)?;
        let text = match (self.article, self.zh, self.en) {
            (Some(article), Some(zh), Some(en)) => {
                CitationForm { article, zh, en }.parse().map_err(wrong)?
            }
            (None, None, None) if verdict == Verdict::Silent => {
                Citation::new(document, "该文件对此未作规定", "the document is silent on this")
            }
            (_, _, _) => {
                return Err(wrong("`article`, `zh` and `en` must say where the text is".into()));
            }
        };
        let stated: Option<Effect> =
            self.effect.map(|effect| effect.parse()).transpose().map_err(word)?;
        let because = self.because.map(CitationForm::parse).transpose().map_err(wrong)?;
        let (effect, because) = match (verdict.literal(), stated, because) {
            (Some(literal), None, None) => (literal, None),
            (Some(literal), Some(stated), Some(because)) if stated <= literal => {
                (stated, Some(because))
            }
            (Some(literal), Some(stated), Some(_)) => {
                let problem =
                    format!("the effect `{stated}` is looser than the text's `{literal}`");
                return Err(wrong(problem));
            }
            (None, None, None) => {
                let fallback = fallback
                    .ok_or_else(|| wrong("the strictest profile leaves nothing open".into()))?;
                let default = fallback.position(case);
                (default.effect, Some(default.citation()))
            }
            (None, _, _) => {
                let problem = "a text that is silent or arguable has the default's effect; \
                               state neither `effect` nor `because`";
                return Err(wrong(problem.into()));
            }
            (Some(_), _, _) => {
                let problem = "an `effect` that differs from the text needs a `because`, and only \
                               then is there one";
                return Err(wrong(problem.into()));
            }
        };
        if !case.possible().contains(&effect) {
            let known: Vec<_> = case.possible().iter().map(|effect| effect.code()).collect();
            let problem = format!(
                "the toolkit does not have the effect `{effect}` here (it has {}); state a stricter \
                 `effect` and its `because`",
                known.join(", ")
            );
            return Err(wrong(problem));
        }
        Ok((case, Position { verdict, text, effect, because }))
    }
}

impl CitationForm {
    fn parse(self) -> Result<Citation, String> {
        let Self { article, zh, en } = self;
        Ok(Citation {
            article: text("article", article)?,
            zh: text("zh", zh)?,
            en: text("en", en)?,
        })
    }
}
