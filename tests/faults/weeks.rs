//! SIGKILL at every place of a week's start: the provider is asked once, the ledger tells what is so, and a later round ends what was
//! begun.

use std::process::{Child, Output, Stdio};
use std::time::Duration;

use codex_lab_core::engine::priming::PLACES;
use codex_lab_tests::sandbox::{Answer, Behaviour, Endpoint, Quota, Script, Step};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::asker::{Asker, DieAt};
use crate::place::{PROFILES, Place, Template, assert_says_nothing_secret};
use codex_lab_tests::effort::{all, tally};

const PATIENCE: Duration = Duration::from_secs(60);
/// Whose week it is.
const NAME: &str = "work";
/// Rounds are at most so many seconds apart.
const LONGEST: i64 = 10 * 60;
/// It takes no longer until a week was started, and was seen to run, also after two deaths.
const BOUND: i64 = 3 * 60 * 60;

/// What comes after the kill.
#[derive(Clone, Copy, Debug)]
enum After {
    /// Another start.
    Restart,
    /// A start that is killed at the next place, and another one.
    SecondKill,
    /// A process that was there all the time goes on.
    Bystander,
}

/// A home with one week that has not started, and time that passes by rounds.
struct Week<'a> {
    template: &'a Template,
    place: Place,
    /// Requests of the sandbox before any of this.
    before: u64,
}

impl<'a> Week<'a> {
    fn new(template: &'a Template, ahead: i64) -> Self {
        template.sandbox.edit_account(NAME, |account| account.quota = Quota::plus(0, 0)).unwrap();
        let before = template.sandbox.requests().last().map_or(0, |request| request.seq);
        let week = Self { template, place: template.copy(), before };
        week.is_ahead(ahead);
        week
    }

    /// What time it is, for us and for the provider.
    fn is_ahead(&self, seconds: i64) {
        self.place.set_ahead(seconds);
        self.template.sandbox.set_clock_ahead(SignedDuration::from_secs(seconds));
    }

    /// A process that does chores.
    fn start(&self, die_at: DieAt<'_>) -> Asker {
        let mut asker = Asker::start(&self.place, die_at, &[]);
        assert_eq!(asker.answer(), Some(json!("ready")));
        asker
    }

    /// One round, and no time passes. Seconds to the next one; `None`: the process is gone.
    fn round(&self, asker: &mut Asker) -> Option<i64> {
        let answer = asker.order(&json!({ "chores": { "ahead": self.place.ahead() } }))?;
        assert!(answer.get("failure").is_none(), "{answer}");
        Some(answer["next"].as_i64().unwrap_or(LONGEST))
    }

    /// Rounds until something is so. `false`: the process is gone.
    fn goes_on(&self, asker: &mut Asker, until: impl Fn(&Self, &mut Asker) -> bool) -> bool {
        let end = self.place.ahead() + BOUND;
        while self.place.ahead() < end {
            let Some(next) = self.round(asker) else { return false };
            if until(self, asker) {
                return true;
            }
            self.is_ahead(self.place.ahead() + next.clamp(1, LONGEST));
        }
        panic!("it did not come to that: {:?}", record(asker));
    }

    /// How often the provider was asked to start it.
    fn asked(&self) -> usize {
        self.requests(Endpoint::Responses)
    }

    fn requests(&self, endpoint: Endpoint) -> usize {
        self.template.sandbox.requests_after(self.before).iter().filter(|request| request.is(endpoint, NAME)).count()
    }

    /// Its record, as a process that was not there sees it.
    fn record(&self) -> Value {
        let mut asker = self.start(None);
        let record = record(&mut asker);
        asker.end();
        record
    }
}

/// The one record there is, or null.
fn record(asker: &mut Asker) -> Value {
    let answer = asker.order(&json!({ "do": { "method": "primes" } })).unwrap();
    let records = answer["reply"]["records"].as_array().unwrap_or_else(|| panic!("{answer}")).clone();
    assert!(records.len() <= 1, "one window, one record: {records:?}");
    records.into_iter().next().unwrap_or_default()
}

fn is_verified(_: &Week<'_>, asker: &mut Asker) -> bool {
    record(asker)["state"] == "verified"
}

/// What is so right after the kill: the record's state, whether its answer has ended, and how often the provider was asked.
fn truth(place: &str) -> (Value, bool, usize) {
    match place {
        "prime-wanted" => (Value::Null, false, 0),
        "prime-claimed" => (json!("reserved"), false, 0),
        "prime-sent" => (json!("sent"), false, 0),
        "prime-asked" | "prime-answering" | "prime-answered" => (json!("sent"), false, 1),
        "prime-noted" => (json!("sent"), true, 1),
        "prime-judged" => (json!("verified"), true, 1),
        _ => panic!("{place} is a new place"),
    }
}

