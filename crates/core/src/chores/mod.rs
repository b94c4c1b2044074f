//! What is done in the background, and when. Decides; does nothing.

pub mod budget;
pub mod due;
