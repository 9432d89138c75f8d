//! Launch templates, with the two versions that are used without asking for one by its number.

use super::account::Account;
use super::tag::Tag;
use crate::inventory::Items;
use crate::{part, resource};

calls! {
    /// The launch templates of a region.
    DESCRIBE_LAUNCH_TEMPLATES: "ec2" "DescribeLaunchTemplates"
        needs ["ec2:DescribeLaunchTemplates"] absent [];
    /// The default and the latest version of all launch templates of a region.
    DESCRIBE_LAUNCH_TEMPLATE_VERSIONS: "ec2" "DescribeLaunchTemplateVersions"
        needs ["ec2:DescribeLaunchTemplateVersions"] absent [];
}

part! {
    /// A network interface that a launch template asks for.
    pub struct TemplateInterface("TemplateInterface", shown as device_index) {
        /// Its place among the interfaces of the instance; absent when it is not said.
        device_index: Option<i64>,
        /// Whether it gets a public IPv4 address; absent when the subnet decides.
        associate_public_ip_address: Option<bool>,
    }
}

part! {
    /// A version of a launch template.
    pub struct TemplateVersion("LaunchTemplateVersion", shown as version_number) {
        /// Its number.
        version_number: i64,
        /// Whether it is the version that is used when none is named.
        is_default: bool,
        /// Whether session tokens (IMDSv2) are required; absent when account and image decide.
        #[one_of("optional", "required")]
        http_tokens: Option<String>,
        /// Whether the metadata service is reachable; absent when account and image decide.
        #[one_of("enabled", "disabled")]
        http_endpoint: Option<String>,
        /// The network interfaces it asks for.
        network_interfaces: Items<TemplateInterface>,
    }
}

resource! {
    /// A launch template.
    pub struct LaunchTemplate("AWS::EC2::LaunchTemplate", template, Region, id)
        from DESCRIBE_LAUNCH_TEMPLATES
    {
        /// The template's id.
        id: String,
        /// Its name, unique in its account and region.
        name: String,
        /// The number of the version that is used when none is named.
        default_version_number: i64,
        /// The number of the newest version.
        latest_version_number: i64,
        /// Its tags.
        tags: Items<Tag>,
        /// The default and the latest version, once where they are the same.
        versions: Items<TemplateVersion> => DESCRIBE_LAUNCH_TEMPLATE_VERSIONS,
    }
    relations {
        /// The account.
        account: one Account within Account;
    }
}
