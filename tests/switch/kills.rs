//! SIGKILL at every place of a switch: the next start leaves one login whole and loses no token.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Output;

use codex_lab_core::codex::switch::PLACES;
use codex_lab_core::model::profile::ProfileId;

use crate::logins::{api_key, chatgpt};
use crate::world::World;

/// What happens to the live login between the kill and the next start.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Between {
    /// Nothing.
    Nothing,
    /// Codex refreshes whatever login is there.
    Refresh,
    /// The next start is killed as well, at the next place it reaches.
    SecondKill,
}

struct Story {
    world: World,
    /// The newest login of the outgoing account, which is live.
    outgoing: Option<String>,
    /// The login that is to be live.
    incoming: Option<String>,
    target: Option<ProfileId>,
}

/// Kills a switch of this story at every place.
fn kill_everywhere(name: &str, story: impl Fn() -> Story) {
    for between in [Between::Nothing, Between::Refresh, Between::SecondKill] {
        for place in PLACES {
            let context = format!("{name}, killed at {place}, then {between:?}");
            let story = story();
            let what = story.target.as_ref().map_or("none", ProfileId::as_str);
            let killed = was_killed(&story.world.run_victim(&[what, place]), &context);
            // A local sign-out writes no file.
            assert_eq!(killed, !(story.incoming.is_none() && *place == "switch.staged"), "{context}");
            story.survive(between, &context);
        }
    }
}

fn was_killed(output: &Output, context: &str) -> bool {
    let spoken = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(!spoken.contains("planted"), "{context}: a secret was told");
    let killed = output.status.signal() == Some(9);
    assert!(killed || output.status.success(), "{context}: {} {spoken}", output.status);
    killed
}

impl Story {
    fn survive(&self, between: Between, context: &str) {
        let world = &self.world;
        let whole = |live: &Option<String>| *live == self.outgoing || *live == self.incoming;
        let mut live = world.live();
        assert!(whole(&live), "{context}: the live login is broken right after the kill: {live:?}");
        match between {
            Between::Nothing => {}
            Between::Refresh => {
                if let Some(renewed) = live.as_deref().and_then(renew) {
                    world.set_live(&renewed);
                    live = Some(renewed);
                }
            }
            Between::SecondKill => {
                for place in ["switch.recorded", "switch.marked", "switch.journal_removed"] {
                    was_killed(&world.run_victim(&["recover", place]), context);
                }
            }
        }
        let unsettled = world.journal().exists();
        let recovered = world.switch().recover().unwrap_or_else(|error| panic!("{context}: {error:?}"));
        assert_eq!(recovered.is_some(), unsettled, "{context}");
        world.assert_at_rest(context);
        assert_eq!(world.live(), live, "{context}: recovery changed a whole login");

        if unsettled && let Some(live) = &live {
            assert_eq!(world.stored(live).as_ref(), Some(live), "{context}: what Codex renewed is read back");
        }

        // The newest tokens of the outgoing account are live or in its profile; once it is no longer live, in its profile.
        let owner = |text: &Option<String>| text.as_deref().and_then(|text| crate::world::parse(text).subject());
        let incoming_is_live = self.outgoing.is_none() && live.is_some() || owner(&live) != owner(&self.outgoing);
        if incoming_is_live && let Some(outgoing) = &self.outgoing {
            assert_eq!(world.stored(outgoing).as_ref(), Some(outgoing), "{context}: the outgoing login's tokens");
        }
        let recorded = world.state.last_switch().unwrap();
        assert_eq!(recorded.is_some(), incoming_is_live, "{context}: {recorded:?}");
        if let Some(record) = recorded {
            assert_eq!(record.to, self.target, "{context}");
        }

        // Whatever happened, the switch can be made now, and everything is in its place then.
        world.switch().to(self.target.as_ref()).unwrap_or_else(|error| panic!("{context}: again: {error:?}"));
        world.assert_at_rest(context);
        let newest_outgoing = if incoming_is_live { self.outgoing.clone() } else { live.clone() };
        let newest_incoming = if incoming_is_live { live } else { self.incoming.clone() };
        assert_eq!(world.live(), newest_incoming, "{context}: at the end");
        for login in [newest_outgoing, newest_incoming].into_iter().flatten() {
            assert_eq!(world.stored(&login), Some(login), "{context}: at the end, in the profile");
        }
    }
}

/// The login after a refresh by Codex; a key is not refreshed.
fn renew(text: &str) -> Option<String> {
    let mut login: serde_json::Value = serde_json::from_str(text).ok()?;
    let tokens = login.get_mut("tokens")?;
    tokens["refresh_token"] = "planted-rt-renewed".into();
    login["last_refresh"] = "2026-11-29T00:00:00Z".into();
    Some(login.to_string())
}

#[test]
fn a_known_outgoing_login() {
    kill_everywhere("known", || {
        let world = World::new();
        let (main, work) = (chatgpt("main", 1), chatgpt("work", 1));
        world.profile(&main);
        let target = world.profile(&work).id;
        world.set_live(&main);
        Story { world, outgoing: Some(main), incoming: Some(work), target: Some(target) }
    });
}

#[test]
fn an_unknown_outgoing_login() {
    kill_everywhere("unknown", || {
        let world = World::new();
        let (main, work) = (chatgpt("main", 1), chatgpt("work", 1));
        let target = world.profile(&work).id;
        world.set_live(&main);
        Story { world, outgoing: Some(main), incoming: Some(work), target: Some(target) }
    });
}

#[test]
fn an_outgoing_login_that_codex_has_renewed() {
    kill_everywhere("renewed", || {
        let world = World::new();
        let (old, new, work) = (chatgpt("main", 1), chatgpt("main", 5), chatgpt("work", 1));
        world.profile(&old);
        let target = world.profile(&work).id;
        world.set_live(&new);
        Story { world, outgoing: Some(new), incoming: Some(work), target: Some(target) }
    });
}

#[test]
fn a_local_sign_out() {
    kill_everywhere("sign-out", || {
        let world = World::new();
        let (old, new) = (chatgpt("main", 1), chatgpt("main", 5));
        world.profile(&old);
        world.set_live(&new);
        Story { world, outgoing: Some(new), incoming: None, target: None }
    });
}

#[test]
fn no_login_before() {
    kill_everywhere("empty", || {
        let world = World::new();
        let work = chatgpt("work", 1);
        let target = world.profile(&work).id;
        Story { world, outgoing: None, incoming: Some(work), target: Some(target) }
    });
}

#[test]
fn an_api_key_comes() {
    kill_everywhere("api key", || {
        let world = World::new();
        let (main, key) = (chatgpt("main", 3), api_key("mine"));
        let target = world.profile(&key).id;
        world.set_live(&main);
        Story { world, outgoing: Some(main), incoming: Some(key), target: Some(target) }
    });
}

#[test]
fn a_link_inside_the_codex_home() {
    kill_everywhere("link", || {
        let world = World::new();
        let (main, work) = (chatgpt("main", 1), chatgpt("work", 1));
        let target = world.profile(&work).id;
        fs::create_dir(world.codex.root().join("logins")).unwrap();
        symlink("logins/real.json", world.codex.auth_json()).unwrap();
        world.set_live(&main);
        Story { world, outgoing: Some(main), incoming: Some(work), target: Some(target) }
    });
}
