//! Signing accounts in.
