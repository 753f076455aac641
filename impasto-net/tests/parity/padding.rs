//! What stands beyond a map's border.

use crate::naive::source;
use impasto_net::network::Padding;

const KINDS: [Padding; 4] = [Padding::Zero, Padding::Replicate, Padding::Reflect, Padding::Circular];

/// The axis 0, 1, 2, 3 continued by five positions at either side.
#[test]
fn every_kind_continues_an_axis_as_defined() {
    let shown = |padding: Padding| -> Vec<i32> {
        (-5..9).map(|i| padding.index(i, 4).map_or(-1, |at| at as i32)).collect()
    };
    assert_eq!(shown(Padding::Zero), [-1, -1, -1, -1, -1, 0, 1, 2, 3, -1, -1, -1, -1, -1]);
    assert_eq!(shown(Padding::Replicate), [0, 0, 0, 0, 0, 0, 1, 2, 3, 3, 3, 3, 3, 3]);
    assert_eq!(shown(Padding::Reflect), [1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1, 2]);
    assert_eq!(shown(Padding::Circular), [3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0]);
}

#[test]
fn a_single_position_stands_for_all() {
    for i in [-1000, -2, -1, 0, 1, 2, 1000] {
        for padding in [Padding::Replicate, Padding::Reflect, Padding::Circular] {
            assert_eq!(padding.index(i, 1), Some(0), "{padding:?} {i}");
        }
        assert_eq!(Padding::Zero.index(i, 1), (i == 0).then_some(0));
    }
}

/// Walking outwards step by step arrives where the formulas say, however far outside.
#[test]
fn far_positions_are_where_a_walk_leads() {
    for padding in KINDS {
        for n in 1..=9 {
            for i in -60..=60 {
                let found = padding.index(i, n);
                assert_eq!(found, source(padding, i as i64, n), "{padding:?}: {i} of {n}");
                assert!(found.is_none_or(|at| at < n));
            }
            for i in [isize::MIN / 2, isize::MAX / 2] {
                assert!(padding.index(i, n).is_none_or(|at| at < n), "{padding:?}: {i} of {n}");
            }
        }
    }
}
