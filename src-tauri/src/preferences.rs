//! How this window looks to whoever sits here: language, theme, density, when it locks, how tables were left. Kept in
//! the file `window.json` in the home folder, in the clear, because the lock screen needs it; nothing about the company
//! or anybody is in it. The webview itself keeps nothing.

use crate::desk::Result;
use crate::views::workspace::{Left, TableChoice};
use attain_client::Problem;
use attain_client::language::Language;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// `None` until a person chooses: the system's.
    pub language: Option<String>,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// `comfortable` or `compact`.
    pub density: String,
    /// 0 = never.
    pub idle_lock_minutes: u32,
    pub tables: BTreeMap<String, TableChoice>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            language: None,
            theme: "system".into(),
            density: "comfortable".into(),
            idle_lock_minutes: 15,
            tables: BTreeMap::new(),
        }
    }
}

impl Preferences {
    /// A missing or unreadable file is the defaults: it holds nothing that could be lost.
    pub fn read(home: &Path) -> Self {
        let text = std::fs::read(home.join("window.json")).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    pub fn write(&self, home: &Path) -> Result<()> {
        let text = serde_json::to_vec_pretty(self).map_err(Problem::internal)?;
        let unwritable = |error| Problem::refused("home_not_writable").with("path", home.display()).because(error);
        std::fs::create_dir_all(home).map_err(unwritable)?;
        std::fs::write(home.join("window.json"), text).map_err(unwritable)
    }

    pub fn language(&self) -> Language {
        self.language.as_deref().and_then(|code| code.parse().ok()).unwrap_or_else(Language::of_system)
    }

    /// Whether every choice is one the window knows.
    pub fn valid(&self) -> bool {
        self.language.as_deref().is_none_or(|code| ["zh-CN", "en"].contains(&code))
            && ["system", "light", "dark"].contains(&self.theme.as_str())
            && ["comfortable", "compact"].contains(&self.density.as_str())
            && self.idle_lock_minutes <= 24 * 60
            && self.tables.len() <= 100
            && self.tables.iter().all(|(name, choice)| {
                let columns = choice.sorting.iter().map(|sorting| &sorting.column).chain(&choice.hidden);
                choice.hidden.len() <= 100 && std::iter::once(name).chain(columns).all(|id| is_word(id))
            })
    }

    pub fn left(&self) -> Left {
        Left {
            language: self.language().code().to_owned(),
            theme: self.theme.clone(),
            density: self.density.clone(),
            tables: self.tables.clone(),
        }
    }
}

/// The name of a table or column, as the screens' source has them: nobody's data fits in.
fn is_word(id: &str) -> bool {
    (1..=40).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_lowercase() || b"_-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_outlive_the_process_and_damage_is_forgiven() {
        let home = std::env::temp_dir().join(format!("attain-preferences-{}", std::process::id()));
        assert_eq!(Preferences::read(&home), Preferences::default());
        let team = TableChoice { sorting: None, hidden: vec!["last_talk".into()] };
        let chosen = Preferences {
            language: Some("en".into()),
            theme: "dark".into(),
            tables: BTreeMap::from([("team".into(), team)]),
            ..Preferences::default()
        };
        assert!(chosen.valid());
        chosen.write(&home).unwrap();
        assert_eq!(Preferences::read(&home), chosen);
        std::fs::write(home.join("window.json"), "{").unwrap();
        assert_eq!(Preferences::read(&home), Preferences::default());
        std::fs::remove_dir_all(&home).unwrap();
    }

    #[test]
    fn only_known_choices_are_valid() {
        assert!(Preferences::default().valid());
        assert!(!Preferences { theme: "neon".into(), ..Preferences::default() }.valid());
        assert!(!Preferences { language: Some("fr".into()), ..Preferences::default() }.valid());
        let named = TableChoice { sorting: None, hidden: vec!["Zhang San".into()] };
        assert!(!Preferences { tables: BTreeMap::from([("team".into(), named)]), ..Preferences::default() }.valid());
    }
}
