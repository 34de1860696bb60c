"""From a request to its transaction's hash: one id in every log line, and spans of the same trace where they are wanted.

`traceparent` says which request something belongs to, and is imported everywhere; `spans` makes spans, and does nothing
unless OTEL_EXPORTER_OTLP_ENDPOINT is set; only `exporting` knows OpenTelemetry, and only then it is imported.
"""
