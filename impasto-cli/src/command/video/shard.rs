//! A share of a clip's work.

use crate::failure::Failure;
use std::ops::Range;
use std::str::FromStr;

/// Share number `index`, from 0 on, of `count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    count: usize,
}

impl Shard {
    /// All of it.
    pub const WHOLE: Shard = Shard { index: 0, count: 1 };

    /// Which of `items` equal things are this share.
    pub fn of(self, items: usize) -> Range<usize> {
        items * self.index / self.count..items * (self.index + 1) / self.count
    }
}

impl FromStr for Shard {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Shard, Failure> {
        let parts =
            text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        match parts {
            Some((index, count)) if index < count => Ok(Shard { index, count }),
            _ => Err(Failure::usage(format_args!(
                "{text:?} is no share; write 0/4 to 3/4 for the four of four"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_cover_all_once() {
        for (items, count) in [(10, 3), (2, 5), (0, 2), (7, 7)] {
            let shares = (0..count).flat_map(|index| Shard { index, count }.of(items));
            assert!(shares.eq(0..items));
        }
        assert_eq!("2/4".parse::<Shard>().unwrap().of(8), 4..6);
        for wrong in ["4/4", "1", "a/2", "-1/2", "0/0"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
