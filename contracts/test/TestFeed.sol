// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A price feed that answers what it is told, or misbehaves
contract TestFeed {
    enum Manner {
        Answer,
        Revert,
        BurnGas,
        AnswerLittle,
        AnswerMuch
    }

    error TestFeedRefuses();

    /// @notice As a feed's.
    uint8 public decimals;
    Manner private _manner;
    uint80 private _roundId;
    int256 private _answer;
    uint256 private _updatedAt;
    uint80 private _answeredInRound;

    constructor(uint8 decimals_, int256 answer) {
        decimals = decimals_;
        setRound(1, answer, block.timestamp, 1);
    }

    function behave(Manner manner) external {
        _manner = manner;
    }

    /// @notice A new answer of this moment.
    function update(int256 answer) external {
        setRound(_roundId + 1, answer, block.timestamp, _roundId + 1);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        if (_manner == Manner.Revert) revert TestFeedRefuses();
        if (_manner == Manner.BurnGas) {
            // solhint-disable-next-line no-empty-blocks
            while (true) {}
        }
        uint256 length = _manner == Manner.AnswerLittle ? 128 : 100_000;
        if (_manner == Manner.AnswerLittle || _manner == Manner.AnswerMuch) {
            bytes memory round = abi.encode(_roundId, _answer, _updatedAt, _updatedAt, _answeredInRound);
            assembly ("memory-safe") {
                return(add(round, 0x20), length)
            }
        }
        return (_roundId, _answer, _updatedAt, _updatedAt, _answeredInRound);
    }

    function setRound(uint80 roundId, int256 answer, uint256 updatedAt, uint80 answeredInRound) public {
        (_roundId, _answer, _updatedAt, _answeredInRound) = (roundId, answer, updatedAt, answeredInRound);
    }
}
