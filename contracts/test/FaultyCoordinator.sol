// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable no-complex-fallback

/// @title A coordinator that misbehaves when it is asked
contract FaultyCoordinator {
    enum Fault {
        Revert,
        BurnGas,
        AnswerNothing,
        AnswerTheSame,
        AnswerMuch
    }

    error FaultyCoordinatorRefuses();

    Fault private immutable _fault;

    constructor(Fault fault) {
        _fault = fault;
    }

    /// @dev Takes the place of `requestRandomWords`.
    fallback() external {
        if (_fault == Fault.Revert) revert FaultyCoordinatorRefuses();
        if (_fault == Fault.BurnGas) {
            // solhint-disable-next-line no-empty-blocks
            while (true) {}
        }
        if (_fault == Fault.AnswerNothing) return;
        uint256 length = _fault == Fault.AnswerMuch ? 100_000 : 32;
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore(at, 7)
            return(at, length)
        }
    }
}
