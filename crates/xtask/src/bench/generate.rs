//! The benchmark's data, seeded: orders, reps, targets, goals and notes of an invented company. Owns the rules by which a
//! row number becomes a row, and the checksums the files must have.
//!
//! The peers in Python read files of the very same bytes (their generator is the original), so every field is an
//! integer function of stream and row and no library's random numbers are used. Deliberately absent: reading, and any
//! size but the two whose checksums are known.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

const SEED: u64 = 20_260_101;
const PRODUCTS: u64 = 200;
const CUSTOMERS: u64 = 50_000;
const WORDS: u64 = 20_000;
/// Words below this are common enough to need no number to tell them apart.
const PLAIN_WORDS: u64 = 15_000;
const POSITIONS: [&str; 5] = ["AE", "AM", "SDR", "CSM", "TL"];
const CHANNELS: [&str; 4] = ["direct", "partner", "web", "phone"];
/// The company's goal, in cents.
const ROOT_GOAL: u64 = 10_000_000_000;

/// The files, in the order they are written.
pub const FILES: [&str; 5] = ["orders.csv", "reps.csv", "targets.csv", "goals.csv", "notes.csv"];

/// How much data. Both hold 100 orders a rep, and the same 99 971 goal nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// 100 000 orders, 1 000 reps, 10 000 notes.
    S,
    /// 1 000 000 orders, 10 000 reps, 100 000 notes: the one the goals are set for.
    M,
}

impl Size {
    pub fn name(self) -> &'static str {
        match self {
            Size::S => "S",
            Size::M => "M",
        }
    }

    fn orders(self) -> u64 {
        self.reps() * 100
    }

    fn reps(self) -> u64 {
        match self {
            Size::S => 1_000,
            Size::M => 10_000,
        }
    }

    fn notes(self) -> u64 {
        self.reps() * 10
    }

    /// SHA-256 of the file as the original generator writes it.
    fn checksum(self, file: &str) -> &'static str {
        match (self, file) {
            (_, "goals.csv") => "d04568c538608576d517cac99ca1f3333b6351a69a40ef8d7089a65d8e19db9e",
            (Size::S, "orders.csv") => "46add1af672f6f77007fadf5d0fc21336f1f0ffbb5ee899dd637c8637d950a9d",
            (Size::S, "reps.csv") => "9ddd68a014e687295bb142c4ac13b94bd4a1ceb317fd2de30c43b6bfab2e0d74",
            (Size::S, "targets.csv") => "38c246de1e11c76daeb264f29191112ae4de62d2a1d154e7e70559a8f0692698",
            (Size::S, _) => "26f6637d050ae1a1e1030867ba8050f148422606ee0a8d9bb63b80451c98e12c",
            (Size::M, "orders.csv") => "938cbbd553e30090e0efc758aee0ef32bffa70c058f9a70fba619bd2fc5e3e15",
            (Size::M, "reps.csv") => "7a7866680b1354e008245a86d5c4e8f07babb1a7d3febf125fca8a9f6b50fbe3",
            (Size::M, "targets.csv") => "07791d13d6951c36cc3b0471875d3c42211bc1e9808fb5110ee716424bd05ec2",
            (Size::M, _) => "09fdc5673c598a5152be18d8956e109d9bf42b213e855d39a603265e788193bc",
        }
    }
}

