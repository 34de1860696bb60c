// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What a Tombola token has beyond ERC-20, signatures, votes and bridges
/// @notice Name, symbol, cap and features stand in the clone's code and never change. The admin (`DEFAULT_ADMIN_ROLE`)
/// gives and takes roles and may do what minters and pausers may; nobody can give a token a feature it was made without.
interface IToken {
    /// @notice `account` stopped moves.
    event Paused(address account);
    /// @notice `account` lets tokens move again.
    event Unpaused(address account);

    /// @notice The token was made without this feature: "mint", "burn", "pause" or "bridge".
    error TokenFeatureMissing(string feature);
    /// @notice The token is paused.
    error TokenPaused();
    /// @notice The token is not paused.
    error TokenNotPaused();

    /// @notice Creates tokens up to the cap. Minter role or admin, with the mint feature.
    function mint(address to, uint256 amount) external;

    /// @notice Destroys own tokens, with the burn feature.
    function burn(uint256 amount) external;

    /// @notice Destroys tokens by allowance, with the burn feature.
    function burnFrom(address account, uint256 amount) external;

    /// @notice Stops moves: transfers of every kind, and burning by bridges, which takes tokens to another chain. Approvals,
    /// votes, minting, arrivals by bridge and burning one's own go on. Pauser role or admin, with the pause feature.
    function pause() external;

    /// @notice Lets tokens move again. Pauser role or admin.
    function unpause() external;

    /// @notice Whether moves are stopped.
    function paused() external view returns (bool);

    /// @notice Bits of {TokenFeatures}: 1 mint, 2 burn, 4 pause, 8 bridge.
    function features() external view returns (uint8);

    /// @notice Role that may mint.
    function MINTER_ROLE() external view returns (bytes32);

    /// @notice Role that may pause and unpause.
    function PAUSER_ROLE() external view returns (bytes32);

    /// @notice Role of bridges. The admin is none, unless given the role.
    function BRIDGE_ROLE() external view returns (bytes32);
}
