"""What the web app needs to know about this deployment."""
