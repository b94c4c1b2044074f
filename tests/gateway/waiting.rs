//! Requests that wait for somebody to come back.

use std::time::Duration;

use codex_lab_core::base::clock::{Clock, SystemClock};
use codex_lab_core::model::routing::RoutingSettings;
use codex_lab_tests::sandbox::{Behaviour, Endpoint, Script};

use crate::world::{Transport, World};

#[tokio::test]
async fn a_rest_of_seconds_ends_no_turn() {
    for transport in [Transport::Http, Transport::Socket] {
        let world = World::over(transport).await;
        world.sandbox.script(Script::next(3, Endpoint::Responses, Behaviour::usage_limit("plus", SystemClock.now().as_second() + 3)));
        let start = std::time::Instant::now();
        let run = world.exec("say hi").await;
        println!("{transport:?} {:?} {run:?}", start.elapsed());
        println!("{:?} {:?}", world.upgrades(), world.served_by());
        world.stop().await;
    }
}

#[tokio::test]
async fn prewarm() {
    let world = World::over(Transport::Socket).await;
    world
        .sandbox
        .script(Script::always(Endpoint::Prewarm, Behaviour::usage_limit("plus", SystemClock.now().as_second() + 3000)).by("main"));
    let start = std::time::Instant::now();
    let run = world.exec("say hi").await;
    println!("{:?} {run:?}", start.elapsed());
    println!("{:?} {:?}", world.upgrades(), world.served_by());
    for r in world.sandbox.requests() {
        println!("{} {} {:?} {:?} {}", r.method, r.path, r.account, r.status, r.body.chars().take(100).collect::<String>());
    }
    world.stop().await;
}

#[tokio::test]
async fn at_the_reset_a_turn_goes_on_by_itself() {
    for (transport, on) in
        [(Transport::Http, Endpoint::Responses), (Transport::Socket, Endpoint::Responses), (Transport::Socket, Endpoint::ResponsesSocket)]
    {
        let settings = RoutingSettings { wait_for_reset: true, ..RoutingSettings::default() };
        let world = World::with(transport, settings).await;
        world.sandbox.script(Script::next(3, on, Behaviour::usage_limit("plus", SystemClock.now().as_second() + 3600)));
        let wait = async {
            world.nobody_left(1).await;
            println!("nobody");
            tokio::time::pause();
            tokio::time::advance(Duration::from_secs(1800)).await;
            tokio::time::advance(Duration::from_secs(1800)).await;
            tokio::time::resume();
        };
        let start = std::time::Instant::now();
        let (run, ()) = tokio::join!(world.exec("say hi"), wait);
        println!("{transport:?} {:?} {run:?}", start.elapsed());
        println!("{:?} {:?}", world.upgrades(), world.served_by());
        world.stop().await;
    }
}