/// Leaves all files of `size` in `dir`, writing those whose checksum is not right; says whether any was written.
///
/// Errors: what could not be read or written, or a file whose checksum is wrong even when freshly written.
pub fn ensure(dir: &Path, size: Size) -> Result<bool, String> {
    std::fs::create_dir_all(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let mut wrote = false;
    for name in FILES {
        let path = dir.join(name);
        let said = |error: io::Error| format!("{}: {error}", path.display());
        if path.exists() && checksum(&path).map_err(said)? == size.checksum(name) {
            continue;
        }
        let part = dir.join(format!("{name}.part"));
        let mut out = Summed::new(BufWriter::with_capacity(1 << 20, File::create(&part).map_err(said)?));
        write(name, size, &mut out).map_err(said)?;
        out.flush().map_err(said)?;
        if out.checksum() != size.checksum(name) {
            return Err(format!("{} does not have the bytes its peers read: the generator is wrong", part.display()));
        }
        std::fs::rename(&part, &path).map_err(said)?;
        wrote = true;
    }
    Ok(wrote)
}

fn checksum(path: &Path) -> io::Result<String> {
    let (mut file, mut sum, mut chunk) = (File::open(path)?, Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(hex(&sum.finalize())),
            read => sum.update(&chunk[..read]),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Passes bytes on and sums them up.
struct Summed<W> {
    out: W,
    sum: Sha256,
}

impl<W: Write> Summed<W> {
    fn new(out: W) -> Self {
        Summed { out, sum: Sha256::new() }
    }

    fn checksum(&self) -> String {
        hex(&self.sum.clone().finalize())
    }
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.sum.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Writes one of [`FILES`].
fn write(name: &str, size: Size, out: &mut impl Write) -> io::Result<()> {
    match name {
        "orders.csv" => orders(size, out),
        "reps.csv" => reps(size, out),
        "targets.csv" => targets(size, out),
        "goals.csv" => goals(out),
        _ => notes(size, out),
    }
}

/// Uniform 64 bits for a field (stream) of a row: splitmix64.
fn uniform(stream: u64, row: u64) -> u64 {
    let mut z = (row + 1)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add(SEED.wrapping_add(stream.wrapping_mul(0xD134_2543_DE82_EF95)));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn below(stream: u64, row: u64, end: u64) -> u64 {
    (uniform(stream, row) >> 11) % end
}

/// Cents as `123.45`.
struct Money(u64);

impl std::fmt::Display for Money {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// `2025-01-01` and the 364 days after it.
fn dates() -> Vec<String> {
    let months = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let of_month = |(month, days): (usize, u32)| (1..=days).map(move |day| format!("2025-{:02}-{day:02}", month + 1));
    months.into_iter().enumerate().flat_map(of_month).collect()
}

fn orders(size: Size, out: &mut impl Write) -> io::Result<()> {
    let (dates, reps) = (dates(), size.reps());
    let prices: Vec<u64> = (0..PRODUCTS).map(|product| 999 + below(60, product, 50_000)).collect();
    out.write_all(b"order_no,date,rep_id,customer_id,product_id,qty,unit_price,discount_bp,amount,status,channel\n")?;
    for row in 0..size.orders() {
        let one = below(1, row, reps);
        // A quarter takes the lower of two: mildly skewed, and every rep sells something.
        let rep = if below(3, row, 4) == 0 { one.min(below(2, row, reps)) } else { one };
        let date = &dates[below(4, row, 365) as usize];
        let (customer, product) = (below(5, row, CUSTOMERS), below(6, row, PRODUCTS));
        let (quantity, price, discount) = (1 + below(7, row, 20), prices[product as usize], below(8, row, 26) * 100);
        let amount = (quantity * price * (10_000 - discount) * 2 + 10_000) / 20_000;
        let status = match below(9, row, 100) {
            0..85 => "paid",
            85..93 => "open",
            93..98 => "cancelled",
            _ => "returned",
        };
        let channel = CHANNELS[below(10, row, 4) as usize];
        writeln!(
            out,
            "SO{row:09},{date},R{rep:05},C{customer:05},P{product:03},{quantity},{},{discount},{},{status},{channel}",
            Money(price),
            Money(amount),
        )?;
    }
    Ok(())
}

fn reps(size: Size, out: &mut impl Write) -> io::Result<()> {
    let teams = size.reps() / 20;
    out.write_all(b"rep_id,team_id,region_id,position,target_bonus_month\n")?;
    for rep in 0..size.reps() {
        let team = (rep / 20).min(teams - 1);
        let position = POSITIONS[below(40, rep, 5) as usize];
        let bonus = Money(50_000 + below(41, rep, 200_000));
        writeln!(out, "R{rep:05},T{team:03},G{:02},{position},{bonus}", team % teams.min(10))?;
    }
    Ok(())
}

fn targets(size: Size, out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"rep_id,month,revenue_target,orders_target,customers_target,manual_score_ppm\n")?;
    for row in 0..size.reps() * 12 {
        let revenue = Money(800_000 + below(50, row, 1_600_000) + 1);
        let (orders, customers) = (4 + below(51, row, 6), 4 + below(52, row, 6));
        let score = 500_000 + below(53, row, 700_001);
        writeln!(out, "R{:05},{},{revenue},{orders},{customers},{score}", row / 12, row % 12 + 1)?;
    }
    Ok(())
}

/// One company, 10 regions, 510 teams, 7 650 reps, 91 800 months of a rep. Amounts go down from the root by weight.
fn goals(out: &mut impl Write) -> io::Result<()> {
    struct Node {
        parent: Option<usize>,
        level: u8,
        amount: u64,
    }
    let mut nodes = vec![Node { parent: None, level: 0, amount: ROOT_GOAL }];
    // A parent's first child, and everything above teams, is never locked.
    let mut first_children = vec![true];
    let weight = |node: usize| 1 + below(20, node as u64, 100);
    let mut front = 0..1;
    for (level, fan) in [(1, 10), (2, 51), (3, 15), (4, 12)] {
        let begun = nodes.len();
        for parent in front {
            let weights: Vec<u64> = (nodes.len()..nodes.len() + fan).map(weight).collect();
            for (child, amount) in split(nodes[parent].amount, &weights).into_iter().enumerate() {
                nodes.push(Node { parent: Some(parent), level, amount });
                first_children.push(child == 0);
            }
        }
        front = begun..nodes.len();
    }
    out.write_all(b"id,parent_id,level,weight,locked,amount\n")?;
    for (id, node) in nodes.iter().enumerate() {
        let parent = node.parent.map_or_else(|| "-1".to_owned(), |parent| parent.to_string());
        let locked = node.level >= 2 && !first_children[id] && below(21, id as u64, 20) == 0;
        let amount = Money(node.amount);
        writeln!(out, "{id},{parent},{},{},{},{amount}", node.level, weight(id), u8::from(locked))?;
    }
    Ok(())
}

/// Exact split by weight: what division leaves over goes, a cent each, to the largest remainders, the earlier of equals.
fn split(total: u64, weights: &[u64]) -> Vec<u64> {
    let sum: u64 = weights.iter().sum();
    let mut shares: Vec<u64> = weights.iter().map(|weight| total * weight / sum).collect();
    let left = total - shares.iter().sum::<u64>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(total * weights[*index] % sum));
    for index in order.into_iter().take(left as usize) {
        shares[index] += 1;
    }
    shares
}

/// The vocabulary of the notes, commonest first.
fn words() -> Vec<String> {
    let mut syllables = Vec::new();
    for consonant in "bcdfghklmnprstvw".chars() {
        for vowel in "aeiou".chars() {
            syllables.extend(["", "n", "r"].map(|end| format!("{consonant}{vowel}{end}")));
        }
    }
    let count = syllables.len() as u64;
    let word = |row: u64| {
        let [one, two, three] = [30, 31, 32].map(|stream| below(stream, row, count) as usize);
        let third = if three.is_multiple_of(3) { "" } else { &syllables[three] };
        let number = if row < PLAIN_WORDS { String::new() } else { row.to_string() };
        format!("{}{}{third}{number}", syllables[one], syllables[two])
    };
    (0..WORDS).map(word).collect()
}

/// Notes of 20 to 120 words; how often a word comes falls with its rank (Zipf).
fn notes(size: Size, out: &mut impl Write) -> io::Result<()> {
    let words = words();
    out.write_all(b"id,rep_id,body\n")?;
    let mut at = 0;
    let mut line = String::new();
    for note in 0..size.notes() {
        line.clear();
        let _ = write!(line, "{note},R{:05},", note % size.reps());
        for word in 0..20 + below(33, note, 101) {
            let uniform = (uniform(34, at) >> 11) as f64 / (1_u64 << 53) as f64;
            let rank = (20_001_f64.powf(uniform) as usize - 1).min(WORDS as usize - 1);
            if word > 0 {
                line.push(' ');
            }
            line.push_str(&words[rank]);
            at += 1;
        }
        line.push('\n');
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_the_bytes_of_the_original() {
        for name in FILES {
            let mut out = Summed::new(io::sink());
            write(name, Size::S, &mut out).unwrap();
            assert_eq!(out.checksum(), Size::S.checksum(name), "{name}");
        }
    }

    #[test]
    fn leftover_cents_go_to_the_largest_remainders() {
        assert_eq!(split(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(split(10, &[1, 2, 3]), [2, 3, 5]);
    }
}
