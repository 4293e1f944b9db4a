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

/// Largest number of mutations in a push, of rows in a chunk and of records in an answer.
pub const MUTATIONS_AT_MOST: usize = 500;
pub const ROWS_AT_MOST: usize = 10_000;

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
    let unfolding = zstd::stream::Decoder::new(bytes).map_err(unreadable)?;
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
    pub outcomes: Vec<Outcome>,
    /// The device's last mutation that has an outcome.
    pub last_mid: u64,
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
    pub rows: Vec<Row>,
    pub cursor: Cursor,
    /// Ask again at once.
    pub more: bool,
    /// Once nothing more is to come: count and digest of all records of this scope.
    pub whole: Option<Whole>,
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
}
