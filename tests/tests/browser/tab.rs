//! A page that somebody has open.

use std::fs;
use std::path::PathBuf;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::devtools::DevTools;
use crate::keys::Key;

/// Resolves as soon as a condition holds: looks again whenever the page changes.
const UNTIL: &str = "new Promise((holds, fails) => {
    const so = () => { try { return CONDITION; } catch { return false; } };
    if (so()) return holds();
    const look = () => {
        if (!so()) return;
        watch.disconnect();
        clearTimeout(guard);
        holds();
    };
    const watch = new MutationObserver(look);
    const what = {subtree: true, childList: true, attributes: true, characterData: true};
    watch.observe(document, what);
    for (const event of ['focusin', 'input', 'scroll']) document.addEventListener(event, look, true);
    const guard = setTimeout(() => fails(new Error('it never came to be; there is ' +
        document.body.innerText)), 20000);
})";

pub(crate) struct Tab {
    devtools: Rc<DevTools>,
    session: String,
    target: Value,
    host: String,
}

impl Tab {
    pub(crate) fn attach(devtools: Rc<DevTools>, target: &Value, url: &str) -> Self {
        let how = json!({"targetId": target, "flatten": true});
        let session = devtools.ask(None, "Target.attachToTarget", how);
        let session = session["sessionId"].as_str().unwrap().to_owned();
        let host = url.split('/').nth(2).unwrap().to_owned();
        let tab = Self { devtools, session, target: target.clone(), host };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            tab.ask(&format!("{domain}.enable"), json!({}));
        }
        // As if somebody looked at it, and nothing moved.
        tab.ask("Emulation.setFocusEmulationEnabled", json!({"enabled": true}));
        tab.look("light", 1000, 700);
        tab.ask("Page.navigate", json!({"url": url}));
        tab.wait("Page.loadEventFired");
        tab
    }

    pub(crate) fn ask(&self, method: &str, params: Value) -> Value {
        self.devtools.ask(Some(&self.session), method, params)
    }

    pub(crate) fn wait(&self, event: &str) {
        self.devtools.wait(&self.session, event);
    }

    /// What an expression of JavaScript is, or becomes.
    pub(crate) fn eval(&self, expression: &str) -> Value {
        let params = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let mut answer = self.ask("Runtime.evaluate", params);
        let exception = &answer["exceptionDetails"];
        assert!(exception.is_null(), "{expression}: {exception}");
        answer["result"]["value"].take()
    }

    /// Waits until this holds.
    pub(crate) fn until(&self, condition: &str) {
        self.eval(&UNTIL.replace("CONDITION", &format!("({condition})")));
    }

    /// Waits until an element reads like this.
    pub(crate) fn reads(&self, id: &str, text: &str) {
        self.until(&format!("$({id:?}).textContent === {text:?}"));
    }

    /// Waits until the log has this line in it, once.
    pub(crate) fn hears(&self, text: &str) {
        self.until(&format!("count({text:?}) === 1").replace("count", LINES));
    }

    /// How often the log has this line in it.
    pub(crate) fn heard(&self, text: &str) -> u64 {
        self.eval(&format!("count({text:?})").replace("count", LINES)).as_u64().unwrap()
    }

    /// Writes something and sends it.
    pub(crate) fn says(&self, text: &str) {
        self.eval("$('text').focus()");
        self.types(text);
        self.press(Key::Enter);
    }

    /// Writes something where the focus is, in one go.
    pub(crate) fn types(&self, text: &str) {
        self.ask("Input.insertText", json!({"text": text}));
    }

    pub(crate) fn press(&self, key: Key) {
        for event in key.events() {
            self.ask("Input.dispatchKeyEvent", event);
        }
    }

    /// Another size of the window, and the colours that its owner prefers.
    pub(crate) fn look(&self, colours: &str, width: u32, height: u32) {
        let features = json!([
            {"name": "prefers-color-scheme", "value": colours},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]);
        self.ask("Emulation.setEmulatedMedia", json!({"features": features}));
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.ask("Emulation.setDeviceMetricsOverride", size);
    }

    /// Keeps a picture of what there is to see.
    pub(crate) fn picture(&self, name: &str) {
        let picture = self.ask("Page.captureScreenshot", json!({"format": "png"}));
        let bytes = STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pictures");
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{name}.png"));
        fs::write(&path, bytes).unwrap();
        println!("picture: {}", path.display());
    }

    /// Closes the page, as a person does.
    pub(crate) fn close(self) {
        self.devtools.ask(None, "Target.closeTarget", json!({"targetId": self.target}));
    }

    /// Nothing went wrong in the page, the policy forbade nothing, and it spoke to its server only.
    pub(crate) fn is_well(&self) {
        self.is_well_but_for(|_| false);
    }

    /// The same, but for complaints like these.
    pub(crate) fn is_well_but_for(&self, expected: impl Fn(&str) -> bool) {
        let told = self.devtools.told(&self.session);
        let mut urls = 0;
        for event in &told {
            let params = &event["params"];
            let url = match event["method"].as_str().unwrap() {
                "Runtime.exceptionThrown" => panic!("{params}"),
                "Runtime.consoleAPICalled" | "Log.entryAdded" => {
                    let text = params["entry"]["text"].as_str().unwrap_or_default();
                    assert!(expected(text), "{params}");
                    continue;
                }
                "Network.requestWillBeSent" => &params["request"]["url"],
                "Network.webSocketCreated" => &params["url"],
                _ => continue,
            };
            urls += 1;
            let url = url.as_str().unwrap();
            let is_ours = url.split('/').nth(2) == Some(&*self.host);
            assert!(is_ours || url.starts_with("data:"), "it asks for {url}");
        }
        assert!(urls > 1, "its requests were not told");
    }
}

const LINES: &str = "(text => [...document.querySelectorAll('#log .text, #log .event')]\
    .filter(({textContent}) => textContent === text).length)";
