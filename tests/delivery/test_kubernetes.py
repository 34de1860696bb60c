"""The manifests: by Kubernetes' own schemas, and what they name is there. No cluster: docs/delivery.md says so."""

import re
import subprocess
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from itertools import product
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.support.processes import ROOT
from tools.configuration.page import sections

FOLDER = ROOT / "deploy" / "kubernetes"
PROCESSES = {"api", "worker", "sender", "keeper", "listener"}
BASE = yaml.safe_load((FOLDER / "base" / "kustomization.yaml").read_text())
PLACE = yaml.safe_load((FOLDER / "example" / "kustomization.yaml").read_text())


@cache
def objects() -> list[dict[str, Any]]:
    return [
        one for name in BASE["resources"] for one in yaml.safe_load_all((FOLDER / "base" / name).read_text())
    ]


@cache
def backup() -> dict[str, dict[str, Any]]:
    """What the component for a PostgreSQL of one's own adds, by kind."""
    (name,) = yaml.safe_load((FOLDER / "backup" / "kustomization.yaml").read_text())["resources"]
    found = list(yaml.safe_load_all((FOLDER / "backup" / name).read_text()))
    return {one["kind"]: one for one in found}


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in objects() if one["kind"] == kind}


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for one in objects():
        if one["kind"] in ("Deployment", "Job"):
            yield one["metadata"]["name"], one["spec"]["template"]["spec"]


def test_every_file__is_in_the_kustomization() -> None:
    files = {path.name for path in (FOLDER / "base").glob("*.yaml")} - {"kustomization.yaml"}
    assert set(BASE["resources"]) == files
    assert len(BASE["resources"]) == len(files)
    assert (FOLDER / "example" / PLACE["resources"][0]).resolve() == FOLDER / "base"


