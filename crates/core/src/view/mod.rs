//! What is shown, as pure functions of the snapshot.
