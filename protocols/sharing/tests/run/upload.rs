//! What holders outside the computing roles send.

use bytes::Bytes;
use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;
use session::{Blame, Culprit, Role};
use sharing::{Engine, Error, Layout, Matrix, Receipt, Upload};

use crate::world::{CONTEXT, rep3};

const HOLDER: Role = Role(3);

#[test]
fn uploaded_columns_are_what_the_holder_has() {
    let columns: Vec<Vec<i64>> =
        (0..5).map(|j| (0..40).map(|i| (i - 20) * (j + 1) - (i << 50)).collect()).collect();
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let mut upload = Upload::new(Layout::Replicated, &CONTEXT, &mut rng);
    let seeds = [0, 1, 2].map(|role| upload.seeds(Role(role)));
    let messages: Vec<[Bytes; 3]> = columns.iter().map(|column| upload.column(column)).collect();
    let uplink: usize = messages.iter().flatten().map(Bytes::len).sum();
    assert_eq!(uplink, 16 * 5 * 40, "16 bytes a value");
    for found in rep3(4, move |mut engine| {
        let (seeds, messages) = (seeds.clone(), messages.clone());
        async move {
            let role = usize::from(engine.role().0);
            let mut receipt =
                Receipt::new(Layout::Replicated, engine.role(), HOLDER, &CONTEXT, &seeds[role])?;
            let columns: Result<Vec<_>, Error> =
                messages.iter().map(|message| receipt.column::<0>(&message[role], 40)).collect();
            Ok(engine.open(&Matrix::from_columns(columns?).to_vector()).await?.0)
        }
    }) {
        assert_eq!(found, columns.concat());
    }
}

#[test]
fn a_dealt_upload_sends_each_value_once_and_the_dealer_nothing() {
    let mut upload = Upload::new(Layout::Dealt, &CONTEXT, &mut ChaCha20Rng::seed_from_u64(5));
    assert!(upload.seeds(Role(2)).is_empty());
    for index in 0..3 {
        let messages = upload.column(&[1, 2, 3]);
        assert_eq!(messages.iter().map(Bytes::len).sum::<usize>(), 24);
        for role in 0..3 {
            let bytes = Receipt::column_bytes(Layout::Dealt, Role(role), index, 3);
            assert_eq!(bytes, messages[usize::from(role)].len());
        }
        assert!(messages[2].is_empty());
    }
}

#[test]
fn an_upload_of_another_length_is_refused_and_the_holder_blamed() {
    for layout in [Layout::Replicated, Layout::Dealt] {
        let mut upload = Upload::new(layout, &CONTEXT, &mut ChaCha20Rng::seed_from_u64(6));
        for role in [Role(0), Role(1), Role(2)] {
            let seeds = upload.seeds(role);
            let longer = [&seeds[..], &[0]].concat();
            let refused = Receipt::new(layout, role, HOLDER, &CONTEXT, &longer).err().unwrap();
            assert_eq!(refused.blame(), Culprit::Peer(HOLDER));
            let mut receipt = Receipt::new(layout, role, HOLDER, &CONTEXT, &seeds).unwrap();
            let message = &upload.column(&[5; 9])[usize::from(role.0)];
            for wrong in [[&message[..], &[0; 8]].concat(), vec![0; message.len() + 1]] {
                let refused = receipt.column::<0>(&wrong, 9).err().unwrap();
                let (expected, found) = (message.len(), wrong.len());
                assert_eq!(refused, Error::Upload { from: HOLDER, expected, found });
            }
            // What was refused has used nothing up.
            assert!(receipt.column::<0>(message, 9).is_ok());
            upload = Upload::new(layout, &CONTEXT, &mut ChaCha20Rng::seed_from_u64(6));
        }
    }
}
