//! The page that the firmware example serves: out of the flash of an emulated board, or without one.

use serde_json::json;
use ws_tests::example::Device;

use crate::chromium::Chromium;
use crate::lost::about_sockets;
use crate::tab::Tab;

/// Where the app runs, and what its pictures are called.
const EVERYWHERE: [(&str, &[&str]); 3] = [
    ("small-board", &["--board", "lm3s6965evb"]),
    ("large-board", &["--board", "mps2-an385"]),
    ("no-board", &["--host"]),
];

const CONNECTED: &str = "$('state').textContent === 'connected'";

impl Tab {
    /// Waits until both charts have been drawn anew.
    fn charts_go_on(&self) {
        self.eval("window.drawn = ['load', 'rate'].map(id => $(id).toDataURL())");
        self.until("['load', 'rate'].every((id, n) => $(id).toDataURL() !== drawn[n])");
    }

    /// Keeps pictures, light and wide, dark and narrow; nothing is wider than the window.
    fn shows_itself(&self, name: &str) {
        for (colours, width, height) in [("light", 1000, 700), ("dark", 320, 900)] {
            self.look(colours, width, height);
            self.until(&format!("innerWidth === {width}"));
            self.charts_go_on();
            self.picture(&format!("device-{name}-{colours}"));
            assert_eq!(self.eval("document.documentElement.scrollWidth <= innerWidth"), true);
        }
    }
}

/// EMB-06
#[test]
fn the_page_charts_what_the_device_tells_and_its_buttons_are_obeyed() {
    let chromium = Chromium::new();
    for (name, place) in EVERYWHERE {
        let device = Device::start(place);
        let tab = chromium.open(&format!("http://{}/", device.address()));
        tab.until(CONNECTED);
        // Ten times as fast as it was.
        tab.eval("$('every').value = '100'; $('every').onchange()");
        tab.until("charts.load.length > 20");
        let pace = "charts.load.slice(-10).map(([time], n, all) => n && time - all[n - 1][0])";
        tab.until(&format!("{pace}.every(span => span < 500)"));
        tab.charts_go_on();
        tab.eval("$('echo').click()");
        tab.until("last.messages > 100");
        // Another client sees what is switched here, and here is seen what it switches.
        let mut other = ws_std::connect(&format!("ws://{}/telemetry", device.address())).unwrap();
        let mut hears = |text: &str| loop {
            if other.receive().unwrap().expect("a text").text().unwrap().contains(text) {
                return;
            }
        };
        assert_eq!(tab.eval("$('toggle').getAttribute('aria-pressed')"), json!("false"));
        tab.eval("$('toggle').click()");
        tab.until("$('lamp').className === 'on' && $('toggle').ariaPressed === 'true'");
        hears(r#""output":true"#);
        tab.shows_itself(name);
        other.send_text("output off").unwrap();
        tab.until("$('lamp').className === '' && $('toggle').ariaPressed === 'false'");
        tab.is_well();
    }
}

/// The board is switched off, and another one on in its place. EMB-06
#[test]
fn the_page_comes_back_when_the_device_does() {
    let chromium = Chromium::new();
    for (name, place) in EVERYWHERE {
        let device = Device::start(place);
        let address = device.address();
        let tab = chromium.open(&format!("http://{address}/"));
        tab.until("$('state').textContent === 'connected' && last");
        drop(device);
        tab.until("$('state').textContent.startsWith('connection lost')");
        assert_eq!(tab.eval("$('toggle').matches(':disabled')"), json!(true));
        tab.picture(&format!("device-{name}-lost"));
        let port = address.port().to_string();
        let device = Device::start(&[place, &["--port", &port]].concat());
        assert_eq!(device.address(), address);
        tab.until(CONNECTED);
        tab.charts_go_on();
        assert_eq!(tab.eval("$('toggle').matches(':disabled')"), json!(false));
        tab.is_well_but_for(about_sockets);
    }
}
