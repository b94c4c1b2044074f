//! The engine: the one door that every front end goes through.
