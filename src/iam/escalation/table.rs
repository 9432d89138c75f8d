//! The table of methods, `data/escalation.tsv`, and what its columns mean.
//!
//! `id` names a method; `class` says what it leads to; `steps` lists the requests it takes, each as
//! `service:Action@target`; `passed_to` lists the services that a role is passed to; `needs` says
//! what must exist; `retired` says why a method no longer works. Two steps with the same target are
//! about the same resource, except `any`, which stands for some resource of the action's service.

use std::sync::LazyLock;

use super::super::data;

/// A way from a set of permissions to more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    /// Stable name; those of pathfinding.cloud where it has the method.
    pub id: &'static str,
    /// What the method leads to.
    pub class: Class,
    /// The requests that it takes.
    pub steps: Vec<Step>,
    /// The services that a role is passed to; one of them suffices.
    pub passed_to: Vec<&'static str>,
    /// What must exist, in words.
    pub needs: Option<&'static str>,
    /// Why it no longer works.
    pub retired: Option<&'static str>,
}

/// What a method leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// More permissions for the principal itself.
    Own,
    /// The credentials of another user or role.
    Access,
    /// A role passed to something new.
    PassRole,
    /// A role of something that exists.
    Existing,
}

/// A request that a method takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// `service:Action` in the usual spelling.
    pub action: &'static str,
    /// What it is done to.
    pub target: Target,
    /// Whether the action has no resources, so that only `*` grants it.
    pub wildcard_only: bool,
}

/// What a step is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// The user who makes the request.
    OwnUser,
    /// The role that makes the request.
    OwnRole,
    /// A group that the user is in.
    OwnGroup,
    /// A customer managed policy that applies to the principal.
    OwnPolicy,
    /// A group that the user is not in.
    JoinedGroup,
    /// Another user.
    OtherUser,
    /// Another role, which is then assumed.
    OtherRole,
    /// A customer managed policy that is attached to that role.
    RolePolicy,
    /// A role that is passed to a service.
    PassedRole,
    /// A user that does not exist yet.
    NewUser,
    /// A role that does not exist yet.
    NewRole,
    /// A group that does not exist yet.
    NewGroup,
    /// A Lambda function.
    Function,
    /// An EC2 instance.
    Instance,
    /// A machine image.
    Image,
    /// A subnet.
    Subnet,
    /// A launch template.
    LaunchTemplate,
    /// A node that Systems Manager manages.
    ManagedNode,
    /// A document of Systems Manager.
    Document,
    /// A SageMaker notebook instance.
    Notebook,
    /// A state machine.
    StateMachine,
    /// A CodeBuild project.
    Project,
    /// A CloudFormation stack.
    Stack,
    /// Some resource of the action's service.
    Any,
}

/// The targets with their names in the table and their ARNs, where `{p}` is the partition and `{a}`
/// the account.
const TARGETS: &[(Target, &str, &[&str])] = &[
    (Target::OwnUser, "own-user", USER),
    (Target::OwnRole, "own-role", ROLE),
    (Target::OwnGroup, "own-group", GROUP),
    (Target::OwnPolicy, "own-policy", POLICY),
    (Target::JoinedGroup, "joined-group", GROUP),
    (Target::OtherUser, "other-user", USER),
    (Target::OtherRole, "other-role", ROLE),
    (Target::RolePolicy, "role-policy", POLICY),
    (Target::PassedRole, "passed-role", ROLE),
    (Target::NewUser, "new-user", USER),
    (Target::NewRole, "new-role", ROLE),
    (Target::NewGroup, "new-group", GROUP),
    (Target::Function, "function", &["arn:{p}:lambda:?*:{a}:function:?*"]),
    (Target::Instance, "instance", &["arn:{p}:ec2:?*:{a}:instance/?*"]),
    (Target::Image, "image", &["arn:{p}:ec2:?*::image/?*"]),
    (Target::Subnet, "subnet", &["arn:{p}:ec2:?*:{a}:subnet/?*"]),
    (Target::LaunchTemplate, "launch-template", &["arn:{p}:ec2:?*:{a}:launch-template/?*"]),
    (
        Target::ManagedNode,
        "managed-node",
        &["arn:{p}:ec2:?*:{a}:instance/?*", "arn:{p}:ssm:?*:{a}:managed-instance/?*"],
    ),
    (
        Target::Document,
        "document",
        &["arn:{p}:ssm:?*:{a}:document/?*", "arn:{p}:ssm:?*::document/?*"],
    ),
    (Target::Notebook, "notebook", &["arn:{p}:sagemaker:?*:{a}:notebook-instance/?*"]),
    (Target::StateMachine, "state-machine", &["arn:{p}:states:?*:{a}:stateMachine:?*"]),
    (Target::Project, "project", &["arn:{p}:codebuild:?*:{a}:project/?*"]),
    (Target::Stack, "stack", &["arn:{p}:cloudformation:?*:{a}:stack/?*"]),
    (Target::Any, "any", &[]),
];

const USER: &[&str] = &["arn:{p}:iam::{a}:user/?*"];
const ROLE: &[&str] = &["arn:{p}:iam::{a}:role/?*"];
const GROUP: &[&str] = &["arn:{p}:iam::{a}:group/?*"];
const POLICY: &[&str] = &["arn:{p}:iam::{a}:policy/?*"];

