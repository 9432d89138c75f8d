//! A Terraform state, of version 4 or as `terraform show -json` prints it.
//!
//! States hold passwords and keys. The reader keeps type, name, module, id and ARN of managed
//! resources and skips everything else without storing it; its errors tell a place and no value.

use std::collections::BTreeSet;
use std::io::Read;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{IacError, address};
use crate::aws::Arn;

/// The managed resources of a state.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct State {
    pub(super) resources: Vec<Managed>,
}

/// A resource of the configuration with its instances.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Managed {
    /// The modules that it is in, the outermost first.
    pub(super) modules: Vec<String>,
    /// Its Terraform type.
    pub(super) kind: String,
    /// Its name.
    pub(super) name: String,
    pub(super) instances: Vec<Instance>,
}

/// What one instance is called where it lives.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Instance {
    #[serde(default, deserialize_with = "word")]
    pub(super) id: Option<String>,
    #[serde(default, deserialize_with = "word")]
    pub(super) arn: Option<String>,
}

impl State {
    /// Reads a state.
    ///
    /// # Errors
    /// When it is none, or of a version that is not known.
    pub fn read(reader: impl Read) -> Result<Self, IacError> {
        let file: File = serde_json::from_reader(reader).map_err(|error| IacError::NotState {
            line: error.line().max(1),
            column: error.column().max(1),
        })?;
        match file {
            File { version: Some(4), resources: Some(resources), .. } => {
                let managed = resources.into_iter().filter(|it| it.mode == "managed");
                Ok(Self { resources: managed.map(Managed::from).collect() })
            }
            File { version: Some(4), .. } => Ok(Self::default()),
            File { version: Some(version), .. } => Err(IacError::StateVersion(version)),
            File { values: Some(values), .. } => {
                let mut resources = Vec::new();
                values.root_module.add_to(&mut resources);
                Ok(Self { resources })
            }
            // `terraform show -json` of an empty state.
            File { format_version: Some(_), .. } => Ok(Self::default()),
            File { .. } => Err(IacError::NotState { line: 1, column: 1 }),
        }
    }

    /// The accounts that the ARNs in the state name.
    pub(super) fn accounts(&self) -> BTreeSet<String> {
        let arns = self.resources.iter().flat_map(|it| &it.instances).filter_map(|it| {
            let arn: Arn = it.arn.as_deref()?.parse().ok()?;
            Some(arn.account().to_owned()).filter(|account| !account.is_empty() && account != "aws")
        });
        arns.collect()
    }
}

#[derive(Deserialize)]
struct File {
    version: Option<u64>,
    resources: Option<Vec<ResourceV4>>,
    format_version: Option<IgnoredAny>,
    values: Option<Values>,
}

#[derive(Deserialize)]
struct ResourceV4 {
    #[serde(default)]
    module: String,
    mode: String,
    r#type: String,
    name: String,
    #[serde(default)]
    instances: Vec<InstanceV4>,
}

#[derive(Deserialize)]
struct InstanceV4 {
    #[serde(default)]
    attributes: Option<Instance>,
}

impl From<ResourceV4> for Managed {
    fn from(resource: ResourceV4) -> Self {
        Self {
            modules: address::modules(&resource.module),
            kind: resource.r#type,
            name: resource.name,
            instances: resource.instances.into_iter().filter_map(|it| it.attributes).collect(),
        }
    }
}

#[derive(Deserialize)]
struct Values {
    #[serde(default)]
    root_module: Module,
}

#[derive(Default, Deserialize)]
struct Module {
    #[serde(default)]
    address: String,
    #[serde(default)]
    resources: Vec<Shown>,
    #[serde(default)]
    child_modules: Vec<Module>,
}

/// An instance, as `show -json` lists them.
#[derive(Deserialize)]
struct Shown {
    mode: String,
    r#type: String,
    name: String,
    values: Option<Instance>,
}

impl Module {
    fn add_to(self, resources: &mut Vec<Managed>) {
        let modules = address::modules(&self.address);
        for shown in self.resources.into_iter().filter(|it| it.mode == "managed") {
            resources.push(Managed {
                modules: modules.clone(),
                kind: shown.r#type,
                name: shown.name,
                instances: shown.values.into_iter().collect(),
            });
        }
        self.child_modules.into_iter().for_each(|module| module.add_to(resources));
    }
}

