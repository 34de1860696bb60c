// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What a Tombola token has beyond ERC-20, ERC-2612 and ERC-5805
interface IToken {
    error TokenCapExceeded(uint256 supply, uint256 cap);
    error TokenCapInvalid(uint256 cap);

    /// @notice Sets up a fresh clone; once.
    function initialize(
        string calldata name,
        string calldata symbol,
        address admin,
        address recipient,
        uint256 cap,
        uint256 initialSupply
    ) external;

    /// @notice Most that can ever exist, smallest unit.
    function cap() external view returns (uint256);

    /// @notice Creates tokens up to the cap. Minter role only.
    function mint(address to, uint256 amount) external;

    /// @notice Destroys own tokens.
    function burn(uint256 amount) external;
}
