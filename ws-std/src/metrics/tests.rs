use std::collections::BTreeMap;
use std::sync::Arc;

use ws_core::connection::Expired;
use ws_core::frame::{CloseCode, Kind};
use ws_core::handshake::Status;

use super::*;

/// The help, the type and the samples of each family.
#[derive(Default)]
struct Family {
    help: String,
    kind: String,
    samples: Vec<(String, f64)>,
}

type Families = BTreeMap<String, Family>;

/// Reads the text format 0.0.4, and takes nothing that it does not know.
fn parse(text: &str) -> Families {
    assert!(text.ends_with('\n'), "the last line must end with a line feed");
    let mut families = Families::new();
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, help) = help.split_once(' ').unwrap();
            let family = Family { help: help.into(), ..Family::default() };
            assert!(families.insert(name.into(), family).is_none(), "{name} twice");
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            let family = families.get_mut(name).unwrap();
            assert!(family.kind.is_empty() && family.samples.is_empty(), "{name}: a late TYPE");
            family.kind = kind.into();
        } else {
            let (series, value) = line.rsplit_once(' ').unwrap();
            let name = series.split('{').next().unwrap();
            let family = families.get_mut(family_of(name)).unwrap_or_else(|| panic!("{line}"));
            assert!(!family.samples.iter().any(|(known, _)| known == series), "{series} twice");
            family.samples.push((series.into(), value.parse().unwrap()));
        }
    }
    families
}

fn family_of(series: &str) -> &str {
    let ends = ["_bucket", "_sum", "_count"];
    ends.iter().find_map(|end| series.strip_suffix(end)).unwrap_or(series)
}

fn value(metrics: &Metrics, series: &str) -> f64 {
    let families = parse(&metrics.render());
    let mut samples = families.values().flat_map(|family| &family.samples);
    samples.find(|(name, _)| name == series).unwrap_or_else(|| panic!("no {series}")).1
}

/// Each class of event once or twice.
fn busy() -> (Metrics, Vec<Arc<Shard>>) {
    let metrics = Metrics::new();
    metrics.observe(|| Observed { retained_bytes: 7, blocking_waiting: 8, state: 2 });
    let shards = vec![metrics.shard(), metrics.shard()];
    for shard in &shards {
        shard.accepted.add(3);
        shard.open.add(2);
        shard.received(Kind::Text);
        shard.sent(Kind::Binary, 1);
        shard.closed(CloseCode::NORMAL);
        shard.refused(Status::FORBIDDEN);
        shard.expired(Expired::Heartbeat);
        shard.dropped(Dropped::Oldest, 1);
        shard.round_trip.record(3);
        shard.turn.record(90_000);
    }
    (metrics, shards)
}

/// OPS-01
#[test]
fn the_text_is_one_that_prometheus_reads() {
    let (metrics, _shards) = busy();
    let families = parse(&metrics.render());
    assert!(families.len() > 20);
    for (name, family) in families {
        let legal = |c: char| c.is_ascii_lowercase() || c == '_';
        assert!(name.starts_with("ws_") && name.chars().all(legal), "{name}");
        assert!(!family.help.is_empty() && !family.samples.is_empty(), "{name}");
        match &*family.kind {
            "counter" => assert!(name.ends_with("_total"), "{name}"),
            "gauge" => assert!(!name.ends_with("_total"), "{name}"),
            "histogram" => assert!(name.ends_with("_seconds"), "{name}"),
            other => panic!("{name}: {other}"),
        }
        for (series, _) in family.samples {
            let Some((_, labels)) = series.split_once('{') else { continue };
            let (label, value) = labels.strip_suffix("\"}").unwrap().split_once("=\"").unwrap();
            assert!(label.chars().all(legal), "{series}");
            assert!(!value.contains(['"', '\\', '\n']), "{series}");
        }
    }
}

/// OPS-01
#[test]
fn the_text_has_the_sums_of_all_shards() {
    let (metrics, _shards) = busy();
    let expected = [
        ("ws_connections_open", 4.0),
        ("ws_sockets_accepted_total", 6.0),
        ("ws_messages_received_total{kind=\"text\"}", 2.0),
        ("ws_messages_received_total{kind=\"binary\"}", 0.0),
        ("ws_messages_sent_total{kind=\"binary\"}", 2.0),
        ("ws_closed_total{code=\"1000\"}", 2.0),
        ("ws_handshakes_total{outcome=\"refused_403\"}", 2.0),
        ("ws_expired_total{deadline=\"heartbeat\"}", 2.0),
        ("ws_outbox_overflows_total{policy=\"drop_oldest\"}", 2.0),
        ("ws_round_trip_seconds_sum", 0.006),
        ("ws_turn_seconds_count", 2.0),
        ("ws_retained_bytes", 7.0),
        ("ws_blocking_waiting", 8.0),
        ("ws_state", 2.0),
    ];
    for (series, expected) in expected {
        assert_eq!(value(&metrics, series), expected, "{series}");
    }
}

