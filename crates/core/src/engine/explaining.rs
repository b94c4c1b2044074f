//! Why: who would serve the next session, and who served the last ones.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::candidates::candidates;
use super::{Engine, Shared, blocking};
use crate::base::files;
use crate::failure::{Code, Failure};
use crate::model::decision::Decision;
use crate::model::model_name::ModelName;
use crate::model::quota::Family;
use crate::route::router::Router;
use crate::route::walk::Question;
use crate::store::routing_settings;

impl Engine {
    /// Who would serve a new session from a folder with a model, and what is found of every profile. Nothing is claimed or kept.
    pub async fn explain(&self, folder: Option<PathBuf>, model: Option<String>) -> Result<Decision, Failure> {
        let shared = Arc::clone(&self.shared);
        let now = shared.ports.clock.now();
        let mut random = [0; 8];
        shared.ports.entropy.fill(&mut random);
        blocking(move || {
            let question = Question {
                folder: folder.map(|folder| resolved(&folder)).transpose()?,
                model: model.map(|model| ModelName::parse(&model).ok_or_else(no_model)).transpose()?,
                ..Question::of(Family::main())
            };
            Ok(router(&shared, now)?.preview(question, now, u64::from_le_bytes(random)))
        })
        .await
    }
}

/// All that routing knows, from what is kept. Blocks until files have been read.
pub(super) fn router(shared: &Shared, now: Timestamp) -> Result<Router, Failure> {
    let mut router = Router::default();
    router.roster.set_candidates(candidates(shared, now)?);
    router.roster.set_settings(routing_settings::read(&shared.home)?);
    router.affinity.sessions.restore(shared.state.session_homes()?, now);
    router.affinity.buckets.restore(shared.state.bucket_homes()?, now);
    Ok(router)
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
