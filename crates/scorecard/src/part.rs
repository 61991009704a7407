//! What one holder sees of a scorecard.

use domain::{ModelId, Slot};
use serde::{Deserialize, Serialize};

use crate::binning::Binning;
use crate::canonical::Canonical;

/// One holder's features of a model, in order, without points: all that this holder needs to find
/// bins, and all that it may see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Form", into = "Form")]
pub struct Part {
    model: ModelId,
    holder: Slot,
    features: Vec<Feature>,
}

impl Part {
    /// The most features a holder can have in a model.
    pub const MOST_FEATURES: usize = 64;

    /// A part from its features.
    ///
    /// # Errors
    ///
    /// What is wrong, when there is no feature, more than 64, or a column comes twice.
    pub fn new(model: ModelId, holder: Slot, features: Vec<Feature>) -> Result<Self, String> {
        if features.is_empty() {
            return Err(format!("`{holder}` has no feature"));
        }
        if features.len() > Self::MOST_FEATURES {
            return Err(format!(
                "`{holder}` has {} features, at most {} are possible",
                features.len(),
                Self::MOST_FEATURES
            ));
        }
        for (index, feature) in features.iter().enumerate() {
            if features.iter().take(index).any(|before| before.column == feature.column) {
                return Err(format!("`{holder}` has the column `{}` twice", feature.column));
            }
        }
        Ok(Self { model, holder, features })
    }

    /// The model that this is a part of.
    #[must_use]
    pub fn model(&self) -> &ModelId {
        &self.model
    }

    /// The slot whose part this is.
    #[must_use]
    pub fn holder(&self) -> &Slot {
        &self.holder
    }

    /// The features in the order in which the model file has them.
    #[must_use]
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The features that lack a bin for a value or for none, as operators read them:
    /// `vat (missing), grade (other, missing)`. `None` where everything has a bin.
    #[must_use]
    pub fn lacks(&self) -> Option<String> {
        let lacking = self.features.iter().filter_map(Feature::lacks).collect::<Vec<_>>();
        (!lacking.is_empty()).then(|| lacking.join(", "))
    }

    /// The bytes to hash when a holder countersigns what it has seen; not for decoding.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        let mut canonical = Canonical::new("tacit/domain/v2/part");
        canonical.text(&self.model.to_string());
        canonical.text(self.holder.as_str());
        canonical.length(self.features.len());
        for feature in &self.features {
            feature.write(&mut canonical);
        }
        canonical.finish()
    }
}

/// A column and how its values fall into bins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "FeatureForm", into = "FeatureForm")]
pub struct Feature {
    column: String,
    binning: Binning,
}

impl Feature {
    /// A feature over a holder's column.
    ///
    /// # Errors
    ///
    /// What is wrong, when the column's name is empty, longer than 128 bytes, has a control
    /// character, or begins or ends with a space.
    pub fn new(column: &str, binning: Binning) -> Result<Self, String> {
        if column.is_empty()
            || column.len() > 128
            || column.trim() != column
            || column.chars().any(char::is_control)
        {
            return Err("`column` is the name of the holder's column: 1 to 128 bytes, no control \
                        characters, no space at either end"
                .into());
        }
        Ok(Self { column: column.into(), binning })
    }

    /// The holder's column.
    #[must_use]
    pub fn column(&self) -> &str {
        &self.column
    }

    /// How its values fall into bins.
    #[must_use]
    pub fn binning(&self) -> &Binning {
        &self.binning
    }

    /// The column with the bins that it lacks: `grade (other, missing)`.
    pub(crate) fn lacks(&self) -> Option<String> {
        let lacks = self.binning.lacks();
        (!lacks.is_empty()).then(|| format!("{} ({})", self.column, lacks.join(", ")))
    }

    pub(crate) fn write(&self, canonical: &mut Canonical) {
        canonical.text(&self.column);
        self.binning.write(canonical);
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    model: ModelId,
    holder: Slot,
    features: Vec<Feature>,
}

impl TryFrom<Form> for Part {
    type Error = String;

    fn try_from(form: Form) -> Result<Self, String> {
        Self::new(form.model, form.holder, form.features)
    }
}

impl From<Part> for Form {
    fn from(part: Part) -> Self {
        Self { model: part.model, holder: part.holder, features: part.features }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FeatureForm {
    column: String,
    binning: Binning,
}

impl TryFrom<FeatureForm> for Feature {
    type Error = String;

    fn try_from(form: FeatureForm) -> Result<Self, String> {
        Self::new(&form.column, form.binning)
    }
}

impl From<Feature> for FeatureForm {
    fn from(feature: Feature) -> Self {
        Self { column: feature.column, binning: feature.binning }
    }
}
