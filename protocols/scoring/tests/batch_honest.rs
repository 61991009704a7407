//! An honest batch run equals the ideal functionality, block by block.

mod common;

use common::batch::{Scene, subjects};
use common::{faithful, rng};

#[test]
fn blocks_from_one_to_seven_holders_equal_the_clear_sums() {
    let mut rng = rng(60);
    for (holders, features, bins) in
        [(1, 64, 3), (2, 16, 8), (3, 5, 5), (4, 3, 7), (5, 2, 32), (6, 1, 2), (7, 3, 1)]
    {
        let scene = Scene::new(holders, features, bins, &mut rng);
        let terms = scene.terms(1, subjects(2, 77));
        let registers = scene.registers(&terms, &mut rng);
        let pledges = scene.pledges(&terms, &registers, &mut rng);
        let span = terms.spans_from(0).next().unwrap();
        let opened = scene.score(&pledges, &registers, span, faithful).unwrap();
        assert_eq!(opened.len(), 3);
        for (block, opened) in opened.into_iter().enumerate() {
            assert_eq!(opened.block as usize, block);
            assert_eq!(opened.points, scene.clear(&registers, block));
        }
    }
}
