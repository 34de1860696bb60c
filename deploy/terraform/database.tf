resource "aws_db_subnet_group" "main" {
  name       = var.name
  subnet_ids = aws_subnet.data[*].id
}

resource "aws_security_group" "database" {
  name   = "${var.name}-database"
  vpc_id = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  security_group_id            = aws_security_group.database.id
  referenced_security_group_id = aws_eks_cluster.main.vpc_config[0].cluster_security_group_id
  from_port                    = 5432
  to_port                      = 5432
  ip_protocol                  = "tcp"
}

resource "aws_db_parameter_group" "main" {
  name_prefix = "${var.name}-"
  family      = "postgres18"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# Two zones; every write is in both. Any second of the last `restore_days` can be restored, beside this one.
resource "aws_db_instance" "primary" {
  identifier                      = "${var.name}-primary"
  engine                          = "postgres"
  engine_version                  = "18"
  instance_class                  = var.database_class
  allocated_storage               = var.database_gigabytes
  max_allocated_storage           = var.database_gigabytes * 4
  storage_type                    = "gp3"
  storage_encrypted               = true
  kms_key_id                      = aws_kms_key.storage.arn
  db_name                         = "tombola"
  username                        = "postgres"
  manage_master_user_password     = true
  master_user_secret_kms_key_id   = aws_kms_key.storage.key_id
  db_subnet_group_name            = aws_db_subnet_group.main.name
  vpc_security_group_ids          = [aws_security_group.database.id]
  parameter_group_name            = aws_db_parameter_group.main.name
  multi_az                        = true
  publicly_accessible             = false
  backup_retention_period         = var.restore_days
  copy_tags_to_snapshot           = true
  deletion_protection             = true
  final_snapshot_identifier       = "${var.name}-final"
  performance_insights_enabled    = true
  enabled_cloudwatch_logs_exports = ["postgresql"]

  lifecycle {
    prevent_destroy = true
  }
}

# For reads; a few milliseconds behind.
resource "aws_db_instance" "replica" {
  identifier                   = "${var.name}-replica"
  replicate_source_db          = aws_db_instance.primary.identifier
  instance_class               = var.database_class
  storage_encrypted            = true
  vpc_security_group_ids       = [aws_security_group.database.id]
  parameter_group_name         = aws_db_parameter_group.main.name
  publicly_accessible          = false
  performance_insights_enabled = true
  skip_final_snapshot          = true
}
