//! The messages, version 1: CBOR, compressed with zstd, over HTTPS; the version stands in the path.
//!
//! Owns: what is asked and answered on each route, and the encoding with its limits.
//! Absent on purpose: the order in which they are sent (`laptop.rs`), HTTP itself. Frozen once shipped: fields may be
//! added with a default, none changes its meaning.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Stands in every path: `/v1/push`.
pub const VERSION: u32 = 1;

/// Largest message as sent, and as it may unfold.
pub const MESSAGE_AT_MOST: usize = 16 << 20;
pub const UNFOLDED_AT_MOST: usize = 128 << 20;

/// Largest number of mutations in a push and of rows in a chunk; more is no message.
pub const MUTATIONS_AT_MOST: usize = 500;
pub const ROWS_AT_MOST: usize = 10_000;
/// Largest number of records in an answer: a page with what it leans on, or a company's frame with the own team's facts.
pub const RECORDS_AT_MOST: usize = 500_000;
/// Largest number of entries of a trail in a message.
pub const ENTRIES_AT_MOST: usize = 2_000;

/// Largest arguments of a mutation and largest row, as JSON: read, they take thirty times as much.
pub const JSON_AT_MOST: usize = 1 << 20;

/// Largest number of parameters of a refusal.
const PARAMS_AT_MOST: usize = 100;

/// Base-two logarithm of how far back a message may refer while it unfolds: memory that is taken whatever its length.
const WINDOW_AT_MOST: u32 = 23;

/// Why bytes are not a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    #[error("the message is too large")]
    TooLarge,
    #[error("the message cannot be read: {0}")]
    Unreadable(String),
}

/// A message as it is sent.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, WireError> {
    let packed = zstd::bulk::compress(&pack(message)?, 1).map_err(unreadable)?;
    if packed.len() > MESSAGE_AT_MOST { Err(WireError::TooLarge) } else { Ok(packed) }
}

/// A message as it came. Never unfolds more than [`UNFOLDED_AT_MOST`], whatever the bytes promise.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, WireError> {
    use std::io::Read;
    if bytes.len() > MESSAGE_AT_MOST {
        return Err(WireError::TooLarge);
    }
    let mut cbor = Vec::new();
    let mut unfolding = zstd::stream::Decoder::new(bytes).map_err(unreadable)?;
    unfolding.window_log_max(WINDOW_AT_MOST).map_err(unreadable)?;
    unfolding.take(UNFOLDED_AT_MOST as u64 + 1).read_to_end(&mut cbor).map_err(unreadable)?;
    if cbor.len() > UNFOLDED_AT_MOST {
        return Err(WireError::TooLarge);
    }
    unpack(&cbor)
}

/// CBOR alone, for what is small and kept one by one.
pub fn pack<T: Serialize>(value: &T) -> Result<Vec<u8>, WireError> {
    let mut cbor = Vec::new();
    ciborium::into_writer(value, &mut cbor).map_err(unreadable)?;
    Ok(cbor)
}

pub fn unpack<T: DeserializeOwned>(cbor: &[u8]) -> Result<T, WireError> {
    ciborium::de::from_reader_with_recursion_limit(cbor, 64).map_err(unreadable)
}

fn unreadable(error: impl std::fmt::Display) -> WireError {
    WireError::Unreadable(error.to_string())
}

/// Reads a list no longer than it may be: an element can take twenty-four times its length on the wire.
fn at_most<'de, D, T, const N: usize>(from: D) -> Result<Vec<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct AtMost<T, const N: usize>(std::marker::PhantomData<T>);
    impl<'de, T: Deserialize<'de>, const N: usize> serde::de::Visitor<'de> for AtMost<T, N> {
        type Value = Vec<T>;

        fn expecting(&self, to: &mut std::fmt::Formatter) -> std::fmt::Result {
            write!(to, "a list of at most {N}")
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
            let mut read = Vec::new();
            while let Some(element) = list.next_element()? {
                if read.len() == N {
                    return Err(serde::de::Error::invalid_length(N + 1, &self));
                }
                read.push(element);
            }
            Ok(read)
        }
    }
    from.deserialize_seq(AtMost::<T, N>(std::marker::PhantomData))
}

