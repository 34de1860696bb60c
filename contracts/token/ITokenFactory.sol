// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Launches tokens as clones of a template
/// @notice The address is known beforehand and bound to creator and configuration, so nobody can squat it. The factory
/// keeps no role on what it makes.
interface ITokenFactory {
    /// @notice The configuration of a token.
    /// @param admin Holds the admin and minter roles afterwards.
    /// @param recipient Receives the initial supply.
    /// @param cap Most that can ever exist, smallest unit; at most 2²⁰⁸ − 1 (votes).
    /// @param initialSupply Minted at creation, smallest unit (18 decimals).
    struct TokenConfig {
        string name;
        string symbol;
        address admin;
        address recipient;
        uint256 cap;
        uint256 initialSupply;
    }

    event TokenCreated(
        address indexed token,
        address indexed creator,
        address indexed template,
        string name,
        string symbol,
        address admin,
        address recipient,
        uint256 cap,
        uint256 initialSupply,
        bytes32 salt
    );
    event FeeChanged(uint256 fee);
    event TemplateChanged(address indexed template);
    event FeesWithdrawn(address indexed to, uint256 amount);

    error TokenFactoryConfigInvalid(string field);
    error TokenFactoryFeeAboveMax(uint256 fee, uint256 maxFee);
    error TokenFactoryFeeUnpaid(uint256 sent, uint256 fee);
    error TokenFactoryFeeTooHigh(uint256 fee, uint256 ceiling);
    error TokenFactoryWithdrawFailed(address to, uint256 amount);

    /// @notice Creates a token. Send at least the fee in POL; what is above it comes back. Reverts above `maxFee`.
    function createToken(
        TokenConfig calldata config,
        bytes32 salt,
        uint256 maxFee
    ) external payable returns (address token);

    /// @notice Where {createToken} called by `creator` puts the token.
    function predictToken(
        address creator,
        TokenConfig calldata config,
        bytes32 salt
    ) external view returns (address token);

    function isInstance(address token) external view returns (bool);

    /// @notice Tokens of a creator, oldest first: up to `count` starting at `from`.
    function instancesOf(
        address creator,
        uint256 from,
        uint256 count
    ) external view returns (address[] memory tokens);

    /// @notice Template that new tokens are clones of.
    function template() external view returns (address);

    /// @notice Fee of one creation in wei.
    function fee() external view returns (uint256);

    function setFee(uint256 fee) external;

    function setTemplate(address template) external;

    function withdrawFees(address payable to) external;
}