#[test]
fn a_snapshot_has_the_same_numbers() {
    let (metrics, shards) = busy();
    shards[0].open.sub(1);
    shards[1].received(Kind::Binary);
    let snapshot = metrics.snapshot();
    assert_eq!((snapshot.open, snapshot.accepted), (3, 6));
    assert_eq!((snapshot.messages_received, snapshot.messages_sent), (3, 2));
    assert_eq!((snapshot.received_text, snapshot.received_binary), (2, 1));
}

#[test]
fn what_a_shard_has_counted_stays_when_it_is_gone() {
    let (metrics, mut shards) = busy();
    shards.pop();
    assert_eq!(value(&metrics, "ws_sockets_accepted_total"), 6.0);
    assert_eq!(value(&metrics, "ws_turn_seconds_count"), 2.0);
    assert_eq!(metrics.snapshot().open, 2, "nothing is open where nobody is");
    shards.clear();
    assert_eq!(metrics.snapshot().accepted, 6);
    metrics.shard().accepted.add(1);
    assert_eq!(metrics.snapshot().accepted, 7);
}

/// A server with a thread for each connection has as many shards in its life.
#[test]
fn shards_that_are_gone_take_no_memory() {
    let metrics = Metrics::new();
    let kept = metrics.shard();
    for _ in 0..10_000 {
        metrics.shard().accepted.add(1);
        kept.accepted.add(1);
    }
    assert!(metrics.shards_kept() <= 128, "{}", metrics.shards_kept());
    assert_eq!(metrics.snapshot().accepted, 20_000);
}

#[test]
fn numbers_never_go_back_while_threads_come_and_go() {
    let metrics = Metrics::new();
    std::thread::scope(|scope| {
        let threads = [(); 2].map(|()| {
            scope.spawn(|| {
                for _ in 0..500 {
                    let shard = metrics.shard();
                    shard.accepted.add(1);
                    shard.accepted.add(1);
                }
            })
        });
        let mut last = 0;
        while threads.iter().any(|thread| !thread.is_finished()) {
            let now = metrics.snapshot().accepted;
            assert!(now >= last, "{last}, then {now}");
            last = now;
        }
    });
    assert_eq!(metrics.snapshot().accepted, 2000);
}

#[test]
fn a_histogram_is_cumulative_and_includes_its_bounds() {
    let metrics = Metrics::new();
    let shard = metrics.shard();
    for milliseconds in [0, 1, 2, 3, 5, 30_000, 30_001] {
        shard.turn.record(milliseconds);
    }
    let families = parse(&metrics.render());
    let samples = &families["ws_turn_seconds"].samples;
    let buckets: Vec<_> = samples.iter().filter(|(name, _)| name.contains("_bucket")).collect();
    assert!(buckets.is_sorted_by(|(_, one), (_, next)| one <= next));
    assert_eq!(buckets.last().unwrap().0, "ws_turn_seconds_bucket{le=\"+Inf\"}");
    for (bound, count) in [("0.001", 2.0), ("0.002", 3.0), ("0.005", 5.0), ("30.000", 6.0)] {
        let series = format!("ws_turn_seconds_bucket{{le=\"{bound}\"}}");
        assert_eq!(value(&metrics, &series), count, "{bound}");
    }
    assert_eq!(value(&metrics, "ws_turn_seconds_bucket{le=\"+Inf\"}"), 7.0);
    assert_eq!(value(&metrics, "ws_turn_seconds_count"), 7.0);
    assert_eq!(value(&metrics, "ws_turn_seconds_sum"), 60.012);
}

#[test]
fn each_event_is_counted_once_in_its_family() {
    let metrics = Metrics::new();
    let shard = metrics.shard();
    (0..=u16::MAX).for_each(|code| shard.closed(CloseCode(code)));
    (0..=u16::MAX).for_each(|status| shard.refused(Status(status)));
    let families = parse(&metrics.render());
    let sum = |name: &str| families[name].samples.iter().map(|(_, value)| value).sum::<f64>();
    assert_eq!(sum("ws_closed_total"), 65_536.0);
    assert_eq!(sum("ws_handshakes_total"), 65_536.0);
    assert_eq!(value(&metrics, "ws_closed_total{code=\"4xxx\"}"), 1000.0);
    assert_eq!(value(&metrics, "ws_handshakes_total{outcome=\"refused_429\"}"), 1.0);
}

#[test]
fn who_is_asked_for_more_may_ask_for_the_numbers() {
    let metrics = Metrics::new();
    let inner = metrics.clone();
    metrics.observe(move || Observed { state: inner.snapshot().open as u8, ..Observed::default() });
    let shard = metrics.shard();
    shard.open.add(5);
    assert_eq!(value(&metrics, "ws_state"), 5.0);
    // The two hold each other: let go.
    metrics.observe(Observed::default);
}
