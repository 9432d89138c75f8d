//! Parameters of a check: their declarations, and the values in force.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::Value as Json;
use thiserror::Error;

use super::types::{Const, PortRange, Ty, parse_duration};
use crate::diagnostic::{did_you_mean, nearest};
use crate::inventory::CidrFacts;

/// The words for types of parameters, `list(…)` of each aside.
const TYPE_NAMES: [&str; 6] = ["bool", "int", "string", "duration", "cidr", "port_range"];

/// The type of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParamType {
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `string`
    Text,
    /// `duration`, written `90d`.
    Duration,
    /// `cidr`
    Cidr,
    /// `port_range`, written `22` or `20-25`.
    Ports,
    /// `list(…)`
    List(Box<ParamType>),
}

impl ParamType {
    /// Reads the name of a type.
    ///
    /// # Errors
    /// What is wrong, and what may be meant.
    pub fn parse(text: &str) -> Result<Self, (String, Option<String>)> {
        let text = text.trim();
        if let Some(item) = text.strip_prefix("list(").and_then(|rest| rest.strip_suffix(')')) {
            return match Self::parse(item)? {
                Self::List(_) => Err(("a list of lists is no parameter".into(), None)),
                item => Ok(Self::List(Box::new(item))),
            };
        }
        Ok(match text {
            "bool" => Self::Bool,
            "int" => Self::Int,
            "string" => Self::Text,
            "duration" => Self::Duration,
            "cidr" => Self::Cidr,
            "port_range" => Self::Ports,
            _ => {
                let help = nearest(text, TYPE_NAMES).map_or_else(
                    || format!("one of {}, or list(…) of one of them", TYPE_NAMES.join(", ")),
                    |near| format!("did you mean `{near}`?"),
                );
                return Err((format!("`{text}` is no type of a parameter"), Some(help)));
            }
        })
    }

    /// The type of expressions that read the parameter.
    pub fn ty(&self) -> Ty {
        match self {
            Self::Bool => Ty::Bool,
            Self::Int => Ty::Int,
            Self::Text => Ty::Text,
            Self::Duration => Ty::Duration,
            Self::Cidr => Ty::Cidr,
            Self::Ports => Ty::Ports,
            Self::List(item) => Ty::List(Box::new(item.ty())),
        }
    }

    fn item(&self) -> &Self {
        match self {
            Self::List(item) => item,
            other => other,
        }
    }

    /// A value of this type.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(&self, json: &Json) -> Result<Const, String> {
        let wrong = || format!("expected {self}, found `{json}`");
        match (self, json) {
            (Self::Bool, Json::Bool(value)) => Ok(Const::Bool(*value)),
            (Self::Int, Json::Number(number)) => number.as_i64().map(Const::Int).ok_or_else(wrong),
            (Self::Text, Json::String(text)) => Ok(Const::Text(text.clone())),
            (Self::Duration, Json::String(text)) => parse_duration(text)
                .map(Const::Duration)
                .ok_or_else(|| format!("`{text}` is no duration such as `90d` or `12h`")),
            (Self::Cidr, Json::String(text)) => CidrFacts::parse(text)
                .map(Const::Cidr)
                .ok_or_else(|| format!("`{text}` is no address range such as `10.0.0.0/8`")),
            (Self::Ports, Json::Number(number)) => {
                let port = number.as_u64().and_then(|port| u16::try_from(port).ok());
                let range = port.map(|port| PortRange { from: port, to: port });
                range.map(Const::Ports).ok_or_else(|| format!("`{number}` is no port"))
            }
            (Self::Ports, Json::String(text)) => PortRange::parse(text)
                .map(Const::Ports)
                .ok_or_else(|| format!("`{text}` is no range of ports such as `20-25`")),
            (Self::List(item), Json::Array(items)) => {
                items.iter().map(|json| item.read(json)).collect::<Result<_, _>>().map(Const::List)
            }
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for ParamType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ty().fmt(f)
    }
}

/// A declared parameter.
#[derive(Debug, Clone)]
pub struct Param {
    /// Its name; expressions read `params.name`.
    pub name: String,
    /// Its type.
    pub ty: ParamType,
    /// The value where nothing overrides it.
    pub default: Const,
    /// The least value, of each element for a list. In seconds for durations.
    pub min: Option<i64>,
    /// The greatest value, likewise.
    pub max: Option<i64>,
    /// The values allowed, of each element for a list; empty for all.
    pub one_of: Vec<Const>,
    /// What it is for.
    pub about: String,
}

