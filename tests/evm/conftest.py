"""The face is tested on every engine that this machine has."""

from tests.evm.plugin import *  # noqa: F403
