//! The house is in order: every requirement is named by a test, every rule has one, and no file
//! has grown too long or holds leftovers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use ws_core::Rule;

/// The requirements of the core.
const REQUIREMENTS: [&str; 30] = [
    "PROTO-01", "PROTO-02", "PROTO-03", "PROTO-04", "PROTO-05", "PROTO-06", "PROTO-07", "PROTO-08",
    "PROTO-09", "PROTO-10", "PROTO-11", "FRAG-01", "FRAG-02", "FRAG-03", "FRAG-04", "BEAT-02",
    "BEAT-03", "BEAT-04", "BEAT-05", "BEAT-06", "EMB-01", "EMB-02", "EMB-03", "EMB-04", "EMB-05",
    "EMB-06", "SEC-03", "SEC-05", "EXT-01", "EXT-02",
];

/// The requirements of the server and the client.
const OF_THE_SERVER: [&str; 50] = [
    "ACTOR-01", "ACTOR-02", "ACTOR-03", "ACTOR-04", "ACTOR-05", "ACTOR-06", "ACTOR-07", "ACTOR-08",
    "SERVE-01", "SERVE-02", "SERVE-03", "SERVE-04", "SERVE-05", "SERVE-06", "LIFE-01", "LIFE-02",
    "LIFE-03", "LIFE-04", "BEAT-01", "BEAT-02", "BEAT-03", "BEAT-04", "BEAT-05", "BEAT-06",
    "FRAG-01", "FRAG-02", "FRAG-03", "FRAG-04", "ADV-01", "ADV-02", "ADV-03", "ADV-04", "ADV-05",
    "SEC-01", "SEC-02", "SEC-03", "SEC-04", "SEC-05", "OPS-01", "OPS-02", "PROTO-11", "ROOM-01",
    "ROOM-02", "ROOM-03", "ROOM-04", "ROOM-05", "ROOM-06", "ROOM-07", "EXT-01", "EXT-02",
];

/// The tests of the server and the client.
const TESTS_OF_THE_SERVER: [&str; 9] = [
    "ws-std/src",
    "ws-std/tests",
    "tests/tests/server",
    "tests/tests/server_logs",
    "tests/tests/server_memory",
    "tests/tests/deflate",
    "tests/tests/deflate_memory",
    "tests/tests/hard",
    "tests/tests/idle_connections",
];

/// Those that are proved by a build or a long run as well: a script may name them.
const BY_SCRIPT: [&str; 3] = ["EMB-01", "EMB-05", "SEC-05"];

/// All that is written by hand.
const EVERYTHING: [&str; 7] =
    ["ws-core", "ws-std", "ws-embedded-example", "tests", ".ci", "README.md", "ARCHITECTURE.md"];

const MOST_LINES: usize = 400;

#[test]
fn every_requirement_is_named_by_a_test() {
    let folders = ["tests/tests", "ws-core/src", "ws-core/tests", "ws-embedded-example"];
    let named = tests_by_requirement(&folders);
    tell(&named, &REQUIREMENTS);
    let in_scripts = read_all(&[".ci", "tests", "ws-core"], |_| true);
    let missing: Vec<_> = REQUIREMENTS
        .into_iter()
        .filter(|requirement| !named.contains_key(*requirement))
        .filter(|requirement| {
            let by_script = BY_SCRIPT.contains(requirement);
            !(by_script && in_scripts.iter().any(|(path, text)| is_script(path, text, requirement)))
        })
        .collect();
    assert!(missing.is_empty(), "named by no test: {missing:?}");
}

#[test]
fn every_requirement_of_the_server_is_named_by_a_test_of_the_server() {
    let named = tests_by_requirement(&TESTS_OF_THE_SERVER);
    tell(&named, &OF_THE_SERVER);
    let missing: Vec<_> =
        OF_THE_SERVER.into_iter().filter(|requirement| !named.contains_key(*requirement)).collect();
    assert!(missing.is_empty(), "named by no test: {missing:?}");
}