impl Param {
    /// What values are allowed, in words; empty where all of the type are.
    pub fn bounds(&self) -> String {
        let shown = |bound: i64| match self.ty.item() {
            ParamType::Duration => Const::Duration(bound).to_json().to_string(),
            _ => bound.to_string(),
        };
        let words = self.one_of.iter().map(|value| value.to_json().to_string());
        let words: Vec<String> = words.collect();
        let parts = [
            self.min.map(|min| format!("at least {}", shown(min))),
            self.max.map(|max| format!("at most {}", shown(max))),
            (!words.is_empty()).then(|| format!("one of {}", words.join(", "))),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// A value of this parameter, within its bounds.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(&self, json: &Json) -> Result<Const, String> {
        let value = self.ty.read(json)?;
        self.check(&value)?;
        Ok(value)
    }

    /// Whether a value is within the bounds.
    ///
    /// # Errors
    /// The bound that it breaks.
    pub fn check(&self, value: &Const) -> Result<(), String> {
        let number = match value {
            Const::List(items) => return items.iter().try_for_each(|item| self.check(item)),
            Const::Int(number) | Const::Duration(number) => Some(*number),
            Const::Bool(_) | Const::Text(_) | Const::Cidr(_) | Const::Ports(_) => None,
        };
        let shown = value.to_json();
        let bound = |bound: i64| match self.ty.item() {
            ParamType::Duration => Const::Duration(bound).to_json(),
            _ => Json::from(bound),
        };
        if let (Some(number), Some(min)) = (number, self.min)
            && number < min
        {
            return Err(format!("{shown} is less than the least value, {}", bound(min)));
        }
        if let (Some(number), Some(max)) = (number, self.max)
            && number > max
        {
            return Err(format!("{shown} is more than the greatest value, {}", bound(max)));
        }
        if !self.one_of.is_empty() && !self.one_of.contains(value) {
            let allowed: Vec<String> =
                self.one_of.iter().map(|value| value.to_json().to_string()).collect();
            return Err(format!("{shown} is none of {}", allowed.join(", ")));
        }
        Ok(())
    }
}

/// A value that does not fit the parameter it is for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct ParamError {
    /// The name under which it was given.
    pub param: String,
    /// Whether the name is wrong, not the value.
    pub at_key: bool,
    /// What is wrong.
    pub message: String,
    /// What may be meant.
    pub help: Option<String>,
}

/// The values in force, in the order of the declarations.
#[derive(Debug, Clone)]
pub struct Params {
    declared: Arc<[Param]>,
    values: Vec<Const>,
}

impl Params {
    /// The declared defaults with these overrides.
    ///
    /// # Errors
    /// Every name that is not declared and every value that does not fit.
    pub fn new(
        declared: &Arc<[Param]>,
        overrides: &BTreeMap<String, Json>,
    ) -> Result<Self, Vec<ParamError>> {
        let mut values: Vec<Const> = declared.iter().map(|param| param.default.clone()).collect();
        let mut errors = Vec::new();
        for (name, json) in overrides {
            let slot = declared.iter().zip(values.iter_mut()).find(|(it, _)| it.name == *name);
            match slot.map(|(param, value)| (param.read(json), value)) {
                Some((Ok(read), value)) => *value = read,
                Some((Err(why), _)) => errors.push(ParamError {
                    param: name.clone(),
                    at_key: false,
                    message: format!("parameter `{name}`: {why}"),
                    help: None,
                }),
                None => errors.push(ParamError {
                    param: name.clone(),
                    at_key: true,
                    message: format!("there is no parameter `{name}`"),
                    help: did_you_mean(name, declared.iter().map(|param| param.name.as_str())),
                }),
            }
        }
        if errors.is_empty() {
            Ok(Self { declared: Arc::clone(declared), values })
        } else {
            Err(errors)
        }
    }

    /// The value of the parameter declared at that place.
    pub(super) fn value(&self, place: usize) -> Option<&Const> {
        self.values.get(place)
    }

    /// The values by name, as findings show them.
    pub fn to_json(&self) -> BTreeMap<String, Json> {
        let values = self.declared.iter().zip(&self.values);
        values.map(|(param, value)| (param.name.clone(), value.to_json())).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn param(name: &str, ty: &str, default: Json) -> Param {
        let ty = ParamType::parse(ty).unwrap();
        let default = ty.read(&default).unwrap();
        let name = name.to_owned();
        Param { name, ty, default, min: None, max: None, one_of: vec![], about: String::new() }
    }

    fn errors(declared: Vec<Param>, overrides: Json) -> Vec<String> {
        let overrides = serde_json::from_value(overrides).unwrap();
        let errors = Params::new(&declared.into(), &overrides).unwrap_err();
        errors.into_iter().map(|error| error.to_string()).collect()
    }

    #[test]
    fn overrides_replace_defaults() {
        let declared = vec![
            param("days", "int", json!(90)),
            param("ports", "list(port_range)", json!([22, "3000-3010"])),
            param("age", "duration", json!("90d")),
        ];
        let overrides = BTreeMap::from([("days".to_owned(), json!(45))]);
        let params = Params::new(&declared.into(), &overrides).unwrap();
        let expected = json!({"age": "90d", "days": 45, "ports": [22, "3000-3010"]});
        assert_eq!(json!(params.to_json()), expected);
    }

    #[test]
    fn wrong_overrides_are_all_reported() {
        let mut days = param("days", "int", json!(90));
        days.min = Some(1);
        let mut sizes = param("sizes", "list(int)", json!([1]));
        sizes.one_of = vec![Const::Int(1), Const::Int(2)];
        let net = param("net", "cidr", json!("10.0.0.0/8"));
        let found = errors(
            vec![days, sizes, net],
            json!({"days": 0, "sizes": [1, 3], "net": "10.0.0.0/O", "dais": 1}),
        );
        assert_eq!(
            found,
            [
                "there is no parameter `dais`",
                "parameter `days`: 0 is less than the least value, 1",
                "parameter `net`: `10.0.0.0/O` is no address range such as `10.0.0.0/8`",
                "parameter `sizes`: 3 is none of 1, 2",
            ]
        );
    }
}