impl Target {
    /// ARNs with `{p}` for the partition and `{a}` for the account; none for [`Target::Any`].
    pub(super) fn templates(self) -> &'static [&'static str] {
        TARGETS.iter().find(|(own, ..)| *own == self).map_or(&[], |(_, _, templates)| templates)
    }

    fn parse(name: &str) -> Option<Self> {
        TARGETS.iter().find(|(_, own, _)| *own == name).map(|(target, ..)| *target)
    }
}

impl Method {
    /// Whether only a user can use it on itself.
    #[must_use]
    pub fn needs_user(&self) -> bool {
        self.steps.iter().any(|step| match step.target {
            Target::OwnUser | Target::OwnGroup | Target::JoinedGroup | Target::NewGroup => true,
            Target::OwnRole
            | Target::OwnPolicy
            | Target::OtherUser
            | Target::OtherRole
            | Target::RolePolicy
            | Target::PassedRole
            | Target::NewUser
            | Target::NewRole
            | Target::Function
            | Target::Instance
            | Target::Image
            | Target::Subnet
            | Target::LaunchTemplate
            | Target::ManagedNode
            | Target::Document
            | Target::Notebook
            | Target::StateMachine
            | Target::Project
            | Target::Stack
            | Target::Any => false,
        })
    }

    /// Whether only a role can use it on itself.
    #[must_use]
    pub fn needs_role(&self) -> bool {
        self.is_about(Target::OwnRole)
    }

    /// Whether a step is done to such a target.
    pub(super) fn is_about(&self, target: Target) -> bool {
        self.steps.iter().any(|step| step.target == target)
    }

    /// Whether it takes a real subset of the other method's actions.
    pub(super) fn takes_less_than(&self, other: &Self) -> bool {
        let mine: Vec<&str> = self.steps.iter().map(|step| step.action).collect();
        let theirs: Vec<&str> = other.steps.iter().map(|step| step.action).collect();
        mine.iter().all(|action| theirs.contains(action))
            && theirs.iter().any(|action| !mine.contains(action))
    }
}

/// Every method, those on the principal itself first.
pub static METHODS: LazyLock<Vec<Method>> = LazyLock::new(|| {
    let lines = include_str!("../data/escalation.tsv").lines();
    lines.filter(|line| !line.starts_with(['#', '\n'])).skip(1).filter_map(method).collect()
});

/// A line of the table; the tests see that each one is a method.
fn method(line: &'static str) -> Option<Method> {
    let mut fields = line.split('\t');
    let mut field = || fields.next();
    let optional = |text: &'static str| (text != "-").then_some(text);
    let id = field()?;
    let class = match field()? {
        "self" => Class::Own,
        "access" => Class::Access,
        "pass" => Class::PassRole,
        "existing" => Class::Existing,
        _ => return None,
    };
    let steps = field()?.split(' ').map(|step| {
        let (action, target) = step.split_once('@')?;
        let wildcard_only = data::wildcard_only(action) == Some(true);
        Some(Step { action, target: Target::parse(target)?, wildcard_only })
    });
    let steps = steps.collect::<Option<Vec<Step>>>()?;
    let passed_to =
        optional(field()?).map(|list| list.split(',').collect::<Vec<_>>()).unwrap_or_default();
    let (needs, retired) = (optional(field()?), optional(field()?));
    Some(Method { id, class, steps, passed_to, needs, retired })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_is_a_method_and_every_id_its_own() {
        let lines = include_str!("../data/escalation.tsv").lines();
        let rows = lines.filter(|line| !line.starts_with('#')).count() - 1;
        assert_eq!(METHODS.len(), rows);
        assert!(rows >= 79);
        let ids: BTreeSet<&str> = METHODS.iter().map(|method| method.id).collect();
        assert_eq!(ids.len(), rows);
    }

    #[test]
    fn every_action_exists_or_its_method_is_retired() {
        for method in METHODS.iter() {
            let missing = method
                .steps
                .iter()
                .find(|step| data::action_exists(step.action).then_some(()).is_none());
            match (missing, method.retired) {
                (Some(step), None) => panic!("{}: {} does not exist", method.id, step.action),
                (None, Some(_)) => panic!("{} is retired, but all its actions exist", method.id),
                (Some(_), Some(_)) | (None, None) => {}
            }
            for step in &method.steps {
                let spelled = data::action(step.action).map(|action| action.name);
                assert!(spelled.is_none_or(|name| name == step.action), "{spelled:?}");
                assert!(
                    step.target == Target::Any || data::wildcard_only(step.action) != Some(true),
                    "{} has no resources, so that its target cannot be {:?}",
                    step.action,
                    step.target
                );
            }
        }
    }

    #[test]
    fn roles_are_passed_to_some_service_exactly_where_a_step_passes_one() {
        for method in METHODS.iter() {
            let passes = method.steps.iter().any(|step| step.action == "iam:PassRole");
            assert_eq!(passes, !method.passed_to.is_empty(), "{}", method.id);
        }
    }
}
