"""The embedded AWS: DynamoDB, S3 and SSM by moto with a durable store, and ECS whose tasks are processes."""
