data "aws_caller_identity" "me" {}

# The master key that seals wallets' keys (KMS_URL). Without it no wallet opens: it cannot be deleted by Terraform.
resource "aws_kms_key" "master" {
  description             = "${var.name}: master key of custodial wallets"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "master" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.master.key_id
}

# What is stored: database, its snapshots, files, secrets of the cluster.
resource "aws_kms_key" "storage" {
  description             = "${var.name}: storage"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}
