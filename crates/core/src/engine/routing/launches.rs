//! Clients that were started on purpose through the gateway: what their starters want, and what became of them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::engine::{Engine, blocking, held};
use crate::failure::Failure;
use crate::model::launch::{LaunchReport, LaunchWish};
use crate::model::profile::ProfileId;
use crate::route::NoneLeft;

/// Launches that are kept in memory; the one that was first asked about goes first.
const LIMIT: usize = 1000;
/// Bytes of randomness in a launch's name.
const NAME_BYTES: usize = 8;

/// The launches that have asked for something.
#[derive(Debug, Default)]
pub(super) struct Launches {
    known: BTreeMap<String, Launch>,
    order: VecDeque<String>,
}

#[derive(Debug, Default)]
struct Launch {
    wish: LaunchWish,
    report: LaunchReport,
}

impl Launches {
    fn wish(&self, name: &str) -> Option<LaunchWish> {
        self.known.get(name).map(|launch| launch.wish.clone())
    }

    fn remember(&mut self, name: &str, wish: LaunchWish) {
        if self.known.insert(name.to_owned(), Launch { wish, report: LaunchReport::default() }).is_some() {
            return;
        }
        self.order.push_back(name.to_owned());
        if self.order.len() > LIMIT
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    pub(super) fn report(&self, name: &str) -> Option<LaunchReport> {
        self.known.get(name).map(|launch| launch.report.clone())
    }

    pub(super) fn served(&mut self, name: &str, profile: &ProfileId) {
        let Some(launch) = self.known.get_mut(name) else { return };
        launch.report.exhausted = false;
        launch.report.until = None;
        if launch.report.served.last() != Some(profile) {
            launch.report.served.retain(|other| other != profile);
            launch.report.served.push(profile.clone());
        }
    }

    pub(super) fn nobody(&mut self, name: &str, none: &NoneLeft) {
        let Some(launch) = self.known.get_mut(name) else { return };
        if let NoneLeft::Resting { until } = none {
            launch.report.exhausted = true;
            launch.report.until = *until;
        }
    }
}

impl Engine {
    /// Notes what is wished for a client that is about to be started, for whichever process serves it. Its name comes back.
    pub async fn begin_launch(&self, wish: LaunchWish) -> Result<String, Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            let mut random = [0; NAME_BYTES];
            shared.ports.entropy.fill(&mut random);
            let name = format!("{:016x}", u64::from_le_bytes(random));
            shared.state.begin_launch(&name, &wish, shared.ports.clock.now())?;
            Ok(name)
        })
        .await
    }

    /// What is wished for a launch; nothing special for one that nobody knows.
    pub(super) async fn wish(&self, name: &str) -> Result<LaunchWish, Failure> {
        if let Some(wish) = held(&self.shared.routing.launches).wish(name) {
            return Ok(wish);
        }
        let (shared, asked) = (Arc::clone(&self.shared), name.to_owned());
        let wish = blocking(move || Ok(shared.state.launch(&asked)?)).await?;
        if wish.is_none() {
            tracing::warn!("a client names a launch that nobody knows");
        }
        let wish = wish.unwrap_or_default();
        held(&self.shared.routing.launches).remember(name, wish.clone());
        Ok(wish)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> ProfileId {
        ProfileId::parse(&format!("{number:016x}")).unwrap()
    }

    #[test]
    fn a_report_says_who_served_last_and_whether_nobody_could() {
        let mut launches = Launches::default();
        launches.served("a", &id(1));
        assert_eq!(launches.report("a"), None, "nobody knows it");
        launches.remember("a", LaunchWish::default());
        for profile in [1, 1, 2, 1] {
            launches.served("a", &id(profile));
        }
        launches.nobody("a", &NoneLeft::Resting { until: None });
        let report = launches.report("a").unwrap();
        assert_eq!((report.served, report.exhausted), (vec![id(2), id(1)], true));
        launches.served("a", &id(1));
        assert!(!launches.report("a").unwrap().exhausted);
        launches.nobody("a", &NoneLeft::Failed);
        assert!(!launches.report("a").unwrap().exhausted);
    }

    #[test]
    fn they_are_bounded() {
        let mut launches = Launches::default();
        (0..=LIMIT).for_each(|number| launches.remember(&number.to_string(), LaunchWish::default()));
        assert_eq!((launches.known.len(), launches.order.len(), launches.report("0")), (LIMIT, LIMIT, None));
    }
}
