//! Where the value of a variable comes from, so that evidence names what was seen and not what was
//! computed of it.

use std::rc::Rc;

use super::{Explainer, Telling};
use crate::check::eval::Frame;
use crate::check::plan::{Scalar, Val};
use crate::check::typed::MAX_VARS;
use crate::check::types::Ty;

/// Where a value comes from.
#[derive(Clone)]
pub(super) enum Origin<'b, 'a> {
    /// From no place of the resource: a constant.
    Nowhere,
    /// From the place to which this path leads; the resource's own is empty.
    At(String),
    /// Computed from other values.
    Made(Rc<Made<'b, 'a>>),
}

impl Origin<'_, '_> {
    /// The path, where one leads to the value.
    pub(super) fn path(&self) -> Option<&String> {
        match self {
            Self::At(path) => Some(path),
            Self::Nowhere | Self::Made(_) => None,
        }
    }
}

impl From<Option<String>> for Origin<'_, '_> {
    fn from(path: Option<String>) -> Self {
        path.map_or(Self::Nowhere, Self::At)
    }
}

/// How a value was computed.
pub(super) struct Made<'b, 'a> {
    pub(super) body: &'b Scalar<'a>,
    /// The variable of `map`; an item of a list has none.
    pub(super) of: Option<Binding<'b, 'a>>,
}

/// A variable and what it stands for.
#[derive(Clone)]
pub(super) struct Binding<'b, 'a> {
    pub(super) slot: usize,
    pub(super) value: Val<'a>,
    pub(super) origin: Origin<'b, 'a>,
}

impl<'b, 'a> Explainer<'b, 'a> {
    /// Makes a variable stand for a value.
    pub(super) fn bind(&mut self, binding: Binding<'b, 'a>) {
        self.frame.set(binding.slot, binding.value);
        if let Some(own) = self.origins.get_mut(binding.slot) {
            *own = binding.origin;
        }
    }

    /// Where the value of an expression comes from.
    pub(super) fn origin_of(
        &self,
        body: &'b Scalar<'a>,
        of: Option<Binding<'b, 'a>>,
    ) -> Origin<'b, 'a> {
        match body {
            Scalar::Const(_) => Origin::Nowhere,
            Scalar::Load(load) if load.steps.is_empty() => {
                self.origins.get(load.slot).cloned().unwrap_or(Origin::Nowhere)
            }
            // The fields of a record are reached over its path.
            Scalar::Load(load) if matches!(load.ty, Ty::Record(_)) => self.path(load).0.into(),
            Scalar::Load(_)
            | Scalar::Cond(_)
            | Scalar::Num(..)
            | Scalar::Text(_)
            | Scalar::List(..) => Origin::Made(Rc::new(Made { body, of })),
        }
    }

    /// Tells the values that a computed one was made from.
    pub(super) fn made(&mut self, made: &Made<'b, 'a>, telling: Telling) {
        // Variables of one level share their place, so what is told of next may stand in it.
        let vars: [Val<'a>; MAX_VARS] = std::array::from_fn(|slot| self.frame.var(slot));
        let origins = self.origins.clone();
        if let Some(binding) = &made.of {
            self.bind(binding.clone());
        }
        self.scalar(made.body, telling);
        self.origins = origins;
        vars.into_iter().enumerate().for_each(|(slot, value)| self.frame.set(slot, value));
    }

    /// Gives the walk so many steps again. Variables stay as they are.
    pub(super) fn refill(&mut self, steps: u32) {
        let mut frame = Frame::new(self.row, steps);
        for slot in 1..MAX_VARS {
            frame.set(slot, self.frame.var(slot));
        }
        self.frame = frame;
    }
}
