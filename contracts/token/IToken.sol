// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What a Tombola token has beyond ERC-20, ERC-2612, ERC-5805 and roles
/// @notice Name, symbol and cap stand in the clone's code and never change. Votes count by timestamp.
interface IToken {
    error TokenCapExceeded(uint256 supply, uint256 cap);
    /// @notice Only the factory that created the token sets it up, in the same transaction.
    error TokenNotFactory(address caller);

    /// @notice Sets up a fresh clone. The factory calls it once, when it creates the token.
    /// @param admin Holds the admin role and with it the minter role; nobody does when it is the zero address.
    /// @param recipient Receives the initial supply.
    function initialize(address admin, address recipient, uint256 initialSupply) external;

    /// @notice Role that may mint. Whoever holds the admin role holds it too.
    function MINTER_ROLE() external view returns (bytes32);

    /// @notice Most that can ever exist, smallest unit.
    function cap() external view returns (uint256);

    /// @notice Creates tokens up to the cap. Minter role only.
    function mint(address to, uint256 amount) external;

    /// @notice Destroys own tokens.
    function burn(uint256 amount) external;
}
