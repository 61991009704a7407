//! Anything at all as a frame of an exchange, or as a proposal.

#![no_main]

use libfuzzer_sys::fuzz_target;
use prost::Message;
use wire::{Frame, Proposal, peer};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = peer::Frame::decode(bytes) {
        match Frame::try_from(message) {
            Ok(Frame::Chunk(chunk)) => assert!(chunk.body.len() <= session::MAX_CHUNK),
            Ok(Frame::Abort(why)) => {
                assert!(why.en.len() <= 1024 && !why.en.contains(char::is_control));
            }
            Ok(Frame::Close) | Err(_) => {}
        }
    }
    if let Ok(message) = peer::Proposal::decode(bytes)
        && let Ok(proposal) = Proposal::try_from(message)
    {
        // What was understood says the same when it is said again.
        let again = peer::Proposal::from(proposal.clone());
        assert_eq!(Proposal::try_from(again), Ok(proposal));
    }
});
