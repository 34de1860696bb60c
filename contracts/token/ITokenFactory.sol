// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVesting} from "../vesting/IVesting.sol";

/// @title Launches tokens as clones of registered templates
/// @notice The address is known beforehand and bound to creator and configuration, so nobody can squat it. The factory
/// keeps no role and no token on what it makes.
interface ITokenFactory {
    /// @notice The configuration of a token.
    /// @param name 1 to 64 bytes.
    /// @param symbol 1 to 32 bytes.
    /// @param admin Holds the admin role afterwards; zero where no feature needs one.
    /// @param recipient Receives the initial supply, less what goes into vesting.
    /// @param cap Most that can ever exist, smallest unit, at most 2¹⁸⁴ − 1; 0 for no cap.
    /// @param initialSupply Minted at creation, smallest unit (18 decimals).
    /// @param templateId Registered template that the token is a clone of.
    /// @param features What the token may do, for its whole life: bits of {TokenFeatures}.
    struct TokenConfig {
        string name;
        string symbol;
        address admin;
        address recipient;
        uint256 cap;
        uint256 initialSupply;
        uint256 templateId;
        uint8 features;
    }

    /// @notice A vesting plan of a launch, with its grants.
    /// @param config Its token must be the address that {predictToken} tells.
    /// @param grants At least one.
    struct LaunchPlan {
        IVesting.PlanConfig config;
        IVesting.GrantInput[] grants;
    }

    /// @notice A token was made and set up. `salt` is the creator's own; the rest is the configuration.
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
        bytes32 salt,
        uint256 templateId,
        uint8 features
    );
    /// @notice A token's creation put `vested` of its supply into the vesting contract, on these plans.
    event TokenVested(address indexed token, address indexed creator, uint256[] planIds, uint256 vested);
    /// @notice Creation is open to all, or to those allowed only.
    event CreationOpened(bool open);
    /// @notice An account may create tokens while creation is not open, or may no longer.
    event CreatorAllowed(address indexed creator, bool allowed);

    /// @notice This field of the configuration cannot be used.
    error TokenFactoryConfigInvalid(string field);
    /// @notice Creation is not open, and this account is not on the list.
    error TokenFactoryCreatorNotAllowed(address creator);
    /// @notice OpenZeppelin's: the creator made a token of this configuration and salt before.
    error FailedDeployment();
    /// @notice This field of the plan at `position` cannot be used.
    error TokenFactoryPlanInvalid(uint256 position, string field);
    /// @notice The vesting contract did not take all it was given.
    error TokenFactoryVestingIncomplete(uint256 balance, uint256 allowance);

    /// @notice Creates a token. Reverts when the fee is above `maxFee`. A fee in POL is sent along, and what is above it
    /// comes back; a fee in an ERC-20 is taken by allowance.
    function createToken(
        TokenConfig calldata config,
        bytes32 salt,
        uint256 maxFee
    ) external payable returns (address token);

    /// @notice Creates a token and puts part of its initial supply into vesting, all or nothing. The creator owns the plans.
    /// @param plans Together they vest at most the initial supply.
    function launch(
        TokenConfig calldata config,
        LaunchPlan[] calldata plans,
        bytes32 salt,
        uint256 maxFee
    ) external payable returns (address token, uint256[] memory planIds);

    /// @notice Opens creation to all, or keeps it to those allowed.
    function setOpen(bool open) external;

    /// @notice Allows or forbids creators, which counts while creation is not open.
    function setCreators(address[] calldata creators, bool allowed) external;

    /// @notice Where {createToken} or {launch} called by `creator` puts the token.
    function predictToken(
        address creator,
        TokenConfig calldata config,
        bytes32 salt
    ) external view returns (address token);

    /// @notice Whether this factory made the token, as a clone of a template registered then.
    function isInstance(address token) external view returns (bool);

    /// @notice Tokens of a creator, oldest first: up to `count` starting at `from`.
    function instancesOf(
        address creator,
        uint256 from,
        uint256 count
    ) external view returns (address[] memory tokens);

    /// @notice Whether anyone may create tokens.
    function isOpen() external view returns (bool);

    /// @notice Whether an account may create tokens now.
    function canCreate(address creator) external view returns (bool);

    /// @notice The vesting contract of {launch}.
    function vesting() external view returns (address);
}
