//! A headless Chromium in a process of its own, with a profile that is thrown away.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;

use serde_json::json;

use crate::devtools::DevTools;
use crate::tab::Tab;

/// It talks to nobody but this machine, needs no screen, and does nothing of its own accord. The
/// sandbox cannot be had by root, and the only page that is shown is ours.
const OPTIONS: [&str; 12] = [
    "--headless",
    "--remote-debugging-port=0",
    "--no-sandbox",
    "--no-first-run",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
];

/// The one that is running, if one is: to start it takes longer than most tests.
static RUNNING: Mutex<Weak<Process>> = Mutex::new(Weak::new());

/// A test's way to Chromium.
pub(crate) struct Chromium {
    devtools: Rc<DevTools>,
    _process: Arc<Process>,
}

/// It ends with the last test that uses it.
struct Process {
    child: Child,
    profile: PathBuf,
    url: String,
}

impl Chromium {
    pub(crate) fn new() -> Self {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        let process = running.upgrade().unwrap_or_else(|| Arc::new(Process::start()));
        *running = Arc::downgrade(&process);
        Self { devtools: Rc::new(DevTools::connect(&process.url)), _process: process }
    }

    /// Opens a page in a context of its own, as if in another browser.
    pub(crate) fn open(&self, url: &str) -> Tab {
        let until = json!({"disposeOnDetach": true});
        let context = self.devtools.ask(None, "Target.createBrowserContext", until);
        let target = json!({
            "url": "about:blank",
            "browserContextId": context["browserContextId"],
        });
        let target = self.devtools.ask(None, "Target.createTarget", target);
        Tab::attach(self.devtools.clone(), &target["targetId"], url)
    }
}

impl Process {
    fn start() -> Self {
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let profile = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("profile-{}-{number}", std::process::id()));
        let program = std::env::var("CHROMIUM").unwrap_or_else(|_| "chromium".to_owned());
        let child = Command::new(&program)
            .args(OPTIONS)
            .arg(format!("--user-data-dir={}", profile.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = child.unwrap_or_else(|error| panic!("{program} does not start: {error}"));
        let url = listening(&mut child);
        Self { child, profile, url }
    }
}

/// Waits until it says where its DevTools are; what else it says is of no interest.
fn listening(child: &mut Child) -> String {
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    loop {
        let start = said.len();
        let count = errors.read_line(&mut said).unwrap();
        assert!(count > 0, "Chromium ends without having listened:\n{said}");
        if let Some(url) = said[start..].trim().strip_prefix("DevTools listening on ") {
            let url = url.to_owned();
            // It must not wait for somebody to read.
            thread::spawn(move || errors.read_to_end(&mut vec![]));
            return url;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
        // Its other processes may still be busy with ending.
        let _removed = (0..1000).any(|_| fs::remove_dir_all(&self.profile).is_ok());
    }
}
