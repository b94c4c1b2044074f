//! One lane for the whole machine: refreshes of all profiles, in all our processes, go one behind the other.

use std::sync::Arc;
use std::time::Duration;

use crate::base::entropy::Entropy;
use crate::base::locks::FileLock;
use crate::engine::{Shared, blocking};
use crate::failure::Failure;

/// A request ends within 30 s, and a few may be before us.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits for the lane. Held for one request, not for the pauses between tries.
pub(super) async fn enter(shared: &Arc<Shared>) -> Result<FileLock, Failure> {
    let path = shared.home.lock("refresh-lane");
    blocking(move || Ok(FileLock::acquire(&path, "other logins are being renewed", PATIENCE)?)).await
}

/// A length between three quarters and five quarters of `middle`, so that many who wait do not come back at once.
pub(super) fn jittered(entropy: &dyn Entropy, middle: Duration) -> Duration {
    let mut random = [0; 2];
    entropy.fill(&mut random);
    middle.mul_f64(0.75 + 0.5 * f64::from(u16::from_le_bytes(random)) / f64::from(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::OsEntropy;

    #[test]
    fn jitter_stays_within_a_quarter() {
        for _ in 0..1000 {
            let pause = jittered(&OsEntropy, Duration::from_millis(1000)).as_millis();
            assert!((750..=1250).contains(&pause), "{pause}");
        }
    }
}
