//! The gateway's door: checks who asks, takes the request in, and hands it on.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;

use super::forward::{Body, Forward};
use super::guard::{self, Admitted, Kind, Turned};
use super::intake::Intake;
use super::rescue;
use super::server::{Answered, Answers, Incoming};
use super::socket;
use crate::base::secret::Secret;

/// Answers a port's requests.
#[derive(Debug, Clone)]
pub struct Door {
    forward: Forward,
    key: Arc<Secret>,
    port: u16,
}

impl Door {
    /// The door on a port, which this key opens.
    pub fn new(forward: Forward, key: Secret, port: u16) -> Self {
        Self { forward, key: Arc::new(key), port }
    }
}

impl Door {
    async fn admit(&self, head: &http::request::Parts) -> Result<Admitted, Turned> {
        let house = &self.forward.house;
        let admit = || guard::admit(&head.method, &head.uri, &head.headers, self.port, &self.key, |token| house.knows(token));
        match admit() {
            Err(Turned::NoKey) if guard::has_token(&head.headers) => {
                house.look_for_tokens().await;
                admit()
            }
            decided => decided,
        }
    }
}

impl Answers for Door {
    type Body = Body;

    async fn answer(&self, request: Incoming) -> Answered<Body> {
        let (head, body) = request.into_parts();
        let admitted = match self.admit(&head).await {
            Ok(admitted) => admitted,
            Err(turned) => return own(rescue::turned(turned)),
        };
        match admitted.kind {
            Kind::Socket => return socket::answer(&self.forward, admitted, head.headers).await,
            Kind::Launch => return own(rescue::launch(self.forward.house.launch(&admitted.launch.unwrap_or_default()))),
            Kind::Turn | Kind::Plain => {}
        }
        match Intake::read(head.method, admitted, head.headers, body).await {
            Ok(intake) => Answered::With(self.forward.forward(intake).await),
            Err(error) => own(rescue::not_taken(&error)),
        }
    }
}

fn own(response: Response<Bytes>) -> Answered<Body> {
    Answered::With(response.map(Body::own))
}