/// A text that is there, of at most the length that ids have; anything else is nothing.
fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    struct Word;

    impl<'de> Visitor<'de> for Word {
        type Value = Option<String>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("anything")
        }

        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Some(text).filter(|it| !it.is_empty() && it.len() <= 2_048).map(str::to_owned))
        }

        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            Ok(None)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(None)
        }
    }

    deserializer.deserialize_any(Word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<State, IacError> {
        State::read(text.as_bytes())
    }

    const V4: &str = r#"{"version": 4, "serial": 1, "outputs": {"password": {"value": "hunter2"}},
      "resources": [
        {"mode": "data", "type": "aws_ami", "name": "x", "instances": []},
        {"module": "module.net[0]", "mode": "managed", "type": "aws_vpc", "name": "main",
         "provider": "p", "instances": [
          {"index_key": 0, "attributes": {"id": "vpc-1", "secret": "hunter2",
           "arn": "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1", "list": [{"a": null}]}},
          {"index_key": 1, "attributes": {"id": 7, "arn": {"x": ["hunter2"]}}},
          {"index_key": 2, "attributes_flat": {"id": "old"}}
        ]}
      ]}"#;

    #[test]
    fn a_state_keeps_names_and_nothing_else() {
        let state = read(V4).unwrap();
        assert!(!format!("{state:?}").contains("hunter2"));
        let [vpc] = state.resources.as_slice() else { panic!("{state:?}") };
        assert_eq!(
            (vpc.modules.join("."), &*vpc.kind, &*vpc.name),
            ("net".into(), "aws_vpc", "main")
        );
        assert_eq!(vpc.instances.len(), 2);
        assert_eq!(vpc.instances[0].id.as_deref(), Some("vpc-1"));
        assert_eq!(vpc.instances[1], Instance::default());
        assert_eq!(state.accounts(), BTreeSet::from(["111122223333".to_owned()]));
    }

    #[test]
    fn show_json_is_read_as_well() {
        let state = read(
            r#"{"format_version": "1.0", "terraform_version": "1.9", "values": {"root_module": {
              "resources": [{"address": "aws_s3_bucket.a", "mode": "managed", "type": "aws_s3_bucket",
                "name": "a", "values": {"id": "logs"}, "sensitive_values": {}}],
              "child_modules": [{"address": "module.net[0]", "child_modules": [
                {"address": "module.net[0].module.sub[\"x\"]", "resources": [
                  {"mode": "managed", "type": "aws_vpc", "name": "v", "index": 1, "values": {"id": "vpc-2"}}]}]}]}}}"#,
        );
        let resources = state.unwrap().resources;
        let names: Vec<String> =
            resources.iter().map(|it| format!("{:?} {}", it.modules, it.kind)).collect();
        assert_eq!(names, ["[] aws_s3_bucket", "[\"net\", \"sub\"] aws_vpc"]);
    }

    #[test]
    fn what_is_no_state_is_an_error_that_tells_no_value() {
        for text in
            ["", "x", "[]", "{}", r#"{"resources": []}"#, r#"{"encrypted_data": "hunter2"}"#]
        {
            assert!(matches!(read(text), Err(IacError::NotState { .. })), "{text}");
        }
        let error = read("{\"version\": 4,\n \"resources\": \"hunter2\"}").unwrap_err();
        assert!(error.to_string().starts_with("2:") && !error.to_string().contains("hunter2"));
        assert_eq!(read(r#"{"version": 3, "modules": []}"#), Err(IacError::StateVersion(3)));
        assert_eq!(read(r#"{"version": 4}"#), Ok(State::default()));
        let deep = format!("{{\"version\":4,\"x\":{}", "[".repeat(200_000));
        assert!(read(&deep).is_err());
        let modules = "{\"child_modules\":[".repeat(5_000);
        assert!(read(&format!("{{\"values\":{{\"root_module\":{modules}")).is_err());
    }
}
