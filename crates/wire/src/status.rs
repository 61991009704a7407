//! A trouble as the details of a gRPC status, and back.

use prost::Message;
use tonic::{Code, Status};

use crate::control::{Detail, StatusDetails, Trouble};

/// What kind of message a detail of ours is.
const TROUBLE: &str = "type.googleapis.com/tacit.control.v1.Trouble";

/// A call that fails as a whole. The trouble travels in the details, as any gRPC library reads them
/// (`grpc-status-details-bin`, a `google.rpc.Status`); its code and English sentence are the message.
#[must_use]
pub fn to_status(trouble: &Trouble) -> Status {
    let code = Code::FailedPrecondition;
    let en = trouble.text.as_ref().map_or("", |text| &text.en);
    let message = format!("{}: {en}", trouble.code);
    let detail = Detail { type_url: TROUBLE.into(), value: trouble.encode_to_vec().into() };
    let details =
        StatusDetails { code: code.into(), message: message.clone(), details: vec![detail] };
    Status::with_details(code, message, details.encode_to_vec().into())
}

/// The trouble in a status; none where it is gRPC's own.
#[must_use]
pub fn trouble_of(status: &Status) -> Option<Trouble> {
    let details = StatusDetails::decode(status.details()).ok()?;
    let detail = details.details.into_iter().find(|detail| detail.type_url == TROUBLE)?;
    Trouble::decode(detail.value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Text;

    #[test]
    fn a_trouble_comes_back_whole_and_a_status_of_grpcs_own_has_none() {
        let text = Some(Text { en: "wait\nthen go on".into(), zh: "请等待".into() });
        let trouble = Trouble { code: "BUSY".into(), text, side: "tax".into() };
        let status = to_status(&trouble);
        assert_eq!(trouble_of(&status), Some(trouble));
        assert_eq!(status.message(), "BUSY: wait\nthen go on");
        assert_eq!(trouble_of(&Status::unavailable("gone")), None);
        let noise = Status::with_details(Code::Internal, "x", vec![7; 40].into());
        assert_eq!(trouble_of(&noise), None);
    }
}
