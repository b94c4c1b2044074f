//! The engine as the gateway's house: questions, tokens, and what is heard.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use http::HeaderMap;
use jiff::Timestamp;
use serde_json::Value;

use crate::base::files;
use crate::base::secret::Fingerprint;
use crate::engine::tokens::Bearer;
use crate::engine::{Engine, blocking, held, spending};
use crate::failure::Failure;
use crate::gateway::house::{House, Pass};
use crate::gateway::intake::Ask;
use crate::model::affinity::{BucketKey, SessionKey};
use crate::model::block::{BlockKind, BlockState};
use crate::model::event::Event;
use crate::model::launch::{LaunchReport, LaunchWish};
use crate::model::model_name::ModelName;
use crate::model::news::News;
use crate::model::profile::ProfileId;
use crate::model::quota::Family;
use crate::model::spending::Usage;
use crate::provider::chatgpt;
use crate::quota::{headers, stream};
use crate::route::NoneLeft;
use crate::route::walk::{Pin, Question};

#[async_trait]
impl House for Engine {
    fn knows(&self, token: &Fingerprint) -> bool {
        held(&self.shared.routing.callers).knows(token)
    }

    async fn look_for_tokens(&self) {
        if let Err(failure) = self.learn_live_token().await {
            tracing::warn!(code = ?failure.code, %failure, "the live login could not be looked at");
        }
    }

    async fn question(&self, ask: &Ask) -> Result<Question, Failure> {
        self.look_for_pins().await;
        let wish = match &ask.launch {
            Some(launch) => self.wish(launch).await?,
            None => LaunchWish::default(),
        };
        let named = ask.folders.first().map(PathBuf::from);
        let folder = match named.filter(|folder| folder.is_absolute()) {
            Some(folder) if self.binds_folders() => Some(resolved(folder).await),
            Some(folder) => Some(folder),
            None => wish.folder,
        };
        let model = ask.model.as_deref().and_then(ModelName::parse);
        let bucket = folder.as_deref().and_then(|folder| Some(BucketKey::of(folder.to_str()?, ask.model.as_deref().unwrap_or_default())));
        Ok(Question {
            session: ask.session.as_deref().and_then(SessionKey::of),
            bucket,
            folder,
            family: Family::main(),
            model,
            pin: wish.profile.map(|profile| Pin { profile, strict: wish.strict }),
        })
    }

    fn launch(&self, name: &str) -> Option<LaunchReport> {
        held(&self.shared.routing.launches).report(name)
    }

    async fn pass(&self, profile: &ProfileId) -> Result<Pass, Failure> {
        Ok(pass(self.access_token(profile).await?))
    }

    async fn renewed(&self, profile: &ProfileId, refused: &Pass) -> Result<Pass, Failure> {
        let now = self.access_token(profile).await?;
        if now.token != refused.token {
            return Ok(pass(now));
        }
        let seen = self.stored_refresh_token(profile).await?;
        Ok(pass(self.renew_refused(profile, seen).await?))
    }

    fn heard(&self, profile: &ProfileId, _ask: &Ask, headers: &HeaderMap) {
        if let Some(seen) = headers::read(headers, self.shared.ports.clock.now()) {
            self.observe(profile, &seen);
        }
    }

    fn told(&self, profile: &ProfileId, _ask: &Ask, event: &Value) {
        if let Some(seen) = stream::read(event, self.shared.ports.clock.now()) {
            self.observe(profile, &seen);
        }
    }

    fn spent(&self, profile: &ProfileId, used: Usage) {
        spending::note(&self.shared, profile, used);
        self.save_routing_soon();
    }

    fn served(&self, profile: &ProfileId, ask: &Ask, instead_of: Option<&ProfileId>) {
        if let Some(session) = &ask.session {
            self.note_served_session(session);
        }
        if let Some(launch) = &ask.launch {
            held(&self.shared.routing.launches).served(launch, profile);
        }
        self.save_routing_soon();
        let now = self.shared.ports.clock.now();
        let mut told = held(&self.shared.routing.told);
        match instead_of {
            Some(from) if told.stands_in(from, profile, now) => {
                let (why, until) = self.rests(from, now);
                self.announce(Event::News(News::FellBack { from: from.clone(), to: profile.clone(), why, until }));
            }
            Some(_) => {}
            None => told.serves(profile),
        }
    }

    fn changed(&self, ask: &Ask, none_left: Option<&NoneLeft>) {
        self.save_routing_soon();
        let Some(none) = none_left else { return };
        if let Some(launch) = &ask.launch {
            held(&self.shared.routing.launches).nobody(launch, none);
        }
        let NoneLeft::Resting { until } = none else { return };
        if held(&self.shared.routing.told).exhausted(*until, self.shared.ports.clock.now()) {
            self.announce(Event::News(News::AllExhausted { first: None, until: *until }));
        }
    }
}

impl Engine {
    /// Why a profile cannot serve, and until when: by its gravest block, else by what is left of its quota.
    fn rests(&self, profile: &ProfileId, now: Timestamp) -> (Option<BlockKind>, Option<Timestamp>) {
        let block = self.shared.routing.desk.with(|router| {
            let blocks = router.roster.blocks(profile).iter().filter(|block| block.kind.refuses());
            let standing = blocks.filter_map(|block| match block.state(now) {
                BlockState::Holds(until) => Some((block.kind, until)),
                _ => None,
            });
            // What has no end is the gravest.
            standing.max_by_key(|(_, until)| until.unwrap_or(Timestamp::MAX))
        });
        let back = || self.quota(profile).back_at(&Family::main(), now);
        block.map_or_else(|| back().map_or((None, None), |at| (Some(BlockKind::Exhausted), Some(at))), |(kind, until)| (Some(kind), until))
    }

    fn binds_folders(&self) -> bool {
        self.shared.routing.desk.with(|router| !router.roster.settings().folders.is_empty())
    }
}

/// Where a folder's links lead; as it is named, where that cannot be told.
async fn resolved(folder: PathBuf) -> PathBuf {
    let asked = Arc::new(folder);
    let folder = Arc::clone(&asked);
    let found = blocking(move || Ok(files::canonical(&folder)?)).await;
    found.unwrap_or_else(|_| asked.as_ref().clone())
}

fn pass(bearer: Bearer) -> Pass {
    let Bearer { token, account_id: account, ends_at } = bearer;
    // Only an API key never ends.
    let base = if ends_at.is_some() { chatgpt::CODEX } else { chatgpt::API };
    Pass { token, account, base }
}
