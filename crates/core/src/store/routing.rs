//! What routing remembers, in the state: blocks, where sessions are at home, and the last decisions. All of it bounded; a row that
//! makes no sense is passed over.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::state::{State, StateError};
use crate::model::affinity::{BucketKey, Home, SessionKey};
use crate::model::block::Block;
use crate::model::decision::Decision;
use crate::model::profile::ProfileId;

/// Rows of blocks that are read.
const BLOCKS_LIMIT: u32 = 100_000;
/// Homes of each sort that are kept.
const HOMES_LIMIT: u32 = 10_000;
/// Homes beyond the limit before any are cleared away.
const HOMES_SLACK: u32 = 1_000;
/// Decisions that are kept.
const DECISIONS_LIMIT: u32 = 500;
/// Bytes of a row's text that is read.
const TEXT_LIMIT: u32 = 64 << 10;

const SESSIONS: &str = "session";
const BUCKETS: &str = "bucket";

impl State {
    /// Keeps the blocks of these profiles, in the place of those that were kept.
    pub fn save_blocks(&self, profiles: &[(ProfileId, Vec<Block>)]) -> Result<(), StateError> {
        if profiles.is_empty() {
            return Ok(());
        }
        self.in_one(|connection| {
            let mut insert = connection.prepare_cached("insert into routing_blocks (profile, place, block) values (?1, ?2, ?3)")?;
            for (profile, blocks) in profiles {
                connection.execute("delete from routing_blocks where profile = ?1", [profile.as_str()])?;
                for (block, place) in blocks.iter().zip(0u32..) {
                    insert.execute(params![profile.as_str(), place, text(block)])?;
                }
            }
            Ok(())
        })
    }