#[test]
fn every_rule_is_broken_in_a_conformance_test() {
    let tests = read_all(&["tests/tests/conformance"], is_rust);
    for rule in Rule::ALL {
        let name = format!("Rule::{rule:?}");
        assert!(tests.iter().any(|(_, text)| text.contains(&name)), "{name} is never broken");
    }
}

/// EMB-05
#[test]
fn every_public_type_of_the_core_can_be_logged_with_defmt() {
    let all = read_all(&["ws-core/src"], is_rust);
    let logged_by_hand = |name: &str| {
        let implementation = format!("defmt::Format for {name}");
        all.iter().any(|(_, text)| text.contains(&implementation))
    };
    let mut missing = vec![];
    let mut found = 0;
    for (path, text) in &all {
        let place = path.display().to_string();
        if ["/testing", "/tests.rs", "_tests.rs"].iter().any(|part| place.contains(part)) {
            continue;
        }
        let mut derived = false;
        for line in text.lines() {
            let item = ["pub struct ", "pub enum "].iter().find_map(|kind| line.strip_prefix(kind));
            if let Some(item) = item {
                let name = item.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
                found += 1;
                if !std::mem::take(&mut derived) && !logged_by_hand(name) {
                    missing.push(format!("{name} in {place}"));
                }
            } else if line.contains("defmt::Format") {
                derived = true;
            } else if !line.starts_with(['#', '/', ' ', ')']) {
                derived = false;
            }
        }
    }
    assert!(found > 30, "the types were found: {found}");
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn no_file_is_longer_than_400_lines() {
    for (path, text) in read_all(&["ws-core", "ws-std", "ws-embedded-example", "tests"], is_rust) {
        let lines = text.lines().count();
        assert!(lines <= MOST_LINES, "{} has {lines} lines", path.display());
    }
}

#[test]
fn nothing_is_left_over() {
    // In pieces, so that this file may be looked at, too.
    let leftovers =
        [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("db", "g!("), concat!("#[ig", "nore")];
    for (path, text) in read_all(&EVERYTHING, |_| true) {
        for leftover in leftovers {
            assert!(!text.contains(leftover), "{leftover} in {}", path.display());
        }
    }
}

#[test]
fn nothing_sleeps() {
    let sleep = concat!("slee", "p(");
    for (path, text) in read_all(&["tests/tests", "tests/src", "ws-std", "ws-core"], is_rust) {
        assert!(!text.contains(sleep), "{}", path.display());
    }
}

/// It is one place that would have to change with another TLS.
#[test]
fn only_one_folder_names_rustls() {
    for (path, text) in read_all(&["ws-std"], is_rust) {
        let named = text.contains("rustls") && !path.starts_with("ws-std/src/tls");
        assert!(!named, "{}", path.display());
    }
}

/// In `tests/no_panic` are programs without a system, which tell the linker where things lie; in the
/// firmware, `board` has registers and semihosting, and so have the images whose cost is measured.
#[test]
fn unsafe_code_is_in_one_place_of_the_tests_and_where_hardware_is_only() {
    let marks = [concat!("unsa", "fe {"), concat!("unsa", "fe fn"), concat!("unsa", "fe impl")];
    for (path, text) in read_all(&["ws-core", "ws-std", "ws-embedded-example", "tests"], is_rust) {
        let argued = path.ends_with("src/counting.rs")
            || path.starts_with("ws-embedded-example/cost/firmware")
            || path.starts_with("tests/no_panic")
            || path.starts_with("ws-embedded-example/firmware/src/board");
        assert!(argued || !marks.iter().any(|mark| text.contains(mark)), "{}", path.display());
    }
}

/// SEC-03: a library has no business on standard output, where nobody filters what is said.
#[test]
fn only_programs_print() {
    let marks = [concat!("print", "!("), concat!("print", "ln!(")];
    for (path, text) in read_all(&["ws-core/src", "ws-std/src"], is_rust) {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let prints = code.into_iter().any(|line| marks.iter().any(|mark| line.contains(mark)));
        assert!(!prints, "{}", path.display());
    }
}

/// Prints which test proves what, for whoever asks with `--nocapture`.
fn tell(named: &Named, requirements: &[&str]) {
    for requirement in requirements {
        for test in named.get(*requirement).into_iter().flatten() {
            println!("{requirement} -> {test}");
        }
    }
}

/// The tests that name a requirement.
type Named = BTreeMap<String, BTreeSet<String>>;

/// The tests that name each requirement, in the comments above them or in their file's head.
fn tests_by_requirement(folders: &[&str]) -> Named {
    let mut named = Named::new();
    for (path, text) in read_all(folders, is_rust) {
        let mut waiting = vec![];
        let mut of_file = vec![];
        let mut is_test = false;
        for line in text.lines().map(str::trim) {
            if let Some(comment) = line.strip_prefix("//!") {
                of_file.extend(requirements_in(comment));
            } else if let Some(comment) = line.strip_prefix("///") {
                waiting.extend(requirements_in(comment));
            } else if line == "#[test]" {
                is_test = true;
            } else if let Some(function) = line.strip_prefix("fn ") {
                let requirements = std::mem::take(&mut waiting).into_iter().chain(of_file.clone());
                if std::mem::take(&mut is_test) {
                    let name = function.split('(').next().unwrap_or_default();
                    for requirement in requirements {
                        let test = format!("{} {name}", path.display());
                        named.entry(requirement).or_default().insert(test);
                    }
                }
            } else if !line.starts_with("#[") {
                waiting.clear();
            }
        }
    }
    named
}

/// The requirements that a comment names: single ones, and `A-01..A-04` or `A-01..04`.
fn requirements_in(comment: &str) -> Vec<String> {
    let words = comment.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.'));
    let mut all = vec![];
    for word in words {
        let (first, last) = word.split_once("..").unwrap_or((word, word));
        let Some((area, first)) = first.split_once('-') else { continue };
        let last = last.trim_matches('.');
        let last = last.split_once('-').map_or(last, |(_, number)| number);
        let first = first.trim_matches('.');
        let first = first.split_once('-').map_or(first, |(_, number)| number);
        let (Ok(first), Ok(last)) = (first.parse::<u8>(), last.parse::<u8>()) else {
            let number: Option<u8> = first.parse().ok();
            all.extend(number.map(|number| format!("{area}-{number:02}")));
            continue;
        };
        all.extend((first..=last).map(|number| format!("{area}-{number:02}")));
    }
    all
}

#[test]
fn requirements_are_read_from_comments() {
    assert_eq!(requirements_in(" PROTO-09: Autobahn 3.1, FRAG-02."), ["PROTO-09", "FRAG-02"]);
    assert_eq!(requirements_in("BEAT-03..06 and"), ["BEAT-03", "BEAT-04", "BEAT-05", "BEAT-06"]);
    assert_eq!(requirements_in("PROTO-02..PROTO-03"), ["PROTO-02", "PROTO-03"]);
    assert_eq!(requirements_in("UTF-8 is no requirement of ours"), ["UTF-08"]);
}

/// Whether a script, a manifest, a fuzz target or a proof names the requirement.
fn is_script(path: &Path, text: &str, requirement: &str) -> bool {
    !path.ends_with("tidy/main.rs") && text.contains(requirement)
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

fn is_generated(path: &Path) -> bool {
    path.components()
        .any(|part| ["corpus", "target", "artifacts"].iter().any(|name| part.as_os_str() == *name))
}

/// All text files under these folders of the repository.
fn read_all(folders: &[&str], wanted: impl Fn(&Path) -> bool) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository");
    let mut waiting: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    let mut all = vec![];
    while let Some(path) = waiting.pop() {
        if is_generated(&path) {
            continue;
        }
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a folder");
            waiting.extend(entries.map(|entry| entry.expect("an entry").path()));
        } else if wanted(&path)
            && let Ok(text) = fs::read_to_string(&path)
        {
            let short = path.strip_prefix(root).expect("inside").to_path_buf();
            all.push((short, text));
        }
    }
    all
}
