//! The users and roles of an inventory with the policies that decide about their requests.

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::nearest;
use crate::iam::document::{Document, Kind};
use crate::iam::evaluate::PolicySet;
use crate::iam::principal::Caller;
use crate::inventory::{Coverage, Inventory, Record, View};
use crate::resources::iam_role::Role;
use crate::resources::iam_user::User;
use crate::resources::kleene::{Answer, elements, optional, reach, required};

/// A user, a role, or somebody else who makes requests.
#[derive(Debug, Clone)]
pub struct Principal {
    /// Who calls.
    pub caller: Caller,
    /// How the principal is called: its ARN, `anonymous`, or the name of a service.
    pub name: String,
    /// Its ARN as `aws:PrincipalArn` shows it, where there is one.
    pub arn: Option<String>,
    /// Its own policies and those of its groups.
    pub identity: PolicySet,
    /// What each document of `identity` is called.
    pub sources: Vec<String>,
    /// Its permissions boundary.
    pub boundary: Option<PolicySet>,
    /// The trust policy of a role; nothing where it could not be read.
    pub trust: Option<Arc<Document>>,
    /// Its tags, as far as they are known.
    pub tags: Vec<(String, String)>,
    /// The ARNs of its groups, if they are known.
    pub groups: Option<Vec<String>>,
    /// The ARNs of its customer managed policies, if they are known.
    pub managed: Option<Vec<String>>,
}

impl Principal {
    /// Somebody without policies of whom nothing more is known.
    pub fn stranger(caller: Caller, name: &str) -> Self {
        Self {
            arn: name.starts_with("arn:").then(|| name.to_owned()),
            caller,
            name: name.to_owned(),
            identity: PolicySet::default(),
            sources: Vec::new(),
            boundary: None,
            trust: None,
            tags: Vec::new(),
            groups: None,
            managed: None,
        }
    }

    /// The account it belongs to.
    pub fn account(&self) -> Option<&str> {
        self.caller.account()
    }
}

/// A principal that is not in the inventory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NoPrincipal {
    message: String,
    /// What may be meant.
    pub help: Option<String>,
}

/// The users and roles of an inventory, sorted by ARN.
pub struct Principals<'a> {
    inventory: &'a Inventory,
    /// The users and roles.
    pub list: Vec<Principal>,
    /// Why there may be more, by account.
    pub missing: Vec<String>,
}

impl<'a> Principals<'a> {
    /// Reads all users and roles.
    pub fn of(inventory: &'a Inventory) -> Self {
        let mut reader = Reader::default();
        let mut list = Vec::new();
        for record in [User::record(), Role::record()] {
            for entry in inventory.resources(record) {
                list.extend(reader.principal(&inventory.view(entry)));
            }
        }
        list.sort_by(|a, b| a.name.cmp(&b.name));
        let mut missing = Vec::new();
        for account in &inventory.accounts {
            for (record, what) in [(User::record(), "users"), (Role::record(), "roles")] {
                match inventory.coverage(record, &account.id, None) {
                    Some(Coverage::Whole) => {}
                    Some(Coverage::Cut(reason)) => {
                        missing.push(format!("{what} of {}: {reason}", account.id));
                    }
                    None => missing.push(format!("{what} of {} were not read", account.id)),
                }
            }
        }
        Self { inventory, list, missing }
    }

    /// A principal by ARN (of a user, role, session or root user), `anonymous`, the name of a
    /// service, or by `user/NAME`, `role/NAME` or `NAME` where only one has it.
    ///
    /// # Errors
    /// Nobody of an account that was read has that name, or several do.
    pub fn find(&self, text: &str) -> Result<Principal, NoPrincipal> {
        if let Some(caller) = Caller::parse(text) {
            return self.called(caller, text);
        }
        let fits = |principal: &&Principal| {
            let resource = principal.name.splitn(6, ':').nth(5).unwrap_or_default();
            let (kind, path) = resource.split_once('/').unwrap_or_default();
            let name = path.rsplit('/').next().unwrap_or_default();
            text == resource || text == path || text == name || text == format!("{kind}/{name}")
        };
        let found: Vec<&Principal> = self.list.iter().filter(fits).collect();
        match found.as_slice() {
            [only] => Ok((*only).clone()),
            [] => Err(self.unknown(text)),
            [first, ..] => Err(NoPrincipal {
                message: format!("`{text}` names {} principals", found.len()),
                help: Some(format!("give the ARN, such as `{}`", first.name)),
            }),
        }
    }

    fn called(&self, caller: Caller, text: &str) -> Result<Principal, NoPrincipal> {
        let stranger = Principal::stranger(caller.clone(), text);
        let Some(account) = caller.account() else { return Ok(stranger) };
        let own = |principal: &&Principal| match (&caller, &principal.caller) {
            (Caller::Session { account, role, .. }, Caller::Role { account: own, name, .. }) => {
                account == own && role == name
            }
            (called, own) => called == own,
        };
        if let Some(found) = self.list.iter().find(own) {
            return Ok(Principal { caller, name: text.to_owned(), ..found.clone() });
        }
        let scanned = self.inventory.account(account);
        let record = match caller {
            Caller::Root(_) => return Ok(stranger),
            Caller::User { .. } | Caller::FederatedUser { .. } => User::record(),
            _ => Role::record(),
        };
        let unknown = match scanned.map(|it| self.inventory.coverage(record, &it.id, None)) {
            Some(Some(Coverage::Whole)) if !matches!(caller, Caller::FederatedUser { .. }) => {
                return Err(self.unknown(text));
            }
            Some(_) => format!("`{text}` was not read"),
            None => format!("the account {account} is not in the snapshot"),
        };
        let identity = PolicySet::unknown(&unknown);
        Ok(Principal { identity, boundary: Some(PolicySet::unknown(&unknown)), ..stranger })
    }

