output "cluster" {
  description = "For `aws eks update-kubeconfig --name …`."
  value       = aws_eks_cluster.main.name
}

output "database" {
  description = "Host of DATABASE_URL."
  value       = aws_db_instance.primary.address
}

output "database_replica" {
  description = "Host of READ_DATABASE_URL: a replica that answers what everybody may read."
  value       = aws_db_instance.replica.address
}

output "database_secret" {
  description = "Where the password of the user `postgres` is; use it to make the roles `listener` and `backend`."
  value       = aws_db_instance.primary.master_user_secret[0].secret_arn
}

output "redis_url" {
  description = "REDIS_URL"
  value       = "rediss://${aws_elasticache_replication_group.main.primary_endpoint_address}:6379/0"
}

output "kms_url" {
  description = "KMS_URL"
  value       = "awskms:///${aws_kms_alias.master.name}?region=${var.region}"
}

output "files_url" {
  description = "FILES_URL"
  value       = "s3://${aws_s3_bucket.files.bucket}/production?region=${var.region}"
}
