"""What tokens and their factory cost: creation, moves, signatures, votes and bridges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tests.contracts.kit import ZERO
from tests.contracts.token_kit import (
    BRIDGE_ROLE,
    FULL,
    PLAIN,
    TokenKit,
    sign_authorization,
    sign_permit,
)

if TYPE_CHECKING:
    from benchmarks.gas_scenes import Scenes

DAY = 86_400
CAP, SUPPLY = 10**27, 10**26
AMOUNT = 10**20
ALL_FEATURES = 15


def deploy_templates(scenes: Scenes) -> list[tuple[bytes, Any]]:
    """Both kinds of token."""
    deploy, project = scenes.deployer.deploy, scenes.project
    return [(FULL, deploy(project.Token)), (PLAIN, deploy(project.PlainToken))]


def deploy_factory(scenes: Scenes) -> Any:
    """A factory with both templates; the deployer is its owner and treasury."""
    arguments = (scenes.deployer, scenes.deployer, scenes.vesting, 0, scenes.templates)
    return scenes.deployer.deploy(scenes.project.TokenFactory, *arguments)


def token_scenes(scenes: Scenes) -> Iterator[tuple[str, int]]:
    """Gas by operation."""
    kit = TokenKit(scenes.project, scenes.factory, scenes.chain, scenes.deployer)
    yield from _creation(scenes, kit)
    yield from _moves(scenes, kit)
    yield from _signatures(scenes, kit)
    yield from _votes(scenes, kit)
    yield from _bridges(scenes, kit)


def _creation(scenes: Scenes, kit: TokenKit) -> Iterator[tuple[str, int]]:
    def create(number: int, **changes: Any) -> Any:
        config = kit.config(**({"cap": CAP, "initialSupply": SUPPLY} | changes))
        return scenes.factory.createToken(config, number.to_bytes(32), 0, sender=scenes.deployer)

    yield "token: create, first of a creator", create(1).gas_used
    yield "token: create, later", create(2).gas_used
    plain = create(3, cap=SUPPLY, admin=ZERO, templateId=2, features=0)
    yield "token: create plain", plain.gas_used
    yield "token: create and vest one grant", _launch(scenes, kit).gas_used


def _launch(scenes: Scenes, kit: TokenKit) -> Any:
    config, salt = kit.config(cap=CAP, initialSupply=SUPPLY), (4).to_bytes(32)
    token = scenes.factory.predictToken(scenes.deployer, config, salt)
    plan = (token, scenes.chain.pending_timestamp, 0, 365 * DAY, 1, 0)
    plans = [(plan, [(scenes.buyer, AMOUNT)])]
    return scenes.factory.launch(config, plans, salt, 0, sender=scenes.deployer)


def _moves(scenes: Scenes, kit: TokenKit) -> Iterator[tuple[str, int]]:
    deployer, buyer = scenes.deployer, scenes.buyer
    plain = kit.plain(b"\5" * 32, cap=SUPPLY, initialSupply=SUPPLY)
    token = kit.create(b"\5" * 32, cap=CAP, initialSupply=SUPPLY)
    pausable = kit.create(b"\6" * 32, cap=CAP, initialSupply=SUPPLY, features=ALL_FEATURES)
    for one in (token, pausable, plain):
        one.transfer(buyer, AMOUNT, sender=deployer)
    yield "token: transfer to a holder", token.transfer(buyer, AMOUNT, sender=deployer).gas_used
    pausing = pausable.transfer(buyer, AMOUNT, sender=deployer)
    yield "token: transfer to a holder, can be paused", pausing.gas_used
    yield "token: transfer to a holder, plain", plain.transfer(buyer, AMOUNT, sender=deployer).gas_used
    token.mint(buyer, AMOUNT, sender=deployer)
    yield "token: mint", token.mint(buyer, AMOUNT, sender=deployer).gas_used
    pausable.burn(AMOUNT, sender=deployer)
    yield "token: burn", pausable.burn(AMOUNT, sender=deployer).gas_used


def _signatures(scenes: Scenes, kit: TokenKit) -> Iterator[tuple[str, int]]:
    deployer, buyer = scenes.deployer, scenes.buyer
    token = kit.create(b"\7" * 32, cap=CAP, initialSupply=SUPPLY)
    token.transfer(buyer, AMOUNT, sender=deployer)
    deadline = scenes.chain.pending_timestamp + DAY
    signature = sign_permit(token, deployer, buyer, AMOUNT, deadline)
    v, r, s = signature[64], signature[:32], signature[32:64]
    permitted = token.permit(deployer, buyer, AMOUNT, deadline, v, r, s, sender=buyer)
    yield "token: permit", permitted.gas_used
    for name in ("transferWithAuthorization", "receiveWithAuthorization"):
        terms = (deployer.address, buyer.address, AMOUNT, 0, deadline, name.encode().ljust(32, b"\1"))
        signed = sign_authorization(token, deployer, name, terms)
        yield f"token: {name}", getattr(token, name)(*terms, signed, sender=buyer).gas_used


def _votes(scenes: Scenes, kit: TokenKit) -> Iterator[tuple[str, int]]:
    deployer, buyer = scenes.deployer, scenes.buyer
    token = kit.create(b"\x08" * 32, cap=CAP, initialSupply=SUPPLY)
    token.transfer(buyer, AMOUNT, sender=deployer)
    yield "token: delegate, first", _delegate(token, deployer, deployer)
    _delegate(token, buyer, buyer)
    token.transfer(buyer, AMOUNT, sender=deployer)
    moved = token.transfer(buyer, AMOUNT, sender=deployer)
    yield "token: transfer to a holder, both delegate", moved.gas_used


def _delegate(token: Any, account: Any, delegatee: Any) -> int:
    # ape's accounts have a `delegate` of their own, which hides the token's.
    return int(token.invoke_transaction("delegate", delegatee, sender=account).gas_used)


def _bridges(scenes: Scenes, kit: TokenKit) -> Iterator[tuple[str, int]]:
    deployer, buyer = scenes.deployer, scenes.buyer
    token = kit.create(b"\x09" * 32, cap=CAP, initialSupply=SUPPLY, features=ALL_FEATURES)
    token.grantRole(BRIDGE_ROLE, deployer, sender=deployer)
    token.setBridgeLimit(deployer, SUPPLY, DAY, sender=deployer)
    token.crosschainMint(buyer, AMOUNT, sender=deployer)
    yield "token: crosschainMint", token.crosschainMint(buyer, AMOUNT, sender=deployer).gas_used
    token.crosschainBurn(buyer, AMOUNT, sender=deployer)
    yield "token: crosschainBurn", token.crosschainBurn(buyer, AMOUNT, sender=deployer).gas_used
