//! The lies about a secret: made of what was stored, without a key.

use super::Manner;
use super::purse::Sealed;

/// No bytes at all, encrypted with the session key that follows from a shared secret of 1 (HKDF-SHA256, AES-128-CBC, PKCS7)
/// and an initialisation vector of zeros.
const NOTHING: [u8; 16] = [0xf5, 0x5b, 0x40, 0x99, 0x55, 0x0c, 0x68, 0xcf, 0x9d, 0x36, 0x52, 0x31, 0xe4, 0x6a, 0x9a, 0x60];

/// What the client gets instead of `secret`.
pub(super) fn told(manner: Manner, secret: Sealed) -> Sealed {
    match manner {
        Manner::OtherSecret => other(secret),
        Manner::EmptySecret if secret.parameters.is_empty() => Sealed { value: Vec::new(), ..secret },
        Manner::EmptySecret => Sealed { parameters: vec![0; 16], value: NOTHING.to_vec(), ..secret },
        Manner::Garbage => Sealed { parameters: vec![1, 2, 3], value: vec![0xff; 33], ..secret },
        _ => secret,
    }
}

/// A bit of the initialisation vector is a bit of the first block: another secret of the same length. It is the lowest bit
/// of a letter, so that text stays text.
fn other(mut secret: Sealed) -> Sealed {
    let first = if secret.parameters.is_empty() { secret.value.first_mut() } else { secret.parameters.first_mut() };
    if let Some(byte) = first {
        *byte ^= 1;
    }
    secret
}
