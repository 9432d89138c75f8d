//! What a pattern may ask of one field.

use super::domain::Leaf;

/// What a field must be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operator {
    /// This very value.
    Equals(Leaf),
    /// JSON's null, which is a value of its own.
    Null,
    /// Text like this one.
    Text(Shape, Case),
    /// Any value that none of these matches. A field that is not there does not match.
    AnythingBut(Vec<Operator>),
    /// A number within all of these bounds.
    Numeric(Vec<(Bound, f64)>),
    /// Whether the field is there.
    Exists(bool),
    /// Something else that this program does not know, such as address ranges.
    Other(String),
}

/// How text is compared.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Whole(String),
    Prefix(String),
    Suffix(String),
    /// `*` stands for any text; `\*` and `\\` for themselves.
    Wildcard(Vec<Glyph>),
}

/// A piece of a wildcard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Glyph {
    Any,
    One(char),
}

/// Whether case matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Matters,
    Ignored,
}

/// A bound of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

impl Operator {
    /// Whether the field matches; `None` is a field that is not there. `Err` for what is not known.
    pub(super) fn admits(&self, field: Option<&Leaf>) -> Result<bool, String> {
        let Some(leaf) = field else { return self.admits_absence() };
        Ok(match self {
            Self::Equals(value) => value.same(leaf),
            Self::Null => false,
            Self::Text(shape, case) => match leaf {
                Leaf::Text(text) => shape.fits(text, *case),
                Leaf::Number(_) | Leaf::Bool(_) => false,
            },
            Self::AnythingBut(values) => {
                let mut matched = false;
                for value in values {
                    matched |= value.admits(field)?;
                }
                !matched
            }
            Self::Numeric(bounds) => match leaf {
                Leaf::Number(number) => bounds.iter().all(|(bound, at)| bound.holds(*number, *at)),
                Leaf::Text(_) | Leaf::Bool(_) => false,
            },
            Self::Exists(there) => *there,
            Self::Other(name) => return Err(format!("the operator `{name}` is not known")),
        })
    }

    fn admits_absence(&self) -> Result<bool, String> {
        match self {
            Self::Exists(there) => Ok(!there),
            Self::Other(name) => Err(format!("the operator `{name}` is not known")),
            Self::Equals(_)
            | Self::Null
            | Self::Text(..)
            | Self::AnythingBut(_)
            | Self::Numeric(_) => Ok(false),
        }
    }

    /// Whether every text matches.
    pub(super) fn admits_all_text(&self) -> bool {
        match self {
            Self::Exists(there) => *there,
            Self::Text(shape, _) => match shape {
                Shape::Prefix(text) | Shape::Suffix(text) => text.is_empty(),
                Shape::Wildcard(glyphs) => {
                    !glyphs.is_empty() && glyphs.iter().all(|it| *it == Glyph::Any)
                }
                Shape::Whole(_) => false,
            },
            Self::Equals(_)
            | Self::Null
            | Self::AnythingBut(_)
            | Self::Numeric(_)
            | Self::Other(_) => false,
        }
    }

    /// Whether every text that the glob matches (`*` is any text) is surely admitted.
    pub(super) fn admits_glob(&self, glob: &str) -> bool {
        match self {
            Self::Text(Shape::Prefix(prefix), Case::Matters) => {
                glob.split('*').next().is_some_and(|head| head.starts_with(prefix))
            }
            Self::Text(Shape::Suffix(suffix), Case::Matters) => {
                glob.rsplit('*').next().is_some_and(|tail| tail.ends_with(suffix))
            }
            Self::Equals(_)
            | Self::Null
            | Self::Text(..)
            | Self::AnythingBut(_)
            | Self::Numeric(_)
            | Self::Exists(_)
            | Self::Other(_) => false,
        }
    }

    /// Whether every number from `least` on matches.
    pub(super) fn admits_from(&self, least: f64) -> bool {
        match self {
            Self::Exists(there) => *there,
            Self::Numeric(bounds) => bounds.iter().all(|(bound, at)| match bound {
                Bound::AtLeast => least >= *at,
                Bound::More => least > *at,
                Bound::Less | Bound::AtMost | Bound::Equal => false,
            }),
            Self::Equals(_)
            | Self::Null
            | Self::Text(..)
            | Self::AnythingBut(_)
            | Self::Other(_) => false,
        }
    }

    /// Values at which the answer may change.
    pub(super) fn values(&self) -> Vec<Leaf> {
        match self {
            Self::Equals(value) => vec![value.clone()],
            Self::Text(shape, _) => vec![Leaf::Text(shape.sample())],
            Self::AnythingBut(values) => values.iter().flat_map(Self::values).collect(),
            Self::Numeric(bounds) => bounds.iter().map(|(_, at)| Leaf::Number(*at)).collect(),
            Self::Null | Self::Exists(_) | Self::Other(_) => Vec::new(),
        }
    }
}

impl Bound {
    fn holds(self, number: f64, at: f64) -> bool {
        match self {
            Self::Less => number < at,
            Self::AtMost => number <= at,
            Self::Equal => number == at,
            Self::AtLeast => number >= at,
            Self::More => number > at,
        }
    }
}

impl Shape {
    fn fits(&self, text: &str, case: Case) -> bool {
        let fold = |text: &str| match case {
            Case::Matters => text.to_owned(),
            Case::Ignored => text.to_lowercase(),
        };
        match self {
            Self::Whole(whole) => fold(text) == fold(whole),
            Self::Prefix(prefix) => fold(text).starts_with(&fold(prefix)),
            Self::Suffix(suffix) => fold(text).ends_with(&fold(suffix)),
            Self::Wildcard(glyphs) => glob(glyphs, &text.chars().collect::<Vec<_>>()),
        }
    }

    fn sample(&self) -> String {
        match self {
            Self::Whole(text) | Self::Prefix(text) | Self::Suffix(text) => text.clone(),
            Self::Wildcard(glyphs) => glyphs
                .iter()
                .filter_map(|glyph| match glyph {
                    Glyph::One(letter) => Some(*letter),
                    Glyph::Any => None,
                })
                .collect(),
        }
    }
}

/// Whether the glyphs match the whole text, in time linear in each of both.
fn glob(glyphs: &[Glyph], text: &[char]) -> bool {
    let (mut at, mut place, mut back) = (0, 0, None);
    while place < text.len() {
        match (glyphs.get(at), text.get(place)) {
            (Some(Glyph::Any), _) => {
                back = Some((at, place));
                at += 1;
            }
            (Some(Glyph::One(wanted)), Some(found)) if wanted == found => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((star, from)) = back else { return false };
                back = Some((star, from + 1));
                at = star + 1;
                place = from + 1;
            }
        }
    }
    glyphs.get(at..).unwrap_or_default().iter().all(|glyph| *glyph == Glyph::Any)
}
