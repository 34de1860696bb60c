// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRandomness} from "../randomness/IRandomness.sol";

// solhint-disable avoid-low-level-calls, no-complex-fallback

/// @title A coordinator that does what no honest one would: when it is asked, and when it answers
contract LyingCoordinator {
    /// @dev What happens when it is asked. `Answer` gives the number that was set; `Call` makes the call that was set
    /// before it does.
    enum Mode {
        Answer,
        Refuse,
        BurnGas,
        AnswerNothing,
        AnswerHalfAWord,
        AnswerMuch,
        Call
    }

    /// @notice It was asked, and this came of its own call into `target`.
    event Called(address target, bool success, bytes answer);
    /// @notice It delivered words, and the callback used so much gas.
    event Delivered(uint256 indexed requestId, bool success, bytes answer, uint256 used);

    error LyingCoordinatorRefuses();

    Mode private _mode;
    uint256 private _number;
    address private _target;
    bytes private _data;

    /// @notice How to behave from now on; `id` is the number of requests.
    function behave(Mode mode, uint256 id) external {
        (_mode, _number) = (mode, id);
    }

    /// @notice What to call in mode `Call`.
    function prepare(address target, bytes calldata data) external {
        (_target, _data) = (target, data);
    }

    /// @notice Calls back with this much gas; a refusal is recorded, not passed on.
    function deliver(address consumer, uint256 requestId, uint256[] calldata words, uint256 limit) external {
        bytes memory data = abi.encodeCall(IRandomness.rawFulfillRandomWords, (requestId, words));
        uint256 before = gasleft();
        (bool success, bytes memory answer) = consumer.call{gas: limit}(data);
        emit Delivered(requestId, success, answer, before - gasleft());
    }

    /// @dev Takes the place of `requestRandomWords`, whatever its arguments.
    fallback() external {
        Mode mode = _mode;
        if (mode == Mode.Refuse) revert LyingCoordinatorRefuses();
        if (mode == Mode.AnswerNothing) return;
        if (mode == Mode.BurnGas) {
            // solhint-disable-next-line no-empty-blocks
            while (true) {}
        }
        if (mode == Mode.Call) {
            (bool success, bytes memory answer) = _target.call(_data);
            emit Called(_target, success, answer);
        }
        uint256 answer_ = _number;
        uint256 length =
            mode == Mode.AnswerMuch
                ? 100_000
                : mode == Mode.AnswerHalfAWord
                    ? 16
                    : 32;
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore(at, answer_)
            return(at, length)
        }
    }
}
