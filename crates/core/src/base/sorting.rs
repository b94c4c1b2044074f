//! Sorting that is put together once instead of once for every type: the library's own is some KiB of program each time, and what is
//! sorted here is short and seldom sorted.

use std::cmp::Ordering;

/// As `slice::sort_by` does: equals stay in their order.
pub fn by<T>(items: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    let order = order(items.len(), &mut |one, other| compare(&items[one], &items[other]));
    for place in 0..items.len() {
        let mut from = order[place];
        // What stood there may have been moved on, to where another one came from.
        while from < place {
            from = order[from];
        }
        items.swap(place, from);
    }
}

/// As `slice::sort_by_key` does.
pub fn by_key<T, K: Ord>(items: &mut [T], mut key: impl FnMut(&T) -> K) {
    by(items, |one, other| key(one).cmp(&key(other)));
}

/// Which item comes first, which next.
fn order(length: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..length).collect();
    order.sort_by(|one, other| compare(*one, *other));
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_what_the_library_does(items in prop::collection::vec((0_u8..8, any::<u16>()), 0..64)) {
            let (mut ours, mut theirs) = (items.clone(), items);
            by_key(&mut ours, |(key, _)| *key);
            theirs.sort_by_key(|(key, _)| *key);
            prop_assert_eq!(&ours, &theirs);
            by(&mut ours, |(_, one), (_, other)| other.cmp(one));
            theirs.sort_by(|(_, one), (_, other)| other.cmp(one));
            prop_assert_eq!(ours, theirs);
        }
    }
}
