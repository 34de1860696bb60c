// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {RateLimit} from "../lib/RateLimit.sol";
import {ITokenBridge} from "./ITokenBridge.sol";

/// @title Limits of bridges
abstract contract TokenBridge is ITokenBridge {
    using RateLimit for RateLimit.Bucket;

    struct Bridge {
        uint184 limit;
        uint40 window;
        RateLimit.Bucket minted;
        RateLimit.Bucket burned;
    }

    mapping(address bridge => Bridge state) private _bridges;

    /// @inheritdoc ITokenBridge
    function bridgeLimit(address bridge) external view returns (uint256 limit, uint256 window) {
        return (_bridges[bridge].limit, _bridges[bridge].window);
    }

    /// @inheritdoc ITokenBridge
    function bridgeAvailable(address bridge) external view returns (uint256 mintable, uint256 burnable) {
        Bridge memory state = _bridges[bridge];
        mintable = state.minted.available(state.limit, state.window);
        burnable = state.burned.available(state.limit, state.window);
    }

    function _setBridgeLimit(address bridge, uint256 limit, uint256 window) internal {
        if (window == 0 || window > type(uint40).max) revert TokenBridgeWindowInvalid(window);
        Bridge memory state = _bridges[bridge];
        // What was used until now shrank by the old limit, and shrinks by the new one from here.
        state.minted = state.minted.afterTaking(0, state.limit, state.window);
        state.burned = state.burned.afterTaking(0, state.limit, state.window);
        state.limit = SafeCast.toUint184(limit);
        state.window = uint40(window);
        _bridges[bridge] = state;
        emit BridgeLimitChanged(bridge, limit, window);
    }

    function _useMintLimit(address bridge, uint256 amount) internal {
        Bridge storage state = _bridges[bridge];
        state.minted = _taken(state, state.minted, bridge, amount);
    }

    function _useBurnLimit(address bridge, uint256 amount) internal {
        Bridge storage state = _bridges[bridge];
        state.burned = _taken(state, state.burned, bridge, amount);
    }

    function _taken(
        Bridge storage state,
        RateLimit.Bucket memory bucket,
        address bridge,
        uint256 amount
    ) private view returns (RateLimit.Bucket memory) {
        (uint256 limit, uint256 window) = (state.limit, state.window);
        uint256 available = bucket.available(limit, window);
        if (amount > available) revert TokenBridgeLimitExceeded(bridge, amount, available);
        return bucket.afterTaking(amount, limit, window);
    }
}
