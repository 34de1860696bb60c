variable "name" {
  description = "Begins every resource's name; also its tag."
  type        = string
  default     = "tombola"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}$", var.name))
    error_message = "Use 2 to 21 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "region" {
  description = "Where everything is."
  type        = string
  default     = "eu-central-1"
}

variable "cidr" {
  description = "Addresses of the network, a /16."
  type        = string
  default     = "10.20.0.0/16"
}

variable "zones" {
  description = "How many availability zones are used: 3 survive the loss of one."
  type        = number
  default     = 3

  validation {
    condition     = var.zones >= 2 && var.zones <= 3
    error_message = "Use 2 or 3 zones."
  }
}

variable "database_class" {
  description = "Size of primary and replica; docs/capacity.md says what each carries."
  type        = string
  default     = "db.m7g.large"
}

variable "database_gigabytes" {
  description = "Storage at the start; it grows by itself to four times that."
  type        = number
  default     = 100
}

variable "restore_days" {
  description = "How far back the database can be set to a second (1 to 35)."
  type        = number
  default     = 14

  validation {
    condition     = var.restore_days >= 1 && var.restore_days <= 35
    error_message = "RDS keeps 1 to 35 days."
  }
}

variable "cache_class" {
  description = "Size of each of the two Redis nodes."
  type        = string
  default     = "cache.t4g.small"
}

variable "kubernetes_version" {
  description = "Version of the cluster."
  type        = string
  default     = "1.34"
}

variable "node_type" {
  description = "Size of a node."
  type        = string
  default     = "m7i.large"
}

variable "nodes" {
  description = "Fewest and most nodes."
  type        = object({ min = number, max = number })
  default     = { min = 3, max = 10 }
}

variable "operators_cidrs" {
  description = "From where the cluster's API may be reached; nowhere by default, then only from inside."
  type        = list(string)
  default     = []
}
