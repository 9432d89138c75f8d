const cdk = require("aws-cdk-lib");
const s3 = require("aws-cdk-lib/aws-s3");

class Logs extends cdk.Stack {
  constructor(scope, id, stackName) {
    super(scope, id, { stackName });
    new s3.Bucket(this, "Archive");
    this.keep("Audit");
  }

  keep(id) {
    new s3.CfnBucket(this, id);
  }
}

const app = new cdk.App({ context: { "aws:cdk:enable-path-metadata": true }, outdir: "cdk.out" });
new Logs(app, "Logs", "logs");
const stage = new cdk.Stage(app, "Prod");
new Logs(stage, "Stage", "prod-logs");
app.synth();
