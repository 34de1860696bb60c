"""The dashboards of deploy/grafana on a running local system, with a real Prometheus."""