/// `POST /v1/sign-in`: a person on a laptop. A known device gives its id and takes up a new epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    pub user: String,
    pub password: String,
    pub device: Option<String>,
    /// What the person calls the laptop.
    pub device_name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    pub tenant: String,
    pub company: String,
    pub person_id: String,
    pub device: String,
    /// Mutation numbers start anew in each.
    pub epoch: u64,
    pub tokens: Tokens,
    /// What a laptop seals to the company when it may not keep it ([`crate::escrow`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escrow: Option<serde_bytes::ByteBuf>,
    /// The server says what day it is where a company's date is pinned.
    pub today: Option<String>,
}

/// `POST /v1/refresh {refresh, attempt}` answers new ones. A refresh token is good once, and its second use ends the
/// session: but for the same try again, whose answer may have been lost on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Good for an hour.
    pub access: String,
    pub refresh: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refresh {
    pub refresh: String,
    /// Names the try; nobody but the laptop can. Empty: there is no second one.
    #[serde(default)]
    pub attempt: String,
}

/// `POST /v1/push`: the next mutations of a device, in order and without gaps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    pub epoch: u64,
    /// The scope the laptop was served under; with another one now it is told to pull first (`pull_first`).
    pub scope: String,
    #[serde(deserialize_with = "at_most::<_, _, MUTATIONS_AT_MOST>")]
    pub mutations: Vec<Pushed>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pushed {
    pub mid: u64,
    pub name: String,
    pub version: u32,
    /// JSON, as the laptop wrote it.
    #[serde(with = "serde_bytes")]
    pub args: Vec<u8>,
    /// The author's clock: on record, never relied on.
    pub claimed_at: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushAnswer {
    /// In the order of the mutations, one each; fewer when the rest is to be sent again.
    #[serde(deserialize_with = "at_most::<_, _, MUTATIONS_AT_MOST>")]
    pub outcomes: Vec<Outcome>,
    /// The device's last mutation that has an outcome.
    pub last_mid: u64,
    /// Why the rest has none and is to be kept: `server_older`, it was written by a later version than the server's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub later: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub mid: u64,
    pub verdict: Verdict,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Applied {
        seq: u64,
    },
    Rejected {
        code: String,
        #[serde(deserialize_with = "at_most::<_, _, PARAMS_AT_MOST>")]
        params: Vec<(String, String)>,
    },
    /// What would happen is not what the author saw; the digest of what would.
    PreviewChanged {
        digest: String,
    },
}

/// `PUT /v1/chunk/{hash}`: rows of an import, before the mutation that names the chunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// Each a row as JSON, as the laptop has it.
    #[serde(deserialize_with = "at_most::<_, _, ROWS_AT_MOST>")]
    pub rows: Vec<serde_bytes::ByteBuf>,
}

/// What a chunk is named by: SHA-256 of its bytes as sent, in hexadecimal.
pub fn chunk_hash(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Arguments of the mutation `import_batch` on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportBatch {
    pub kind: String,
    pub source: String,
    pub file_name: String,
    pub rows: u64,
    pub imported: u64,
    pub chunks: Vec<String>,
}

/// Arguments of the mutation `undo` on the wire: takes back what the device's mutation `mid` did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeBack {
    pub mid: u64,
}

/// How far a laptop has been served.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    pub seq: u64,
    /// The scope it was served under ([`crate::record::Scope::digest`]); empty on a new laptop.
    pub scope: String,
    /// How many records there are in all, while a laptop is served them anew page by page; it gives this back as it came.
    #[serde(default)]
    pub awaited: Option<u64>,
}

/// `POST /v1/pull`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    pub cursor: Cursor,
}

/// What has changed for this laptop: the records and the cursor take effect in one transaction, a purge before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullAnswer {
    /// Drop everything held under the old scope first: some of it is no longer this viewer's.
    pub purge: bool,
    /// The device's last mutation whose effects are among these rows or before them.
    pub last_mid: u64,
    #[serde(deserialize_with = "at_most::<_, _, RECORDS_AT_MOST>")]
    pub rows: Vec<Row>,
    pub cursor: Cursor,
    /// Ask again at once.
    pub more: bool,
    /// Once nothing more is to come: count and digest of all records of this scope.
    pub whole: Option<Whole>,
    /// Said to somebody who is nobody here any more: the key that what still waits is sealed to ([`crate::escrow`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escrow: Option<serde_bytes::ByteBuf>,
}

