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
    /// The patterns that are the literal ending here.
    literals: Vec<usize>,
    /// The patterns that are the prefix ending here.
    prefixes: Vec<usize>,
    /// The nearest node with a prefix, from here up to the root; the root if there is none.
    anchor: usize,
    /// The same, from the parent.
    above: usize,
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
    pub(super) fn literal(&mut self, text: &str, pattern: usize) {
        if let Some(node) = self.plant(text) {
            node.literals.push(pattern);
        }
    }

    /// Adds a prefix.
    pub(super) fn prefix(&mut self, text: &str, pattern: usize) {
        if let Some(node) = self.plant(text) {
            node.prefixes.push(pattern);
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

    /// Ties each node to the prefixes above it. To be called when all texts are in.
    pub(super) fn tie(&mut self) {
        // A child has a higher number than its parent, so that one pass in order suffices.
        for at in 0..self.nodes.len() {
            let Some(node) = self.nodes.get(at) else { return };
            let above = node.anchor;
            for child in node.next.values().copied().collect::<Vec<_>>() {
                if let Some(node) = self.nodes.get_mut(child) {
                    node.above = above;
                    node.anchor = if node.prefixes.is_empty() { above } else { child };
                }
            }
        }
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

    /// The nearest node with a prefix, from this one up.
    pub(super) fn anchor(&self, node: usize) -> usize {
        self.nodes.get(node).map_or(ROOT, |node| node.anchor)
    }

    /// The literal patterns that end at a node.
    pub(super) fn literals(&self, node: usize) -> &[usize] {
        self.nodes.get(node).map_or(&[], |node| &node.literals)
    }

    /// The prefix patterns that end at an anchor or above it.
    pub(super) fn prefixes(&self, anchor: usize) -> impl Iterator<Item = usize> + '_ {
        let mut at = Some(anchor);
        std::iter::from_fn(move || {
            let number = at?;
            let node = self.nodes.get(number)?;
            at = (number != ROOT).then_some(node.above);
            Some(node.prefixes.iter().copied())
        })
        .flatten()
    }
}
