//! Sealed files, and what says how a passphrase becomes their key.

use codex_lab_core::base::seal::{self, PassphraseParameters, SealKey};
use codex_lab_core::base::secret::Secret;

use serde_json::Value;

use crate::outside::Zeros;

/// What all of this is sealed for.
const PURPOSE: &str = "login main";

/// Bytes where a sealed file should be, and a sealed file with some of its bytes changed.
pub(crate) fn file(bytes: &[u8]) {
    let key = SealKey::random(&Zeros);
    let own = seal::seal(&key, PURPOSE, bytes, &Zeros);
    assert_eq!(seal::open(&key, PURPOSE, &own).as_deref().map(Vec::as_slice), Ok(bytes), "what was sealed opens");
    assert!(seal::open(&key, PURPOSE, bytes).is_err(), "only the key makes sealed bytes");
    let mut changed = own;
    for (place, change) in changed.iter_mut().zip(bytes) {
        *place ^= change;
    }
    if bytes.iter().any(|byte| *byte != 0) {
        assert!(seal::open(&key, PURPOSE, &changed).is_err(), "every changed bit is noticed");
    }
}

/// Parameters of a passphrase: whatever they ask for, no more is done than their bounds allow.
pub(crate) fn parameters(bytes: &[u8]) {
    let Ok(parameters) = serde_json::from_slice::<PassphraseParameters>(bytes) else { return };
    let text = serde_json::to_string(&parameters).unwrap_or_default();
    assert_eq!(serde_json::from_str::<PassphraseParameters>(&text).ok().as_ref(), Some(&parameters));
    let asked = |name: &str| serde_json::from_slice::<Value>(bytes).ok().and_then(|value| value[name].as_u64()).unwrap_or(u64::MAX);
    let (memory, passes, lanes) = (asked("memory"), asked("passes"), asked("lanes"));
    // The work itself takes its time on purpose: it is done where it is small, and where it must be refused.
    let (small, greedy) = (memory <= 16 && passes <= 2, memory > 256 << 10 || passes > 16 || lanes > 8);
    if small || greedy {
        let made = SealKey::from_passphrase(&Secret::new("correct horse"), &parameters);
        assert!(made.is_err() || !greedy, "no file makes us work for minutes");
    }
}
