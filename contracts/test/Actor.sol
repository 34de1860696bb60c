// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable no-complex-fallback, avoid-low-level-calls

/// @title An account that is a contract, well-behaved or not
contract Actor {
    /// @notice What happens when POL arrives.
    enum Manner {
        Accept,
        Refuse,
        BurnGas,
        Reenter
    }

    error ActorRefuses();

    Manner private _manner;
    address private _target;
    bytes private _data;
    /// @notice What the re-entering call answered.
    bytes public answer;

    receive() external payable {
        if (_manner == Manner.Refuse) revert ActorRefuses();
        if (_manner == Manner.BurnGas) {
            // solhint-disable-next-line no-empty-blocks
            while (true) {}
        }
        if (_manner == Manner.Reenter) {
            (bool success, bytes memory result) = _target.call(_data);
            answer = success ? bytes("done") : result;
        }
    }

    function behave(Manner manner, address target, bytes calldata data) external {
        _manner = manner;
        _target = target;
        _data = data;
    }

    function execute(address target, bytes calldata data) external payable {
        (bool success, bytes memory reason) = target.call{value: msg.value}(data);
        if (success) return;
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }
}
