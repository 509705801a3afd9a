//! Times of the same programs on several systems, as a table for people or as a line of JSON for each pair.
//!
//! Must not know: where the times come from.

/// One program's time here, and on the peers that ran it.
pub struct Row {
    pub name: String,
    pub ours: f64,
    pub peers: Vec<Option<f64>>,
}

/// Times in one unit. A ratio above one says that we are faster than the peer.
pub struct Table {
    pub title: &'static str,
    pub unit: &'static str,
    pub ours: &'static str,
    pub peers: Vec<&'static str>,
    pub json: bool,
    rows: Vec<Row>,
}

impl Table {
    /// Prints the head, unless JSON is wanted.
    pub fn begin(
        title: &'static str,
        unit: &'static str,
        ours: &'static str,
        peers: Vec<&'static str>,
        json: bool,
    ) -> Table {
        let table = Table {
            title,
            unit,
            ours,
            peers,
            json,
            rows: Vec::new(),
        };
        if !json {
            println!("{title}, {unit}; ratio = speed relative to the peer");
            let mut head = format!("{:<24}{ours:>12}", "");
            for peer in &table.peers {
                head += &format!("{peer:>14}{:>8}", "ratio");
            }
            println!("{head}");
        }
        table
    }

    /// Prints the row and remembers its ratios.
    pub fn add(&mut self, row: Row) {
        if self.json {
            for (peer, time) in self.peers.iter().zip(&row.peers) {
                println!("{}", self.line(&row, peer, *time));
            }
        } else {
            let mut line = format!("{:<24}{:>12}", row.name, figure(row.ours));
            for time in &row.peers {
                match time {
                    Some(time) => line += &format!("{:>14}{:>8.2}", figure(*time), time / row.ours),
                    None => line += &format!("{:>14}{:>8}", "-", "-"),
                }
            }
            println!("{line}");
        }
        self.rows.push(row);
    }

    /// Prints the geometric means of the ratios, and the three rows that are slowest beside the first peer.
    pub fn end(self) {
        if self.json || self.rows.is_empty() {
            return;
        }
        let mut line = format!("{:<36}", "geometric mean");
        for at in 0..self.peers.len() {
            let ratios: Vec<f64> = self.ratios(at).map(|(_, ratio)| ratio).collect();
            match ratios.is_empty() {
                true => line += &format!("{:>22}", "-"),
                false => line += &format!("{:>22.2}", geometric_mean(&ratios)),
            }
        }
        println!("{line}");
        let mut worst: Vec<(&str, f64)> = self.ratios(0).collect();
        worst.sort_by(|a, b| a.1.total_cmp(&b.1));
        let worst: Vec<String> = worst
            .iter()
            .take(3)
            .map(|(name, ratio)| format!("{name} {ratio:.2}"))
            .collect();
        if !worst.is_empty() {
            println!("slowest beside {}: {}", self.peers[0], worst.join(", "));
        }
    }

    fn ratios(&self, peer: usize) -> impl Iterator<Item = (&str, f64)> {
        self.rows
            .iter()
            .filter_map(move |row| Some((row.name.as_str(), row.peers[peer]? / row.ours)))
    }

    fn line(&self, row: &Row, peer: &str, time: Option<f64>) -> String {
        let number = |value: Option<f64>| value.map_or("null".to_string(), |v| format!("{v:.3}"));
        format!(
            r#"{{"table":"{}","unit":"{}","name":"{}","system":"{}","time":{:.3},"peer":"{peer}","peer_time":{},"ratio":{}}}"#,
            self.title,
            self.unit,
            row.name,
            self.ours,
            row.ours,
            number(time),
            number(time.map(|t| t / row.ours)),
        )
    }
}

/// Three digits at least.
fn figure(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

/// Of ratios: a half and a double cancel. Not for an empty list.
pub fn geometric_mean(values: &[f64]) -> f64 {
    let sum: f64 = values.iter().map(|v| v.ln()).sum();
    (sum / values.len() as f64).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_and_a_double_cancel() {
        assert!((geometric_mean(&[0.5, 2.0]) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_line_of_json_holds_the_ratio_or_null() {
        let table = Table::begin("t", "us", "gem", vec!["ruby3.1"], true);
        let row = Row {
            name: "Sieve".to_string(),
            ours: 2.0,
            peers: vec![Some(1.0)],
        };
        assert_eq!(
            table.line(&row, "ruby3.1", row.peers[0]),
            r#"{"table":"t","unit":"us","name":"Sieve","system":"gem","time":2.000,"peer":"ruby3.1","peer_time":1.000,"ratio":0.500}"#
        );
        assert!(table.line(&row, "gst", None).ends_with(r#""ratio":null}"#));
    }
}
