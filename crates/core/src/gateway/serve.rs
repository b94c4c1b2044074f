//! One profile serves a request, with as many tries as its troubles allow.

use bytes::Bytes;
use http::Response;

use super::attempt::{Begun, Failed, attempt};
use super::forward::Forward;
use super::guard::Kind;
use super::house::Pass;
use super::intake::Intake;
use super::sse::Event;
use super::strip::{self, Stripped};
use super::{usage, whole};
use crate::failure::{Code, Failure};
use crate::model::profile::ProfileId;
use crate::model::remedy::Again;
use crate::model::trouble::{LoginRefusal, TransportTrouble, Trouble};
use crate::route::lease::Lease;

/// An answer.
pub(super) enum Served {
    /// That has begun, and is still on its way.
    Begun(Begun),
    /// In one piece.
    Whole(Response<Bytes>),
}

impl Forward {
    /// Has one profile serve it, with as many tries as its troubles allow.
    pub(super) async fn serve(&self, lease: &Lease, intake: &Intake) -> Result<Served, Failed> {
        let profile = &lease.chosen().profile;
        let mut pass = self.house.pass(profile).await.map_err(|failure| no_pass(&failure))?;
        let mut body = self.body(intake)?;
        let (mut tries, mut renewed, mut stripped) = (0_u8, false, false);
        loop {
            let begun = attempt(&*self.upstream, intake, body.as_ref(), lease, &pass, self.clock.now()).await;
            let served = match begun {
                Ok(begun) if intake.wants_whole() => whole::collect(begun, self.clock.now()).await,
                begun => begun.map(Served::Begun),
            };
            let failed = match served {
                Ok(served) => return Ok(served),
                Err(failed) => failed,
            };
            if lease.is_paid()
                && let Some(used) = failed.told.as_ref().and_then(|told| usage::reported(&told.extensions().get::<Event>()?.json))
            {
                self.house.spent(profile, used);
            }
            let trouble = if renewed { failed.trouble.clone().with_new_tokens() } else { failed.trouble.clone() };
            let failed = Failed { trouble, ..failed };
            match failed.trouble.remedy(None, self.clock.now()).again {
                Again::After { times, pause } if tries < times => {
                    tokio::time::sleep(self.jittered(pause * 2_u32.saturating_pow(u32::from(tries)))).await;
                    tries += 1;
                }
                Again::WithNewTokens if !renewed => {
                    renewed = true;
                    pass = self.renewed(profile, &pass).await?;
                }
                Again::WithoutEncrypted if !stripped => {
                    stripped = true;
                    let Some(without) = self.without_sealed(intake, body.as_ref()) else { return Err(failed) };
                    body = Some(without);
                }
                _ => return Err(failed),
            }
        }
    }

    /// Other tokens than these, which were refused.
    pub(super) async fn renewed(&self, profile: &ProfileId, refused: &Pass) -> Result<Pass, Failed> {
        let pass = self.house.renewed(profile, refused).await.map_err(|failure| no_pass(&failure))?;
        self.detours.renewed(profile, &pass.token, self.clock.now());
        Ok(pass)
    }

    /// The body that goes out, where it is not the one that came.
    fn body(&self, intake: &Intake) -> Result<Option<Bytes>, Failed> {
        if intake.admitted.kind != Kind::Turn {
            return Ok(None);
        }
        let bad = || Failed { trouble: Trouble::RequestBad, told: None };
        let marks = intake.ask.session.as_deref().and_then(|session| self.foreign.of(session));
        if intake.ask.is_codex && marks.is_none() {
            return Ok(None);
        }
        let plain = intake.plain().map_err(|_| bad())?;
        let fitted = if intake.ask.is_codex { plain.into_owned() } else { strip::fitted(&plain).ok_or_else(bad)? };
        Ok(Some(match marks.map(|marks| strip::strip(&fitted, Some(&marks))) {
            Some(Stripped::Without(without, _)) => without.into(),
            _ => fitted.into(),
        }))
    }

    /// The body without what another account has sealed, which is remembered for the session.
    fn without_sealed(&self, intake: &Intake, body: Option<&Bytes>) -> Option<Bytes> {
        let plain = match body {
            Some(body) => body.to_vec(),
            None => intake.plain().ok()?.into_owned(),
        };
        match strip::strip(&plain, None) {
            Stripped::Without(without, marks) => {
                if let Some(session) = &intake.ask.session {
                    self.foreign.remember(session, marks.into_iter().collect());
                }
                Some(without.into())
            }
            Stripped::Nothing | Stripped::Bound => None,
        }
    }
}

/// A profile without tokens, as routing sees it.
pub(super) fn no_pass(failure: &Failure) -> Failed {
    let trouble = match failure.code {
        Code::NeedsSignIn => Trouble::LoginRefused(LoginRefusal::ForGood),
        Code::Network => Trouble::Transport(TransportTrouble::Connect),
        _ => Trouble::LoginRefused(LoginRefusal::StillRefused),
    };
    Failed { trouble, told: None }
}
