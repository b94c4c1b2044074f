//! Why: who would serve the next session, and who served the last ones.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::candidates::candidates;
use super::{Engine, Shared, blocking};
use crate::api::table::Reply;
use crate::base::files;
use crate::failure::{Code, Failure};
use crate::model::affinity::{BucketKey, SessionKey};
use crate::model::decision::Decision;
use crate::model::model_name::ModelName;
use crate::model::profile::ProfileId;
use crate::model::quota::Family;
use crate::route::router::Router;
use crate::route::walk::Question;
use crate::store::routing_settings;

/// Decisions that are told at once.
const DECISIONS_TOLD: usize = 100;

impl Engine {
    /// The last decisions, the newest first. Whoever serves saves them as they are made.
    pub(super) async fn why(&self, session: Option<String>) -> Result<Reply, Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            let mut decisions = shared.state.decisions()?;
            decisions.reverse();
            let key = session.as_deref().and_then(SessionKey::of);
            let asked = |decision: &Decision| match (&session, &decision.session) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(begins), Some(whole)) => whole.starts_with(begins.as_str()) || key.as_ref().is_some_and(|key| key.as_str() == whole),
            };
            decisions.retain(asked);
            decisions.truncate(DECISIONS_TOLD);
            let names = names(&shared, &decisions)?;
            Ok(Reply::Decisions { decisions, names })
        })
        .await
    }

    /// Who would serve a new session from a folder with a model, and what is found of every profile. Nothing is claimed or kept.
    pub(super) async fn explain(&self, folder: Option<String>, model: Option<String>) -> Result<Reply, Failure> {
        let shared = Arc::clone(&self.shared);
        let now = shared.ports.clock.now();
        let mut random = [0; 8];
        shared.ports.entropy.fill(&mut random);
        let random = u64::from_le_bytes(random);
        let serves = self.serves_routing();
        blocking(move || {
            let question = question(folder.as_deref(), model.as_deref())?;
            // What runs at this moment is known only to whoever serves.
            let decision = if serves {
                shared.routing.desk.with(|router| router.preview(question, now, random))
            } else {
                router(&shared, now)?.preview(question, now, random)
            };
            let names = names(&shared, std::slice::from_ref(&decision))?;
            Ok(Reply::Explained { decision: Box::new(decision), names })
        })
        .await
    }
}

/// The question of a session that begins there, as the gateway would ask it.
fn question(folder: Option<&str>, model: Option<&str>) -> Result<Question, Failure> {
    let folder = folder.map(|folder| resolved(Path::new(folder))).transpose()?;
    let bucket = folder.as_deref().and_then(|folder| Some(BucketKey::of(folder.to_str()?, model.unwrap_or_default())));
    let model = model.map(|model| ModelName::parse(model).ok_or_else(no_model)).transpose()?;
    Ok(Question { bucket, folder, model, ..Question::of(Family::main()) })
}

/// What routing knows of a session that begins, from what is kept.
fn router(shared: &Shared, now: Timestamp) -> Result<Router, Failure> {
    let mut router = Router::default();
    router.roster.set_candidates(candidates(shared, now)?);
    router.roster.set_settings(routing_settings::read(&shared.home)?);
    router.affinity.buckets.restore(shared.state.bucket_homes()?, now);
    Ok(router)
}

/// The names of the profiles that decisions speak of.
fn names(shared: &Shared, decisions: &[Decision]) -> Result<BTreeMap<ProfileId, String>, Failure> {
    let known = shared.profiles.list()?;
    let removed = shared.profiles.removed()?;
    let all = removed.iter().map(|removed| &removed.profile).chain(&known);
    let mut names: BTreeMap<ProfileId, String> = all.map(|profile| (profile.id.clone(), profile.name.to_string())).collect();
    let spoken_of = |id: &ProfileId| {
        decisions.iter().any(|decision| {
            decision.tried.contains(id)
                || decision.chosen.as_ref().is_some_and(|chosen| chosen.profile == *id)
                || decision.verdicts.iter().any(|judged| judged.profile == *id)
        })
    };
    names.retain(|id, _| spoken_of(id));
    Ok(names)
}

/// A folder as routing compares it: absolute, links resolved. One that is not there is compared as it is written.
pub(super) fn resolved(folder: &Path) -> Result<PathBuf, Failure> {
    if !folder.is_absolute() {
        return Err(Failure::new(Code::InvalidInput, "The folder is not an absolute path.").hint("Give the folder's whole path."));
    }
    Ok(files::canonical(folder).unwrap_or_else(|_| folder.to_path_buf()))
}

fn no_model() -> Failure {
    Failure::new(Code::InvalidInput, "That is no model's name.").hint("Give a name such as gpt-6-sol.")
}
