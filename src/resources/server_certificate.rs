//! TLS certificates kept in IAM.

use super::account::Account;
use crate::inventory::Time;
use crate::resource;

calls! {
    /// The certificates kept in IAM.
    LIST_SERVER_CERTIFICATES: "iam" "ListServerCertificates"
        needs ["iam:ListServerCertificates"] absent [];
}

resource! {
    /// A TLS certificate that is kept in IAM and not in Certificate Manager.
    pub struct ServerCertificate("AWS::IAM::ServerCertificate", certificate, Account, name)
        from LIST_SERVER_CERTIFICATES
    {
        /// The certificate's name, unique in the account.
        name: String,
        /// The certificate's ARN.
        arn: String,
        /// The certificate's unique id.
        id: String,
        /// The path before the name, `/` by default.
        path: String,
        /// When it was uploaded.
        upload_date: Time,
        /// When it stops being valid.
        expiration: Time,
    }
    relations {
        /// The account.
        account: one Account within Account;
    }
}