    /// The blocks that are still of use, by profile, the oldest first.
    pub fn blocks(&self, now: Timestamp) -> Result<BTreeMap<ProfileId, Vec<Block>>, StateError> {
        let rows = self.with(|connection| {
            let select = "select profile, block from routing_blocks where length(block) <= ?1 order by profile, place limit ?2";
            let mut query = connection.prepare_cached(select)?;
            let rows = query.query_map([TEXT_LIMIT, BLOCKS_LIMIT], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let mut blocks: BTreeMap<ProfileId, Vec<Block>> = BTreeMap::new();
        for (profile, block) in rows {
            if let (Some(profile), Some(block)) =
                (ProfileId::parse(&profile), parsed::<Block>(&block).and_then(|block| block.restored(now)))
            {
                blocks.entry(profile).or_default().push(block);
            }
        }
        Ok(blocks)
    }

    /// Keeps where sessions, and repositories with models, are at home; those without a home are forgotten.
    pub fn save_homes(&self, sessions: &[(SessionKey, Option<Home>)], buckets: &[(BucketKey, Option<Home>)]) -> Result<(), StateError> {
        if sessions.is_empty() && buckets.is_empty() {
            return Ok(());
        }
        self.in_one(|connection| {
            let sessions = sessions.iter().map(|(key, home)| (SESSIONS, key.as_str(), home));
            let all = sessions.chain(buckets.iter().map(|(key, home)| (BUCKETS, key.as_str(), home)));
            let mut put = connection.prepare_cached(
                "insert into routing_homes (sort, key, profile, used, pinned) values (?1, ?2, ?3, ?4, ?5)
                 on conflict (sort, key) do update set profile = ?3, used = ?4, pinned = ?5",
            )?;
            for (sort, key, home) in all {
                match home {
                    Some(home) => put.execute(params![sort, key, home.profile.as_str(), home.used.as_millisecond(), home.pinned])?,
                    None => connection.execute("delete from routing_homes where sort = ?1 and key = ?2", [sort, key])?,
                };
            }
            [SESSIONS, BUCKETS].iter().try_for_each(|sort| forget_surplus(connection, sort))
        })
    }

    /// Where sessions are at home.
    pub fn session_homes(&self) -> Result<Vec<(SessionKey, Home)>, StateError> {
        self.homes(SESSIONS, SessionKey::of)
    }

    /// Where repositories with models are at home.
    pub fn bucket_homes(&self) -> Result<Vec<(BucketKey, Home)>, StateError> {
        self.homes(BUCKETS, BucketKey::parse)
    }

    /// Keeps decisions, the newest last.
    pub fn save_decisions(&self, decisions: &[Decision]) -> Result<(), StateError> {
        if decisions.is_empty() {
            return Ok(());
        }
        self.in_one(|connection| {
            let mut insert = connection.prepare_cached("insert into routing_decisions (decision) values (?1)")?;
            for decision in decisions {
                insert.execute([text(decision)])?;
            }
            let forget = "delete from routing_decisions where id <= (select max(id) from routing_decisions) - ?1";
            connection.execute(forget, [DECISIONS_LIMIT])?;
            Ok(())
        })
    }

    /// The last decisions, the newest last.
    pub fn decisions(&self) -> Result<Vec<Decision>, StateError> {
        let mut rows = self.with(|connection| {
            let select = "select decision from routing_decisions where length(decision) <= ?1 order by id desc limit ?2";
            let mut query = connection.prepare_cached(select)?;
            let rows = query.query_map([TEXT_LIMIT, DECISIONS_LIMIT], |row| row.get::<_, String>(0))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        rows.reverse();
        Ok(rows.iter().filter_map(|row| parsed(row)).collect())
    }

    fn homes<K>(&self, sort: &str, key: impl Fn(&str) -> Option<K>) -> Result<Vec<(K, Home)>, StateError> {
        let rows = self.with(|connection| {
            let select = "select key, profile, used, pinned from routing_homes where sort = ?1 order by pinned desc, used desc limit ?2";
            let mut query = connection.prepare_cached(select)?;
            let rows = query.query_map(params![sort, HOMES_LIMIT], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?))
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let homes = rows.into_iter().filter_map(|(text, profile, used, pinned)| {
            let used = Timestamp::from_millisecond(used).ok()?;
            Some((key(&text)?, Home { profile: ProfileId::parse(&profile)?, used, pinned: pinned != 0 }))
        });
        Ok(homes.collect())
    }
}

/// The ones unused for longest go, where there are clearly too many.
fn forget_surplus(connection: &Connection, sort: &str) -> rusqlite::Result<()> {
    let count: u32 = connection.query_row("select count(*) from routing_homes where sort = ?1", [sort], |row| row.get(0))?;
    if count <= HOMES_LIMIT + HOMES_SLACK {
        return Ok(());
    }
    connection.execute(
        "delete from routing_homes where sort = ?1 and key in
             (select key from routing_homes where sort = ?1 order by pinned, used limit ?2)",
        params![sort, count - HOMES_LIMIT],
    )?;
    Ok(())
}

/// Plain values, which can be written at any rate.
fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn parsed<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::base::environment::Environment;
    use crate::model::block::{BlockEnd, BlockKind, BlockScope};
    use crate::model::decision::{Chosen, Judged};
    use crate::model::quota::Family;
    use crate::model::trouble::Trouble;
    use crate::model::verdict::{Choice, Reason, Verdict};
    use crate::store::home::Home as Folder;

    struct Disk {
        _folder: tempfile::TempDir,
        home: Folder,
        state: State,
    }

    fn open() -> Disk {
        let folder = tempfile::tempdir().unwrap();
        let home = Folder::open(&Environment::of(folder.path(), [])).unwrap();
        let state = State::open(&home).unwrap();
        Disk { _folder: folder, home, state }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn id(number: u8) -> ProfileId {
        ProfileId::parse(&format!("{number:016x}")).unwrap()
    }

    fn home(number: u8, second: i64, pinned: bool) -> Home {
        Home { profile: id(number), used: at(second), pinned }
    }

    fn decision(second: i64) -> Decision {
        let reasons = vec![Reason::Blocked { kind: BlockKind::Forbidden, until: Some(at(9)) }, Reason::RoleWall];
        Decision {
            at: at(second),
            session: Some("a".into()),
            family: Family::main(),
            model: None,
            chosen: Some(Chosen { profile: id(1), choice: Choice::Sticky }),
            tried: vec![id(2)],
            instead_of: Some(id(2)),
            verdicts: vec![Judged { profile: id(2), verdict: Verdict::Refused(reasons) }],
            others: 3,
            times: 2,
        }
    }

    #[test]
    fn what_is_kept_comes_back_after_a_restart() {
        let disk = open();
        let remedy = Trouble::TooManyRequests { retry_after: Some(Duration::from_secs(60)) }.remedy(None, at(10));
        let family = BlockScope::Family(Family::parse("codex-luna").unwrap());
        let blocks =
            vec![remedy.block.unwrap(), Block::new(BlockKind::Exhausted, family, BlockEnd::At(at(500)), "usage_limit_reached", at(10))];
        disk.state.save_blocks(&[(id(1), blocks.clone()), (id(2), blocks.clone()), (id(3), vec![])]).unwrap();
        disk.state.save_blocks(&[(id(2), vec![])]).unwrap();
        let (session, bucket) = (SessionKey::of("s").unwrap(), BucketKey::of("repository", "model"));
        disk.state.save_homes(&[(session.clone(), Some(home(1, 5, true)))], &[(bucket.clone(), Some(home(2, 6, false)))]).unwrap();
        disk.state.save_decisions(&[decision(1), decision(2)]).unwrap();

        let again = State::open(&disk.home).unwrap();
        assert_eq!(again.blocks(at(11)).unwrap(), BTreeMap::from([(id(1), blocks)]));
        assert_eq!(again.blocks(at(99_999)).unwrap(), BTreeMap::new(), "what is long over is of no use");
        assert_eq!(again.session_homes().unwrap(), [(session.clone(), home(1, 5, true))]);
        assert_eq!(again.bucket_homes().unwrap(), [(bucket, home(2, 6, false))]);
        assert_eq!(again.decisions().unwrap(), [decision(1), decision(2)]);
        again.save_homes(&[(session, None)], &[]).unwrap();
        assert_eq!(disk.state.session_homes().unwrap(), []);
    }

    #[test]
    fn the_tables_stay_within_their_bounds() {
        let disk = open();
        let decisions: Vec<Decision> = (0..DECISIONS_LIMIT + 20).map(|second| decision(second.into())).collect();
        decisions.chunks(7).for_each(|some| disk.state.save_decisions(some).unwrap());
        let kept = disk.state.decisions().unwrap();
        assert_eq!((kept.len(), kept[0].at, kept.last().unwrap().at), (500, at(20), at(519)));
        let mut homes = vec![(SessionKey::of("tied").unwrap(), Some(home(1, 0, true)))];
        homes.extend(
            (1..=HOMES_LIMIT + HOMES_SLACK)
                .map(|number| (SessionKey::of(&number.to_string()).unwrap(), Some(home(1, number.into(), false)))),
        );
        disk.state.save_homes(&homes, &[]).unwrap();
        let count: u32 =
            disk.state.with(|connection| connection.query_row("select count(*) from routing_homes", [], |row| row.get(0))).unwrap();
        let kept = disk.state.session_homes().unwrap();
        assert_eq!((count, kept.len()), (HOMES_LIMIT, 10_000));
        assert!(kept[0].1.pinned && kept.last().unwrap().1.used == at(1_002), "{:?}", kept.last());
    }

    #[test]
    fn rows_that_make_no_sense_are_passed_over() {
        let disk = open();
        let planted = disk.state.with(|connection| {
            connection.execute_batch(
                r#"insert into routing_blocks values ('no profile', 0, '{}'), ('0000000000000001', 0, '{'), ('0000000000000001', 1, 'null'),
                     ('0000000000000001', 2, '{"kind":"new_kind","scope":{"of":"profile"},"since":"2026-01-01T00:00:00Z","ends":"sign_in","evidence":"x"}'),
                     ('0000000000000001', 3, '{"kind":"forbidden","scope":{"of":"profile"},"since":"2026-01-01T00:00:00Z","ends":"sign_in","evidence":"Bearer X"}'),
                     ('0000000000000001', 4, '{"kind":"forbidden","scope":{"of":"profile"},"since":"2026-01-01T00:00:00Z","ends":"sign_in","evidence":"x"}');
                   insert into routing_homes values ('session', '', '0000000000000001', 1, 0), ('session', 'a', 'x', 1, 0),
                     ('session', 'b', '0000000000000001', 9223372036854775807, 0), ('bucket', 'a path', '0000000000000001', 1, 0);
                   insert into routing_decisions (decision) values ('{}'), (''), (zeroblob(0) || ''), ('[1]');"#,
            )
        });
        planted.unwrap();
        let blocks = disk.state.blocks(at(0)).unwrap();
        assert_eq!(blocks.values().map(Vec::len).sum::<usize>(), 1, "{blocks:?}");
        assert!(disk.state.session_homes().unwrap().is_empty() && disk.state.bucket_homes().unwrap().is_empty());
        assert!(disk.state.decisions().unwrap().is_empty());
    }
}
