//! Literals and prefixes (`text*`) of a key in one tree, so that thousands of them cost no more than
//! their characters.

use std::collections::BTreeMap;

use super::pattern::{Pattern, Token};

/// The number of the root, where nothing was read yet.
pub(super) const ROOT: usize = 0;

/// A tree of texts.
#[derive(Debug)]
pub(super) struct Trie {
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    next: BTreeMap<char, usize>,
    /// The groups of the literal that ends here.
    literals: Vec<usize>,
    /// The groups of the prefix that ends here.
    prefixes: Vec<usize>,
}

/// How a pattern is kept: as a literal, as a prefix, or not in the tree.
pub(super) enum Shape {
    Literal(String),
    Prefix(String),
    Other,
}

/// The shape of a pattern.
pub(super) fn shape(pattern: &Pattern) -> Shape {
    if let Some(text) = pattern.as_literal() {
        return Shape::Literal(text);
    }
    match pattern.tokens().split_last() {
        Some((Token::Run, head)) => match Pattern::new(head.iter().copied()).as_literal() {
            Some(text) => Shape::Prefix(text),
            None => Shape::Other,
        },
        _ => Shape::Other,
    }
}

impl Trie {
    /// The tree of the root alone.
    pub(super) fn new() -> Self {
        Self { nodes: vec![Node::default()] }
    }

    /// Adds a literal.
    pub(super) fn literal(&mut self, text: &str, group: usize) {
        if let Some(node) = self.plant(text) {
            node.literals.push(group);
        }
    }

    /// Adds a prefix.
    pub(super) fn prefix(&mut self, text: &str, group: usize) {
        if let Some(node) = self.plant(text) {
            node.prefixes.push(group);
        }
    }

    fn plant(&mut self, text: &str) -> Option<&mut Node> {
        let mut at = ROOT;
        for c in text.chars() {
            let fresh = self.nodes.len();
            at = *self.nodes.get_mut(at)?.next.entry(c).or_insert(fresh);
            if at == fresh {
                self.nodes.push(Node::default());
            }
        }
        self.nodes.get_mut(at)
    }

    /// The characters that lead on from a node, with the nodes they lead to.
    pub(super) fn edges(&self, node: usize) -> Vec<(char, usize)> {
        let next = self.nodes.get(node).map(|node| &node.next);
        next.into_iter().flatten().map(|(c, node)| (*c, *node)).collect()
    }

    /// Whether a character leads on from a node.
    pub(super) fn leads_on(&self, node: Option<usize>, c: char) -> bool {
        node.and_then(|node| self.nodes.get(node)).is_some_and(|node| node.next.contains_key(&c))
    }

    /// The groups of the literals that end at a node.
    pub(super) fn literals(&self, node: usize) -> &[usize] {
        self.nodes.get(node).map_or(&[], |node| &node.literals)
    }

    /// The groups of the prefixes that end at a node.
    pub(super) fn prefixes(&self, node: usize) -> &[usize] {
        self.nodes.get(node).map_or(&[], |node| &node.prefixes)
    }
}
