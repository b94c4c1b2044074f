//! Driving `codex-lab-asker`: a process with an engine of its own that does what it is told, and may be killed on the way.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::place::{Place, assert_says_nothing_secret};

/// Where it is to be killed: the place, and how often it is passed before.
pub(crate) type DieAt<'a> = Option<(&'a str, u32)>;

/// A running asker. Killed when dropped.
pub(crate) struct Asker {
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Asker {
    /// Starts one in a home; its engine may not be open yet.
    pub(crate) fn start(place: &Place, die_at: DieAt<'_>, env: &[(&'static str, String)]) -> Self {
        let mut command = place.command("codex-lab-asker");
        if let Some((name, times)) = die_at {
            command.args(["--die-at", name, "--die-after", &times.to_string()]);
        }
        command.args(["--ahead", &place.ahead().to_string()]);
        command.envs(env.iter().cloned()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let orders = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Self { child, orders, answers }
    }

    /// Starts one whose engine is open.
    pub(crate) fn ready(place: &Place) -> Self {
        let mut asker = Self::start(place, None, &[]);
        assert_eq!(asker.answer(), Some(json!("ready")));
        asker
    }

    /// Gives an order and does not wait.
    pub(crate) fn tell(&mut self, order: &Value) {
        // It may be dead already; then there is no answer.
        let _ = writeln!(self.orders.as_mut().unwrap(), "{order}");
    }

    /// The next answer; `None` if there will be none.
    pub(crate) fn answer(&mut self) -> Option<Value> {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        // A line that was cut off is no answer.
        line.ends_with('\n').then(|| serde_json::from_str(&line).unwrap())
    }

    /// Gives an order and waits for its answer.
    pub(crate) fn order(&mut self, order: &Value) -> Option<Value> {
        self.tell(order);
        self.answer()
    }

    /// Lets it end; whether it was killed. It says nothing that is secret.
    pub(crate) fn end(mut self) -> bool {
        drop(self.orders.take());
        let status = self.child.wait().unwrap();
        let mut stderr = Vec::new();
        std::io::Read::read_to_end(self.child.stderr.as_mut().unwrap(), &mut stderr).unwrap();
        assert_says_nothing_secret(&String::from_utf8_lossy(&stderr));
        let killed = status.signal() == Some(9);
        assert!(killed || status.code().is_some(), "{status}");
        killed
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
