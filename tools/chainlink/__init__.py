"""Chainlink's VRFCoordinatorV2_5, unchanged, for chains that have none: the local one and those of tests.

It pins Solidity 0.8.19, our contracts use a newer compiler: so it is compiled here, by npm's solc 0.8.19, from the
sources of npm's @chainlink/contracts into `.build/chainlink/VRFCoordinatorV2_5.json` (`abi`, `bytecode`).
Set-up does it (`python -m tools.chainlink`); `coordinator()` reads the file, and makes it where it is missing or of
other sources. Who uses it: scripts/_coordinator.py, tests/evm. Tests: tests/tools/test_chainlink.py.
"""

from tools.chainlink.artifact import Artifact, ChainlinkBuildError, coordinator

__all__ = ["Artifact", "ChainlinkBuildError", "coordinator"]
