//! What the page looks like: pictures for people to look at, and what can be computed.

use crate::{Scene, Tab};

/// The texts that stand out too little from what is behind them: the ratio of section 1.4.3 of the
/// Web Content Accessibility Guidelines, at least 4.5.
const FAINT: &str = r"(() => {
    const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const rgba = colour => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = (top, below) => top.slice(0, 3)
        .map((value, index) => value * top[3] + below[index] * (1 - top[3])).concat(1);
    const behind = element => {
        if (!element) return [255, 255, 255, 1];
        const own = rgba(getComputedStyle(element).backgroundColor);
        return own[3] === 1 ? own : over(own, behind(element.parentElement));
    };
    const opacity = element => !element ? 1 :
        getComputedStyle(element).opacity * opacity(element.parentElement);
    const luminance = colour => colour.slice(0, 3).map(value => value / 255)
        .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
        .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
    const ratio = (a, b) => {
        const [low, high] = [luminance(a), luminance(b)].sort((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
    };
    const faint = [];
    const check = (element, colour) => {
        const back = behind(element), ink = rgba(colour);
        ink[3] *= opacity(element);
        const found = ratio(over(ink, back), back);
        checked++;
        if (found < 4.5) faint.push(`${found.toFixed(2)}: ${element.outerHTML.slice(0, 90)}`);
    };
    let checked = 0;
    for (const element of document.body.querySelectorAll(':not(script, style)')) {
        const isSeen = element.checkVisibility({visibilityProperty: true});
        const hasText = [...element.childNodes]
            .some(node => node.nodeType === 3 && node.data.trim()) || element.value?.trim?.();
        if (isSeen && hasText && !element.disabled) check(element, getComputedStyle(element).color);
        if (isSeen && element.placeholder) check(element, getComputedStyle(element, '::placeholder').color);
    }
    // Whatever colour somebody gets.
    const face = document.body.appendChild(document.createElement('span'));
    face.className = 'face';
    for (let hue = 0; hue < 360; hue += 5) {
        face.style.setProperty('--hue', hue);
        check(face, getComputedStyle(face).color);
    }
    face.remove();
    return checked < 77 ? [`only ${checked} are found`] : faint;
})()";

/// What is wider than the window, or has less room than it needs.
const CUT: &str = r"[...document.body.querySelectorAll('*')]
    .filter(element => element.checkVisibility({visibilityProperty: true}))
    .filter(element => !element.matches('.unseen, .unseen *, svg *'))
    .filter(element => {
        const {left, right, width} = element.getBoundingClientRect();
        const isCut = element.scrollWidth > element.clientWidth + 1 && !element.matches('h1, #typing')
            && getComputedStyle(element).display !== 'inline';
        return width && (left < -1 || right > innerWidth + 1 || isCut);
    })
    .map(element => element.outerHTML.slice(0, 90))";

/// What is pressed with a finger and is too small for it: section 2.5.8 wants 24 pixels.
const SMALL: &str = r"[...document.querySelectorAll('button, input, textarea')]
    .filter(element => element.checkVisibility({visibilityProperty: true}))
    .filter(element => element.getBoundingClientRect().height < 36 || element.offsetWidth < 36)
    .map(element => element.outerHTML.slice(0, 90))";

impl Tab {
    /// Looks at it in all sizes and colours, and keeps pictures.
    fn is_looked_at(&self, state: &str) {
        for (size, width, height) in [("wide", 1280, 800), ("narrow", 320, 568)] {
            for colours in ["light", "dark"] {
                self.look(colours, width, height);
                self.until(&format!("innerWidth === {width}"));
                let name = format!("{state}-{colours}-{size}");
                self.picture(&name);
                for (what, found) in [("faint", FAINT), ("cut", CUT), ("small", SMALL)] {
                    let found = self.eval(found);
                    assert_eq!(
                        found.as_array().map(Vec::len),
                        Some(0),
                        "{name}: {what}: {found:#}"
                    );
                }
            }
        }
    }
}

#[test]
fn it_is_good_to_look_at_in_light_and_dark_wide_and_narrow() {
    let scene = Scene::new();
    let ada = scene.visit();
    ada.until("$('status').dataset.is === 'connected'");
    ada.eval("$('nick').value = 'Ada'");
    ada.is_looked_at("way-in");
    ada.eval("$('entry').requestSubmit()");
    ada.until("room === 'lobby'");
    ada.is_looked_at("empty-room");
    let others = ["Bob", "Жанна", "نورة", "A name of thirty-two characters!"];
    let others = others.map(|name| scene.guest(name, "lobby"));
    let talk: [(usize, &str); 11] = [
        (0, "Good morning! Has anybody seen the new kettle?"),
        (0, "It is the red one."),
        (1, "Да, он на кухне, рядом с чайником."),
        (2, "صباح الخير! هل الشاي جاهز؟ سأكون هناك بعد خمس دقائق."),
        (3, "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftx"),
        (
            3,
            "https://example.com/a/path/that/is/very/long/and/has/no/end?with=parameters&and=more, look!",
        ),
        (0, "🫖"),
        (1, "👩‍🚀🎉"),
        (2, "First line\n\n  an indented one\nand the last."),
        (0, "Words and an emoji 🎈, <b>no markup</b> & no surprises."),
        (3, "x"),
    ];
    for (who, text) in talk {
        others[who].eval(&format!("$('text').value = {text:?}; $('compose').requestSubmit()"));
        ada.until(&format!(
            "document.querySelector('#log').lastElementChild.querySelector('.text')\
            ?.textContent === {text:?}"
        ));
    }
    ada.says("A kettle? In the kitchen, I think, next to the one that nobody dares to throw away.");
    ada.says("🎉");
    ada.until("pending.size === 0");
    others[0].eval("$('text').focus()");
    others[0].types("hm");
    ada.reads("typing", "Bob is writing…");
    ada.eval("typists.get([...typists.keys()][0]).timer = clearTimeout(typists.values().next().value.timer)");
    ada.eval("$('text').focus()");
    ada.types("A second line\nwhile I am writing");
    ada.is_looked_at("busy-room");
    ada.eval("$('log').scrollTop = 0");
    ada.until("!isAtEnd");
    ada.is_looked_at("busy-room-above");
    ada.eval("$('menu').click()");
    ada.is_looked_at("rooms-and-people");
    ada.eval("openSide(false); join('\u{202e}', 'lobby')");
    ada.until("$('name-why').textContent");
    ada.is_looked_at("refused-inside");
    ada.is_well();
}

#[test]
fn colours_follow_the_system_until_one_chooses() {
    let scene = Scene::new();
    let ada = scene.guest("Ada", "lobby");
    let ground = "getComputedStyle(document.body).backgroundColor";
    let light = ada.eval(ground);
    ada.look("dark", 1000, 700);
    let dark = ada.eval(ground);
    assert_ne!(light, dark);
    ada.until("$('theme').getAttribute('aria-pressed') === 'true'");
    ada.eval("$('theme').click()");
    assert_eq!(ada.eval(ground), light);
    ada.look("light", 1000, 700);
    ada.eval("$('theme').click()");
    assert_eq!(ada.eval(ground), dark);
    // It is remembered.
    ada.ask("Page.reload", serde_json::json!({}));
    ada.wait("Page.loadEventFired");
    assert_eq!(ada.eval(ground), dark);
    ada.is_well();
}
