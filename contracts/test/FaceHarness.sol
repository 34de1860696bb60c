// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What the tests of tests/evm call: every kind of value, answer, refusal and cost
contract FaceHarness {
    struct Inner {
        address who;
        bytes32[] words;
    }

    struct Outer {
        uint256 number;
        Inner[] parts;
        string text;
    }

    event Kept(address indexed who, string indexed label, Outer value);

    error FaceRefused(address who, uint256 number);

    uint256 public stored;
    uint256 private transient _entered;

    constructor(uint256 first) payable {
        if (first == 0) revert FaceRefused(msg.sender, first);
        stored = first;
    }

    receive() external payable {}

    function echo(Outer calldata value) external pure returns (Outer memory same, uint256 count) {
        return (value, value.parts.length);
    }

    function keep(Outer calldata value) external returns (uint256 before) {
        before = stored;
        stored = value.number;
        emit Kept(msg.sender, value.text, value);
    }

    function pick(uint256 number) external pure returns (uint256) {
        return number;
    }

    function pick(bytes32 word) external pure returns (bytes32) {
        return word;
    }

    /// @notice How often this was called in this transaction.
    function enter() external returns (uint256) {
        return ++_entered;
    }

    function refuse(uint256 number) external {
        stored = number;
        revert FaceRefused(msg.sender, number);
    }

    function say(string calldata text) external pure {
        revert(text);
    }

    function overflow() external {
        stored = type(uint256).max;
        ++stored;
    }

    function spin() external pure {
        for (uint256 i = 0; i < type(uint256).max; ++i) {}
    }

    function silent() external pure {
        // solhint-disable-next-line reason-string, gas-custom-errors
        require(false);
    }

    function moment() external view returns (uint256 time, uint256 number, uint256 chain) {
        return (block.timestamp, block.number, block.chainid);
    }

    function relay(address payable to) external payable returns (address sender) {
        to.transfer(msg.value);
        return msg.sender;
    }
}
