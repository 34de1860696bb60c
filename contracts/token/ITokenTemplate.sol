// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What the factory asks of every template
interface ITokenTemplate {
    /// @notice Only the factory that created the token sets it up, in the same transaction.
    error TokenNotFactory(address caller);
    /// @notice The token was set up before.
    error TokenAlreadyInitialized();
    /// @notice The template cannot make a token of this configuration.
    error TokenConfigInvalid(string field);

    /// @notice Sets up a fresh clone. The factory calls it once, when it creates the token.
    /// @param admin Holds the admin role; nobody does when it is the zero address.
    /// @param recipient Receives the initial supply less what is held back.
    /// @param held Part of the initial supply that the caller receives, to put it into vesting at once.
    function initialize(address admin, address recipient, uint256 initialSupply, uint256 held) external;
}