@pytest.mark.parametrize("version", ["1.31", "1.34"])
def test_objects__are_what_kubernetes_takes(version: str) -> None:
    for one in (*objects(), *backup().values()):
        kubernetes_validate.validate(one, version, strict=True)
    wrong = deepcopy(of_kind("Deployment")["api"])
    wrong["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError, match="readynessProbe"):
        kubernetes_validate.validate(wrong, version, strict=True)


def test_every_process__runs_without_rights__with_limits_probes_and_room_to_end() -> None:
    assert of_kind("Deployment").keys() == PROCESSES
    for name, pod in pods():
        assert pod["securityContext"]["runAsNonRoot"], name
        assert pod["automountServiceAccountToken"] is False
        (container,) = pod["containers"]
        assert _is_confined(container), name
        if name in PROCESSES:
            assert {"startupProbe", "livenessProbe"} <= container.keys()
            assert pod["terminationGracePeriodSeconds"] >= 40
    api = of_kind("Deployment")["api"]["spec"]
    probes = api["template"]["spec"]["containers"][0]
    # Alive is not ready: a database that is away must not restart all processes.
    assert (probes["livenessProbe"]["httpGet"]["path"], probes["readinessProbe"]["httpGet"]["path"]) == (
        "/healthz",
        "/readyz",
    )
    assert "replicas" not in api, "the HorizontalPodAutoscaler says how many"
    assert all(
        one["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
        for one in of_kind("Deployment").values()
    )


def test_backup__is_one__confined__keeps_what_it_wrote__and_its_settings_exist() -> None:
    deployment, pod = backup()["Deployment"]["spec"], backup()["Deployment"]["spec"]["template"]["spec"]
    assert (deployment["replicas"], deployment["strategy"]) == (1, {"type": "Recreate"})
    assert all(_is_confined(container) for container in pod["containers"])
    saver, exporter = pod["containers"]
    assert saver["image"] in {one["name"] for one in PLACE["images"]}
    known = {one.name: one for settings in sections().values() for one in settings}
    told = {one["name"]: one["value"] for one in saver["env"]}
    assert told.keys() <= known.keys()
    kept = {one["mountPath"]: one["name"] for one in saver["volumeMounts"]}
    volumes = {one["name"]: one for one in pod["volumes"]}
    claim = volumes[kept["/" + told["BACKUP_DIR"].split("/")[1]]]["persistentVolumeClaim"]["claimName"]
    assert claim == backup()["PersistentVolumeClaim"]["metadata"]["name"]
    shown = {one["name"] for one in exporter["volumeMounts"]}
    assert kept["/" + told["BACKUP_METRICS_FILE"].split("/")[1]] in shown
    first = {"tombola/step": "first"}.items()
    assert all(first <= one["metadata"]["labels"].items() for one in backup().values()), "for release.sh"


def _is_confined(container: dict[str, Any]) -> bool:
    rights = container["securityContext"]
    return (
        rights["readOnlyRootFilesystem"]
        and not rights["allowPrivilegeEscalation"]
        and rights["capabilities"] == {"drop": ["ALL"]}
        and container["resources"]["limits"].keys() == {"memory"}
    )


def test_names__all_lead_to_something() -> None:
    maps = {one["name"] for one in PLACE["configMapGenerator"]}
    accounts, deployments = of_kind("ServiceAccount").keys(), of_kind("Deployment")
    for _, pod in pods():
        (container,) = pod["containers"]
        assert pod["serviceAccountName"] in accounts
        assert {one["configMapRef"]["name"] for one in container["envFrom"]} <= maps
        assert {one["configMap"]["name"] for one in pod["volumes"] if "configMap" in one} <= maps
        assert {one["name"] for one in container["volumeMounts"]} == {one["name"] for one in pod["volumes"]}
        assert container["image"] == PLACE["images"][0]["name"]
        ports = {one["name"] for one in container.get("ports", ())}
        probes = [probe for name, probe in container.items() if name.endswith("Probe")]
        assert {probe["httpGet"]["port"] for probe in probes} <= ports
    labels = [one["spec"]["template"]["metadata"]["labels"].items() for one in deployments.values()]
    selecting = [one["spec"]["selector"] for one in of_kind("Service").values()]
    selecting += [one["spec"]["selector"]["matchLabels"] for one in of_kind("PodDisruptionBudget").values()]
    assert [one for one in selecting if not any(one.items() <= label for label in labels)] == []
    assert of_kind("HorizontalPodAutoscaler")["api"]["spec"]["scaleTargetRef"]["name"] in deployments
    # One that may be gone is no use where there is only one.
    assert of_kind("PodDisruptionBudget").keys() == PROCESSES - {"keeper"}


def test_network__nothing_is_open_that_is_not_named() -> None:
    policies = of_kind("NetworkPolicy")
    closed = policies["tombola-nothing"]["spec"]
    assert closed["policyTypes"] == ["Ingress", "Egress"]
    assert not closed.keys() & {"ingress", "egress"}
    ways_in = [way for one in policies.values() for way in one["spec"].get("ingress", ())]
    assert ways_in
    assert all(way["from"] and way["ports"] for way in ways_in)
    assert all(way["ports"] for one in policies.values() for way in one["spec"].get("egress", ()))


def test_settings_of_the_example__exist__and_need_nothing_secret() -> None:
    known = {one.name: one for settings in sections().values() for one in settings}
    for name in ("settings.env", "listener.env"):
        told = dict(re.findall(r"^([A-Z_]+)=(.+)$", (FOLDER / "example" / name).read_text(), re.MULTILINE))
        assert told.keys() <= known.keys()
        assert [one for one in told if known[one].type == "secret"] == []


def test_release__every_object_comes_once_at_least__listener_and_migration_first() -> None:
    script = FOLDER / "release.sh"
    subprocess.run(["bash", "-n", script], check=True)
    selectors = re.findall(r"--selector '?\"?([^'\"\n]+)", script.read_text())
    processes = re.findall(r"for process in ([a-z ]+);", script.read_text())[0].split()
    wanted = [one.replace("$process", process) for one, process in product(selectors, processes)]
    applied = {name for selector in wanted for name in _selected(selector)}
    assert applied == {(one["kind"], one["metadata"]["name"]) for one in objects()}
    order = [
        selectors.index(f"app.kubernetes.io/component={one}") for one in ("listener", "migrate", "$process")
    ]
    assert order == sorted(order)


def _selected(selector: str) -> Iterator[tuple[str, str]]:
    terms = [re.fullmatch(r"([\w./]+)(!?=)([\w-]+)", term) for term in selector.split(",")]
    for one in objects():
        labels = one["metadata"]["labels"]
        if all(term and (labels.get(term[1]) == term[3]) is (term[2] == "=") for term in terms):
            yield one["kind"], one["metadata"]["name"]
