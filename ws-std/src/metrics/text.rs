//! The text format 0.0.4 of Prometheus.

use std::fmt::{self, Write as _};

use super::histogram::{BOUNDS, Distribution};

/// One line of the table: a name, a label if its family has several, and what it means.
pub(super) struct Metric {
    pub(super) family: &'static str,
    pub(super) label: &'static str,
    pub(super) help: &'static str,
}

/// Text that grows. All that goes in is a number or a word of ours, so nothing needs escaping.
#[derive(Debug, Default)]
pub(super) struct Text {
    written: String,
    /// The family of the counter that was written last.
    family: &'static str,
}

impl Text {
    /// A counter; the help of a family of several is that of the first.
    pub(super) fn counter(&mut self, metric: &Metric, value: u64) {
        let Metric { family, label, help } = *metric;
        if self.family != family {
            self.family = family;
            self.begin(family, help, "counter");
        }
        match label {
            "" => self.line(format_args!("{family} {value}")),
            _ => self.line(format_args!("{family}{{{label}}} {value}")),
        }
    }

    pub(super) fn gauge(&mut self, name: &str, help: &str, value: u64) {
        self.begin(name, help, "gauge");
        self.line(format_args!("{name} {value}"));
    }

    /// Milliseconds, told in seconds: "Use seconds", say the conventions of Prometheus.
    pub(super) fn histogram(&mut self, name: &str, help: &str, distribution: &Distribution) {
        self.begin(name, help, "histogram");
        let mut count = 0_u64;
        for (bound, bucket) in BOUNDS.iter().zip(&distribution.buckets) {
            count = count.wrapping_add(*bucket);
            self.line(format_args!("{name}_bucket{{le=\"{}\"}} {count}", Seconds(*bound)));
        }
        count = count.wrapping_add(distribution.above);
        self.line(format_args!("{name}_bucket{{le=\"+Inf\"}} {count}"));
        self.line(format_args!("{name}_sum {}", Seconds(distribution.sum)));
        self.line(format_args!("{name}_count {count}"));
    }

    pub(super) fn finish(self) -> String {
        self.written
    }

    fn begin(&mut self, name: &str, help: &str, kind: &str) {
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
    }

    fn line(&mut self, line: fmt::Arguments<'_>) {
        // Writing to a String does not fail.
        let _ = writeln!(self.written, "{line}");
    }
}

/// So many milliseconds, as seconds.
struct Seconds(u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1000, self.0 % 1000)
    }
}