/// `POST /v1/escrow`: what waited on the laptop of somebody who may be here no more; nobody but the company can read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escrow {
    #[serde(with = "serde_bytes")]
    pub sealed: Vec<u8>,
}

/// `POST /v1/audit`: the next entries of a laptop's trail, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    #[serde(deserialize_with = "at_most::<_, _, ENTRIES_AT_MOST>")]
    pub entries: Vec<TrailEntry>,
}

/// An entry as it stands in the laptop's chain: hashed with the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailEntry {
    pub seq: u64,
    pub at: String,
    pub actor_id: String,
    pub action: String,
    pub class: String,
    /// JSON, as it was hashed.
    pub subjects: String,
    pub detail: String,
    #[serde(with = "serde_bytes")]
    pub before: Vec<u8>,
    #[serde(with = "serde_bytes")]
    pub hash: Vec<u8>,
}

/// How far the server has the laptop's trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailTaken {
    pub seq: u64,
}

/// A record as its reader gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub kind: String,
    pub id: String,
    /// It is gone, or not this viewer's any more: the body says no more than its name.
    pub gone: bool,
    #[serde(with = "serde_bytes")]
    pub body: Vec<u8>,
}

/// What a laptop must hold, compared after each pull.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whole {
    pub records: u64,
    pub digest: String,
}

/// An error answer: a code that the laptop translates; nothing about whether the thing asked for exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub code: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_comes_back_as_it_was() {
        let push = Push {
            epoch: 3,
            scope: String::new(),
            mutations: vec![Pushed {
                mid: 7,
                name: "adjust_goal".into(),
                version: 1,
                args: b"{}".to_vec(),
                claimed_at: "2026-09-21T00:30:00.000Z".into(),
            }],
        };
        assert_eq!(decode::<Push>(&encode(&push).unwrap()).unwrap(), push);
    }

    #[test]
    fn what_unfolds_without_end_is_refused_and_so_is_rubbish() {
        let bomb = zstd::bulk::compress(&vec![0u8; UNFOLDED_AT_MOST + 2], 1).unwrap();
        assert!(bomb.len() < 1 << 20);
        assert_eq!(decode::<Push>(&bomb), Err(WireError::TooLarge));
        assert!(matches!(decode::<Push>(b"no message"), Err(WireError::Unreadable(_))));
        assert_eq!(decode::<Push>(&vec![0; MESSAGE_AT_MOST + 1]), Err(WireError::TooLarge));
    }

    #[test]
    fn a_list_longer_than_it_may_be_is_no_message_however_small_it_comes() {
        let chunk = |rows| Chunk { rows: vec![serde_bytes::ByteBuf::new(); rows] };
        assert_eq!(decode::<Chunk>(&encode(&chunk(ROWS_AT_MOST)).unwrap()).unwrap(), chunk(ROWS_AT_MOST));
        // A hundred million rows of nothing: four kilobytes on the wire, gigabytes if they were read.
        let mut cbor = vec![0xa1, 0x64, b'r', b'o', b'w', b's', 0x9a, 0x05, 0xf5, 0xe1, 0x00];
        cbor.resize(cbor.len() + 100_000_000, 0x40);
        let small = zstd::bulk::compress(&cbor, 1).unwrap();
        assert!(small.len() < 1 << 20);
        assert!(matches!(decode::<Chunk>(&small), Err(WireError::Unreadable(_))));
        assert!(matches!(decode::<Chunk>(&encode(&chunk(ROWS_AT_MOST + 1)).unwrap()), Err(WireError::Unreadable(_))));
    }

    #[test]
    fn a_message_that_refers_further_back_than_it_may_is_refused() {
        let mut far = zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
        far.window_log(WINDOW_AT_MOST + 4).unwrap();
        std::io::Write::write_all(&mut far, &pack(&TakeBack { mid: 1 }).unwrap()).unwrap();
        assert!(matches!(decode::<TakeBack>(&far.finish().unwrap()), Err(WireError::Unreadable(_))));
    }
}