    fn unknown(&self, text: &str) -> NoPrincipal {
        let names = self.list.iter().map(|principal| principal.name.as_str());
        let short = |name: &'_ str| name.rsplit('/').next().unwrap_or_default().to_owned();
        let near = nearest(text, names.clone()).map(str::to_owned).or_else(|| {
            let shorts: Vec<String> = names.map(short).collect();
            nearest(text, shorts.iter().map(String::as_str)).map(str::to_owned)
        });
        NoPrincipal {
            message: format!("there is no principal `{text}` in the snapshot"),
            help: near.map(|near| format!("did you mean `{near}`?")),
        }
    }
}

/// Reads policies, each text once.
#[derive(Default)]
pub struct Reader<'a> {
    parsed: HashMap<(&'a str, &'static str), Result<Arc<Document>, String>>,
}

impl<'a> Reader<'a> {
    /// A user or role; nothing if not even its ARN is known.
    pub fn principal(&mut self, view: &View<'a>) -> Option<Principal> {
        let arn = required(view.text("arn")).ok()?;
        let caller = Caller::parse(arn)?;
        let is_role = matches!(caller, Caller::Role { .. });
        let mut set = Collected::default();
        self.policies(view, "", &mut set);
        let mut groups = Some(Vec::new());
        if !is_role {
            let reached = reach(*view, &["groups"]);
            if !reached.missing.is_empty() {
                groups = None;
            }
            set.missing.extend(reached.missing.iter().map(ToString::to_string));
            for group in &reached.known {
                let name = required(group.text("name")).unwrap_or("?");
                self.policies(group, &format!(" of group {name}"), &mut set);
                match (required(group.text("arn")), &mut groups) {
                    (Ok(arn), Some(groups)) => groups.push(arn.to_owned()),
                    (Ok(_) | Err(_), _) => groups = None,
                }
            }
        }
        let boundary = match optional(view.part("permissions_boundary")) {
            Ok(None) => None,
            Ok(Some(policy)) => Some(match self.document(&policy, Kind::Boundary) {
                Ok(document) => PolicySet::new(vec![document]),
                Err(why) => PolicySet::unknown(&why),
            }),
            Err(reason) => Some(PolicySet::unknown(&reason.to_string())),
        };
        let trust = is_role.then(|| required(view.text("assume_role_policy_document")));
        let trust = trust.and_then(Answer::ok).and_then(|text| self.parse(text, Kind::Trust).ok());
        let managed = set.missing.is_empty().then(|| std::mem::take(&mut set.managed));
        Some(Principal {
            caller,
            name: arn.to_owned(),
            arn: Some(arn.to_owned()),
            identity: set.policies(),
            sources: set.sources,
            boundary,
            trust,
            tags: tags(view),
            groups,
            managed,
        })
    }

    /// The attached and inline policies of a user, group or role.
    fn policies(&mut self, holder: &View<'a>, whose: &str, set: &mut Collected) {
        for (field, what) in [("attached_policies", "policy"), ("inline_policies", "inline policy")]
        {
            let reached = reach(*holder, &[field]);
            set.missing.extend(reached.missing.iter().map(ToString::to_string));
            for policy in &reached.known {
                let name = required(policy.text("name")).unwrap_or("?");
                let source = format!("{what} {name}{whose}");
                if field == "attached_policies"
                    && let Ok(arn) = required(policy.text("arn"))
                    && !arn.contains(":iam::aws:")
                {
                    set.managed.push(arn.to_owned());
                }
                match self.document(policy, Kind::Identity) {
                    Ok(document) => {
                        set.documents.push(document);
                        set.sources.push(source);
                    }
                    Err(why) => set.missing.push(format!("{source}: {why}")),
                }
            }
        }
    }

    fn document(&mut self, policy: &View<'a>, kind: Kind) -> Result<Arc<Document>, String> {
        match required(policy.text("document")) {
            Ok(text) => self.parse(text, kind),
            Err(reason) => Err(reason.to_string()),
        }
    }

    fn parse(&mut self, text: &'a str, kind: Kind) -> Result<Arc<Document>, String> {
        let parsed = self.parsed.entry((text, kind.name())).or_insert_with(|| {
            Document::parse(text, kind).map(Arc::new).map_err(|error| error.to_string())
        });
        parsed.clone()
    }
}

#[derive(Default)]
struct Collected {
    documents: Vec<Arc<Document>>,
    sources: Vec<String>,
    managed: Vec<String>,
    missing: Vec<String>,
}

impl Collected {
    fn policies(&mut self) -> PolicySet {
        let set = PolicySet::new(std::mem::take(&mut self.documents));
        match self.missing.first() {
            Some(reason) => set.with_missing(reason),
            None => set,
        }
    }
}

fn tags(view: &View<'_>) -> Vec<(String, String)> {
    let mut tags = Vec::new();
    for tag in elements(view.parts("tags")).known {
        if let (Ok(key), Ok(value)) = (required(tag.text("key")), required(tag.text("value"))) {
            tags.push((key.to_owned(), value.to_owned()));
        }
    }
    tags
}
