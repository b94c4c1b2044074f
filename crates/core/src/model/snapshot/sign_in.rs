//! A sign-in, as shown.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::model::profile::ProfileId;

/// A sign-in as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct SignIn {
    /// Names it in requests. Not secret.
    pub id: String,
    /// How.
    pub method: SignInMethod,
    /// The profile to sign in again; `None` for a new one.
    pub again: Option<ProfileId>,
    /// Where it stands.
    pub phase: SignInPhase,
    /// The page to open: the authorize page, or the page that takes the device code.
    pub url: Option<String>,
    /// The device code to type in.
    pub user_code: Option<String>,
    /// The page as a picture for a phone's camera: set where a device code is typed in.
    pub picture: Option<PagePicture>,
    /// The browser could not be started: the user has to open the page by hand.
    pub browser_failed: bool,
    /// When it gives up.
    #[ts(type = "string | null")]
    pub deadline: Option<Timestamp>,
    /// Whose account came back: set from phase `other_account` on.
    pub email: Option<String>,
    /// The profile that came of it: set in phase `done`.
    pub profile: Option<ProfileId>,
    /// Whether that profile is new; else its login was renewed.
    pub created: bool,
    /// Why it failed: set in phase `failed`.
    pub failure: Option<Failure>,
}

/// A QR code, to be drawn dark on light, with four light squares around it (ISO/IEC 18004, 5.3.8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct PagePicture {
    /// How many squares it is wide and high, without its margin: 21 to 177.
    pub side: u32,
    /// Its dark squares, as an SVG path in which a square is 1 wide.
    pub path: String,
}

/// How to sign in with ChatGPT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SignInMethod {
    /// In the browser of this machine, or by pasting the address another machine's browser ended at.
    Browser,
    /// By typing a code into a page on any machine.
    DeviceCode,
}

/// Where a sign-in stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SignInPhase {
    /// Taking a port, or asking for a device code.
    Starting,
    /// The user is at the provider's page.
    Waiting,
    /// The code is being exchanged for tokens and stored.
    Finishing,
    /// Signing in again gave another account: the user decides whether to add it.
    OtherAccount,
    /// There is a profile.
    Done,
    /// It failed or was cancelled; nothing was changed.
    Failed,
}
