//! The page of the language: a frame that is written by hand, and the functions from their list.

use std::fmt::Write as _;

use super::markdown::text;
use crate::check::functions::{FUNCTIONS, Receiver};
use crate::check::{CATEGORIES, PEERS, REMEDIES};

const FRAME: &str = include_str!("language.md");

/// The page.
pub fn page() -> String {
    let words = |words: &[&str]| {
        words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
    };
    FRAME
        .replace("{{functions}}", functions().trim_end())
        .replace("{{categories}}", &words(&CATEGORIES))
        .replace("{{peers}}", &words(&PEERS))
        .replace("{{remedies}}", &words(&REMEDIES))
}

fn functions() -> String {
    let mut page = String::new();
    for function in FUNCTIONS {
        let base = match function.receiver {
            Receiver::None => "",
            Receiver::List => "list.",
            Receiver::Text => "text.",
            Receiver::Cidr => "cidr.",
            Receiver::Rule => "rule.",
        };
        let _ = write!(
            page,
            "### {base}{}({}) → {}\n\n{}\n\n```cel\n{}  // true\n```\n\n",
            function.name,
            function.args.join(", "),
            function.result,
            text(function.doc),
            function.example
        );
    }
    page
}
