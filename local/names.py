"""What the embedded AWS calls its things: the account, the cluster, the bucket."""

REGION = "us-east-1"
ACCOUNT = "123456789012"  # moto's
STAGE = "local"
TABLE_PREFIX = f"serverless-openclaw-{STAGE}-"
BUCKET = f"serverless-openclaw-{STAGE}-data"
CLUSTER = f"serverless-openclaw-{STAGE}"
CLUSTER_ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{CLUSTER}"
TASK_DEFINITION_ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/{CLUSTER}:1"
TASK_ARN_PREFIX = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/{CLUSTER}/"
BRIDGE_ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/{CLUSTER}-{REGION}-bridge"
START_ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/{CLUSTER}-start"  # ECS's own
SOCKET_ARN = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{STAGE}/api"  # of the stage that chalice deploys
SUBNET = "subnet-local"
SECURITY_GROUP = "sg-local"
SECRETS = f"/serverless-openclaw/{STAGE}/secrets/"
CLIENT_ID = f"serverless-openclaw-{STAGE}"
OWNER = "owner"  # the laptop's single user

# Nothing of the user's own AWS set-up may leak in: not the profile, not a role; keys are made for each run.
AWS_ENVIRONMENT = {
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "AWS_EC2_METADATA_DISABLED": "true",
}
