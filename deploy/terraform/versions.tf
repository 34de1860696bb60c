# A reference for AWS: network, database with replica and point-in-time restore, Redis, Kubernetes, key, files.
terraform {
  required_version = ">= 1.9.0, < 2.0.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }

  # State holds addresses and no passwords (RDS keeps its own): give `terraform init -backend-config=…` bucket, key and region.
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { project = var.name }
  }
}
