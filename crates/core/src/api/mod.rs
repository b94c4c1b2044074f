//! One table of requests and replies; the window and, later, the control interface speak it.

pub mod table;
