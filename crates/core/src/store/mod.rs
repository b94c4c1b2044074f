//! What lies under the home.
