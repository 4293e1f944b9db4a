//! Two edits of one note's text, made apart from each other, as one text (SYNC, "Text").
//!
//! Owns: merging three ways by sentence. Absent on purpose: who may edit, and what to do when it cannot be merged.

/// What both made of a text: sentences that only one of them changed are as that one has them. `None` where both changed
/// the same sentence differently.
pub fn merge(before: &str, mine: &str, theirs: &str) -> Option<String> {
    let [before, mine, theirs] = [before, mine, theirs].map(lines);
    diffy::merge(&before, &mine, &theirs).ok().map(|merged| unlined(&merged))
}

/// One sentence a line: a sentence ends after 。！？.!? and after a line's end, which is written as `\n`. An empty line after
/// each keeps changes of neighbouring sentences apart.
fn lines(text: &str) -> String {
    let mut lines = String::with_capacity(text.len() + text.len() / 16);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => lines.push_str("\\\\"),
            '\n' => lines.push_str("\\n"),
            '\r' => lines.push_str("\\r"),
            c => lines.push(c),
        }
        let ends = match c {
            '\n' | '。' | '！' | '？' => true,
            // A point within a number or a name ends nothing.
            '.' | '!' | '?' => rest.peek().is_none_or(|next| next.is_whitespace()),
            _ => false,
        };
        if ends {
            lines.push_str("\n\n");
        }
    }
    if !lines.ends_with('\n') {
        lines.push_str("\n\n");
    }
    lines
}

fn unlined(lines: &str) -> String {
    let mut text = String::with_capacity(lines.len());
    let mut rest = lines.chars();
    while let Some(c) = rest.next() {
        match c {
            '\n' => {}
            '\\' => match rest.next() {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some(c) => text.push(c),
                None => {}
            },
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sentences_that_one_side_changed_are_taken_from_it() {
        let before = "客户对交货期不满。下周一起去拜访！报价要不要改？";
        for (mine, theirs, merged) in [
            (
                "客户对交货期不满。下周二一起去拜访！报价要不要改？",
                "客户对交货期不满。下周一起去拜访！报价要不要改？他下月生日。",
                Some("客户对交货期不满。下周二一起去拜访！报价要不要改？他下月生日。"),
            ),
            (
                "客户对交货期很不满。下周一起去拜访！报价要不要改？",
                "客户对交货期不满。下周一起去拜访！报价不改。",
                Some("客户对交货期很不满。下周一起去拜访！报价不改。"),
            ),
            (
                "客户对交货期很不满。下周一起去拜访！报价要不要改？",
                "客户对交货期不满。下周二一起去拜访！报价要不要改？",
                Some("客户对交货期很不满。下周二一起去拜访！报价要不要改？"),
            ),
            ("全部重写。", "另一种写法。", None),
            (before, "短。", Some("短。")),
        ] {
            assert_eq!(merge(before, mine, theirs).as_deref(), merged);
        }
        let before = "Margin is 12.5 % now. Visit on Monday.\n\nAsk for the budget.";
        let mine = "Margin is 13.5 % now. Visit on Monday.\n\nAsk for the budget.";
        let theirs = "Margin is 12.5 % now. Visit on Monday.\n\nAsk Li for the budget.";
        let merged = merge(before, mine, theirs).unwrap();
        assert_eq!(merged, "Margin is 13.5 % now. Visit on Monday.\n\nAsk Li for the budget.");
        assert_eq!(merge("One.", "Two.", "Three."), None);
    }

    proptest! {
        #[test]
        fn a_text_comes_through_as_it_was(text in "(?s).{0,200}", other in "(?s).{0,200}") {
            prop_assert_eq!(unlined(&lines(&text)), text.clone());
            let (kept, taken) = (merge(&text, &text, &other), merge(&text, &other, &text));
            prop_assert_eq!(kept.as_deref(), Some(other.as_str()));
            prop_assert_eq!(taken.as_deref(), Some(other.as_str()));
        }
    }
}