fn kill(template: &Template, number: usize, after: After) {
    let at = PLACES[number];
    let context = format!("killed at {at}, then {after:?}");
    let week = Week::new(template, 0);
    week.place.good(&["prime", NAME, "--on"]);
    let bystander = matches!(after, After::Bystander).then(|| week.start(None));
    let mut asker = week.start(Some((at, 0)));
    assert!(!week.goes_on(&mut asker, is_verified), "{at} is never reached");
    assert!(asker.end(), "{context}");

    let found = week.record();
    assert_eq!((found["state"].clone(), found["ended_at"].is_string(), week.asked()), truth(at), "{context}: {found}");
    week.place.assert_sound(&PROFILES, &context);
    if let After::SecondKill = after {
        let mut second = week.start(Some((PLACES[(number + 1) % PLACES.len()], 0)));
        week.goes_on(&mut second, is_verified);
        second.end();
    }
    let mut last = bystander.unwrap_or_else(|| week.start(None));
    assert!(week.goes_on(&mut last, is_verified), "{context}");
    let ended = record(&mut last);
    week.is_ahead(week.place.ahead() + LONGEST);
    let _next = week.round(&mut last);
    assert_eq!((week.asked(), record(&mut last)), (1, ended), "{context}: once");
    last.end();
    week.place.assert_sound(&PROFILES, &context);
}

#[test]
fn a_week_is_started_once_wherever_it_is_cut_off() {
    let template = Template::new();
    let kinds = [After::Restart, After::SecondKill, After::Bystander];
    let mut killed = 0;
    for number in 0..PLACES.len() {
        let kinds = if all() { &kinds[..] } else { &kinds[number % kinds.len()..][..1] };
        for after in kinds {
            kill(&template, number, *after);
            killed += 1;
        }
    }
    tally("SIGKILL in a week's start", killed, 0).unwrap();
    println!("killed {killed} times");
}

/// The terminal program, told to start the week now.
fn prime_now(place: &Place) -> Child {
    let mut command = place.command("codex-lab");
    command.args(["prime", NAME, "--now"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn said(output: &Output) -> String {
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_says_nothing_secret(&said);
    said
}

/// A week of which there is a reading that is old enough, so that one more tells that it has not started.
fn read_once(template: &Template) -> Week<'_> {
    let week = Week::new(template, -LONGEST);
    let mut asker = week.start(None);
    assert!(week.goes_on(&mut asker, |week, _| week.requests(Endpoint::Usage) > 0));
    assert!(week.place.ahead() < -100, "{}", week.place.ahead());
    asker.end();
    week.is_ahead(0);
    week
}

fn wait_held(template: &Template) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(template.sandbox.wait_held(1, PATIENCE)).unwrap();
}

/// A second one is told that it is under way, and sends nothing.
fn is_refused(week: &Week<'_>, context: &str) {
    let second = prime_now(&week.place).wait_with_output().unwrap();
    let said = said(&second);
    assert_eq!(second.status.code(), Some(6), "{context}: {said}");
    assert!(said.contains("Nothing was sent: "), "{context}: {said}");
    assert_eq!(week.asked(), 1, "{context}");
}

#[test]
fn of_two_at_once_one_starts_it_and_the_other_says_so() {
    let template = Template::new();
    let week = read_once(&template);
    template.sandbox.script(Script::once(Endpoint::Responses, Behaviour::Hold).by(NAME));
    let first = prime_now(&week.place);
    wait_held(&template);
    is_refused(&week, "while the first one waits");
    template.sandbox.release();
    let first = first.wait_with_output().unwrap();
    assert!(first.status.success(), "{}", said(&first));
    assert_eq!(week.record()["state"], "sent");

    // Neither knows of the other when it starts.
    let week = read_once(&template);
    let both = [prime_now(&week.place), prime_now(&week.place)].map(|child| child.wait_with_output().unwrap());
    let mut statuses = both.each_ref().map(|ended| ended.status.code());
    statuses.sort_unstable();
    assert_eq!(statuses, [Some(0), Some(6)], "{}", both.map(|ended| said(&ended)).concat());
    assert_eq!(week.asked(), 1);
}

#[test]
fn a_terminal_that_is_killed_over_the_answer_has_asked_once() {
    let template = Template::new();
    let half = Behaviour::Say(Answer::text("half a word").then(Step::Hold));
    for held in [Behaviour::HoldAnswer, half] {
        let context = format!("{held:?}");
        let week = read_once(&template);
        template.sandbox.script(Script::once(Endpoint::Responses, held).by(NAME));
        let mut first = prime_now(&week.place);
        wait_held(&template);
        first.kill().unwrap();
        first.wait().unwrap();
        assert_eq!(week.record()["state"], "sent", "{context}");
        is_refused(&week, &context);
        template.sandbox.release();
        let mut later = week.start(None);
        assert!(week.goes_on(&mut later, is_verified), "{context}: readings say what became of it");
        assert_eq!(week.asked(), 1, "{context}");
        later.end();
        week.place.assert_sound(&PROFILES, &context);
    }
}
